"""How a network is compiled."""

import numpy as np
import pytest
from tiny import TINY

from figureground.models.network import build_network
from figureground.training.optimizer import Rate, compile_network
from figureground.training.recipe import Recipe


def test_the_rate_is_worked_out_once_a_step_not_once_a_variable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe, calls = Recipe(data=("x",), preset="tiny", image_size=32, epochs=2), []
    network = build_network(TINY, backbone_weights="none")
    compile_network(network, recipe, 10)
    plain = Rate.__call__

    def noting(self: Rate, step: object) -> object:
        calls.append(1)
        return plain(self, step)

    monkeypatch.setattr(Rate, "__call__", noting)
    image, truth = np.zeros((1, 32, 32, 3), np.float32), np.ones((1, 32, 32, 1), np.float32)
    network.train_on_batch(image, truth)
    assert len(calls) == 1  # Keras traces a step twice where it has to make the metric within it
