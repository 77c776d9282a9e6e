"""One step of the optimizer against Keras's own, of many operations a variable."""

import keras
import numpy as np
import pytest
from keras import ops

from figureground.training.layerwise import layerwise
from figureground.training.optimizer import Rate
from figureground.training.recipe import Recipe

SHARED = {"weight_decay": 1e-2, "global_clipnorm": 1.0, "use_ema": True, "ema_momentum": 0.5}


def learnt(optimizer: keras.optimizers.Optimizer) -> np.ndarray:
    """The weights, and the optimizer's own, after four steps on the same gradients."""
    rng = np.random.default_rng(3)
    variables = [keras.Variable(rng.random(shape, np.float32)) for shape in ((3, 4), (5,))]
    optimizer.build(variables)
    for _ in range(4):
        gradients = [ops.convert_to_tensor(rng.normal(size=v.shape)) for v in variables]
        optimizer.apply([ops.cast(one, "float32") for one in gradients], variables)
    return np.concatenate(
        [np.ravel(ops.convert_to_numpy(v)) for v in [*variables, *optimizer.variables]]
    )


KINDS = [keras.optimizers.AdamW, keras.optimizers.Adam, keras.optimizers.SGD]


@pytest.mark.parametrize("steps", [None, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_a_step_is_that_of_keras(kind: type[keras.optimizers.Optimizer], steps: int | None) -> None:
    recipe = Recipe(data=("x",), epochs=2)
    ours, theirs = (
        one(Rate(recipe, 10, 0), gradient_accumulation_steps=steps, **SHARED)
        for one in (layerwise(kind), kind)
    )
    ours.shares = {}
    np.testing.assert_allclose(learnt(ours), learnt(theirs), rtol=2e-5, atol=1e-7)


def test_a_share_of_the_rate_moves_a_variable_so_much_less() -> None:
    moved = []
    for share in (1.0, 0.25):
        optimizer = layerwise(keras.optimizers.Adam)(0.1)
        variable = keras.Variable(np.ones(3, np.float32))
        optimizer.build([variable])
        optimizer.shares = {optimizer._var_key(variable): share}
        optimizer.apply([ops.ones(3)], [variable])
        moved.append(1 - ops.convert_to_numpy(variable))
    np.testing.assert_allclose(moved[1], 0.25 * moved[0], rtol=1e-4)
