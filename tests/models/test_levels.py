"""A network of others that takes levels of 0 to 255 is refused, whichever file of Keras it is in."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from numpy.typing import NDArray
from tiny import TINY

from figureground.engines import keras as keras_engine
from figureground.engines import saved_model
from figureground.errors import ModelError
from figureground.models import levels, tutorial_proof
from figureground.models.levels import check_levels
from figureground.models.network import build_network
from figureground.models.presets import LITE
from figureground.models.tutorial_proof import open_tutorial
from figureground.models.tutorial_weights import load_tutorial

SIDE = 32
Matte = NDArray[np.float32]
Save = Callable[[keras.Model, Path], Path]


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> NDArray[np.float32]:
    """The photo's place is taken by a dark red person before white; red, so that orders differ."""
    mask = np.zeros((SIDE, SIDE), np.float32)
    mask[8:24, 8:24] = 1
    rgb = np.dstack([1 - mask * np.float32(0.4), 1 - mask, 1 - mask])
    for module in (levels, saved_model):
        monkeypatch.setattr(module, "photograph", lambda side: (rgb, mask))
    return mask


def network(white: float) -> keras.Model:
    """Its matte is 1 where green is below half of white; it has weights, as networks do."""
    image = keras.Input((SIDE, SIDE, 3))
    layer = keras.layers.Conv2D(1, 1, activation="sigmoid")
    made = keras.Model(image, layer(image))
    kernel = np.array([0, -40 / white, 0], np.float32).reshape(1, 1, 3, 1)
    layer.set_weights([kernel, np.array([20], np.float32)])
    return made


def save_file(made: keras.Model, path: Path) -> Path:
    made.save(path.with_suffix(".keras"))
    return path.with_suffix(".keras")


def save_folder(made: keras.Model, path: Path) -> Path:
    made.export(path, verbose=False)
    return path


@pytest.mark.usefixtures("person")
@pytest.mark.parametrize(
    ("save", "opener"), [(save_file, keras_engine), (save_folder, saved_model)]
)
def test_a_network_of_keras_for_levels_up_to_255_is_refused(
    tmp_path: Path, save: Save, opener
) -> None:
    right = save(network(1.0), tmp_path / "right")
    assert opener.open_engine(right, color="rgb").size == (SIDE, SIDE)
    wrong = save(network(255.0), tmp_path / "wrong")
    with pytest.raises(ModelError, match="levels of 0 to 255"):
        opener.open_engine(wrong, color="rgb")


def test_a_network_that_was_built_here_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("asked")

    monkeypatch.setattr(keras_engine, "check_levels", refuse)
    ours = build_network(replace(TINY, name="lite"), backbone_weights="none")
    path = save_file(ours, tmp_path / "ours")
    assert keras_engine.open_engine(path).size == (LITE.size, LITE.size)
    with pytest.raises(AssertionError, match="asked"):
        keras_engine.open_engine(save_file(network(1.0), tmp_path / "other"))


def test_the_order_of_channels_does_not_hide_it(person: NDArray[np.float32]) -> None:
    def run(white: float) -> levels.Run:
        def first_is_blue(seen: NDArray[np.float32]) -> NDArray[np.float32]:
            return (seen[..., 0] < white / 2).astype(np.float32)

        return first_is_blue

    check_levels(run(1.0), (SIDE, SIDE), Path("bgr.h5"))
    with pytest.raises(ModelError, match="levels of 0 to 255"):
        check_levels(run(255.0), (SIDE, SIDE), Path("bgr.h5"))


@pytest.mark.usefixtures("person")
def test_a_file_of_the_tutorial_trained_on_255_is_refused(
    tutorial_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tutorial_files / "keras2" / "model.weights.h5"
    loaded = load_tutorial(path)
    monkeypatch.setattr(tutorial_proof, "load_tutorial", lambda path, color: loaded)
    for white in (1.0, 255.0):  # the files at hand have learned too little to find anybody

        def below(network: keras.Model, seen: NDArray[np.float32], white: float = white) -> Matte:
            return (seen[..., 1] < white / 2).astype(np.float32)

        monkeypatch.setattr(tutorial_proof, "_matte", below)
        if white == 1:
            assert open_tutorial(path).network is loaded.network
    for color in (None, "bgr", "rgb"):
        with pytest.raises(ModelError, match="levels of 0 to 255"):
            open_tutorial(path, color=color)
