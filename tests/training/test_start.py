"""A run starts from a file of the Keras tutorial with exactly its network."""

from pathlib import Path

import numpy as np
import pytest

from figureground.errors import RunError
from figureground.models import presets
from figureground.models.tutorial_weights import load_tutorial
from figureground.training.recipe import Recipe
from figureground.training.start import start_network


def test_a_run_starts_as_the_articles_file_predicts(
    tutorial_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tutorial_files / "keras2" / "model.h5"
    small = load_tutorial(path).preset  # the article's has 512 filters, this file 12
    monkeypatch.setitem(presets.PRESETS, "tutorial", small)
    network = start_network(Recipe(data=("people",), preset="tutorial", init=str(path)))
    with np.load(path.parent / "expected.npz") as kept:
        rgb = np.ascontiguousarray(kept["image"][..., ::-1], np.float32) / 255
        found = np.asarray(network(rgb[None], training=False))[0]
        np.testing.assert_allclose(found, kept["mattes"], atol=1e-5)


def test_a_file_of_other_filters_is_refused(
    tutorial_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tutorial_files / "keras2" / "model.h5"
    small = load_tutorial(path).preset
    monkeypatch.setitem(presets.PRESETS, "other", small.__class__(**{**vars(small), "bridge": 8}))
    with pytest.raises(RunError, match="with filters of its own"):
        start_network(Recipe(data=("people",), preset="other", init=str(path)))
