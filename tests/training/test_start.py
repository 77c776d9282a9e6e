"""A run starts from a file of the Keras tutorial with exactly its network."""

import shutil
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from figureground.errors import RunError
from figureground.models import presets
from figureground.models.tutorial_weights import load_tutorial
from figureground.training import checkpoints, start
from figureground.training.recipe import Recipe
from figureground.training.run_dir import MARK
from figureground.training.start import start_network


@pytest.mark.parametrize(
    "name",
    [
        "keras2/model.h5", "keras2/model.keras", "keras2/model.weights.h5", "keras2/saved_model",
        "keras3/model.weights.h5", "keras3/saved_model", "tf212/model.weights.h5",
    ],
)  # fmt: skip
def test_a_run_starts_as_the_articles_file_predicts(
    tutorial_files: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = tutorial_files / name
    # The article's has 512 filters, these files 12.
    small = load_tutorial(tutorial_files / "keras2" / "model.h5").preset
    monkeypatch.setitem(presets.PRESETS, "tutorial", small)
    monkeypatch.setattr(checkpoints, "check_network", lambda path: None)  # has tests of its own
    network = start_network(Recipe(data=("people",), preset="tutorial", init=str(path)))
    with np.load(path.parent / "expected.npz") as kept:
        rgb = np.ascontiguousarray(kept["image"][..., ::-1], np.float32) / 255
        found = np.asarray(network(rgb[None], training=False))[0]
        np.testing.assert_allclose(found, kept["mattes"], atol=1e-5)


@pytest.mark.parametrize(
    ("preset", "marked", "told"),
    [("resnet50", False, "not written by figureground"), ("resnet50", True, "of preset tutorial")],
)
def test_weights_that_fit_by_chance_are_refused(
    tutorial_files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    preset: str, marked: bool, told: str,
) -> None:  # fmt: skip
    path = tmp_path / "model.weights.h5"
    shutil.copyfile(tutorial_files / "keras3" / "model.weights.h5", path)
    small = load_tutorial(path).preset
    monkeypatch.setattr(checkpoints, "check_network", lambda path: None)
    monkeypatch.setitem(presets.PRESETS, preset, replace(small, name=preset))
    if marked:
        with h5py.File(path, "r+") as file:
            file.attrs[MARK] = "tutorial"
    else:  # as if the tutorial's encoder were this preset's, whose layers are of the same shapes
        monkeypatch.setattr(checkpoints, "is_foreign", lambda *words: False)
        monkeypatch.setattr(start, "is_foreign", lambda *words: False)
    with pytest.raises(RunError, match=told):
        start_network(Recipe(data=("people",), preset=preset, init=str(path)))


def test_a_file_of_other_filters_is_refused(
    tutorial_files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tutorial_files / "keras2" / "model.h5"
    small = load_tutorial(path).preset
    monkeypatch.setitem(presets.PRESETS, "other", small.__class__(**{**vars(small), "bridge": 8}))
    with pytest.raises(RunError, match="with filters of its own"):
        start_network(Recipe(data=("people",), preset="other", init=str(path)))
