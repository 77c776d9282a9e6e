"""The other backends of Keras: each trains as TensorFlow does, in a process of its own."""

import csv
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import keras
import pytest
from tiny import TINY

from figureground.models.network import build_network
from figureground.training.recipe import Recipe
from figureground.training.recipe_file import save_recipe
from figureground.training.train import train

pytestmark = pytest.mark.slow

TRAIN = """
import sys
from pathlib import Path
from dataclasses import replace
import keras, numpy as np, tiny
from figureground.models.network import build_network
from figureground.training.optimizer import compile_network
from figureground.training.recipe_file import load_recipe
from figureground.training.train import train

recipe = load_recipe(Path(sys.argv[1]))
train(recipe, Path(sys.argv[2]))

network = build_network(tiny.TINY, backbone_weights="none")
rate = compile_network(network, replace(recipe, ema_momentum=0.0), 10, first=1)
some = np.random.default_rng(0).random((4, 32, 32, 3), np.float32)
kernel = network.get_layer("bridge_mix_conv").kernel
for share in (1.0, 0.0):
    rate.scale(network, share)
    before = np.array(keras.ops.convert_to_numpy(kernel))
    network.fit(some, some[..., :1], verbose=0)
    moved = np.abs(keras.ops.convert_to_numpy(kernel) - before).max()
    print(keras.backend.backend(), share, moved > 0)
"""


def metrics(run: Path) -> list[dict[str, float]]:
    with (run / "metrics.csv").open(newline="") as file:
        return [
            {k: float(v) for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)
        ]


@pytest.fixture(scope="module")
def recipe(people: Path, tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """Everything that has to do with tensors, from weights that all begin with."""
    start = tmp_path_factory.mktemp("start") / "tiny.weights.h5"
    keras.utils.set_random_seed(3)
    build_network(TINY, backbone_weights="none").save_weights(start)
    return Recipe(
        data=(str(people),), preset="tiny", init=str(start), image_size=32, epochs=2, batch_size=4,
        val_share=0.3, learning_rate=0.002, warmup=0.5, ema_momentum=0.4, edge_weight=4.0,
        unknown_weight=1.0, encoder_lr_scale=0.1, copy_paste=0.3, schedule="constant",
        losses=dict.fromkeys(("bce", "boundary", "dice", "focal", "laplacian", "tversky"), 1.0),
        teachers=(str(start),), distillation_weight=0.1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def expected(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, float]]:
    out = tmp_path_factory.mktemp("tensorflow")
    train(recipe, out)
    return metrics(out)


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_backend_trains_to_the_same_figures(
    backend: str, recipe: Recipe, expected: list[dict[str, float]], tmp_path: Path
) -> None:
    if find_spec(backend) is None:
        pytest.skip(f"Keras's backend {backend} is not installed: pip install {backend}")
    save_recipe(recipe, tmp_path / "mine.toml")
    tests = str(Path(__file__).parents[1])
    path = os.pathsep.join([tests, *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-c", TRAIN, str(tmp_path / "mine.toml"), str(tmp_path / "run")],
        env={**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": path, "JAX_PLATFORMS": "cpu"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split() == [backend, "1.0", "True", backend, "0.0", "False"]
    found = metrics(tmp_path / "run")
    assert len(found) == len(expected) == recipe.epochs
    for ours, theirs in zip(found, expected, strict=True):
        assert ours == pytest.approx(theirs, rel=1e-3)
