"""Run folders: what a run that is there takes, without learning anything."""

from dataclasses import asdict, replace
from pathlib import Path

import h5py
import pytest

from figureground.errors import RecipeError
from figureground.training.recipe import Recipe
from figureground.training.recipe_file import load_recipe, save_recipe
from figureground.training.run_dir import COLUMNS, RunDir, RunProgress

RECIPE = Recipe(data=("people",), epochs=9, patience=2)


def run_with(path: Path, losses: list[float], *, step: int = 0) -> RunDir:
    """A run whose finished epochs had these validation losses."""
    folder = RunDir(path)
    save_recipe(RECIPE, folder.recipe)
    folder.write_origin({"seed": 42, "data": []})
    row = dict.fromkeys(COLUMNS, "0")
    folder.write_rows([row | {"val_loss": str(loss)} for loss in losses])
    with h5py.File(folder.last, "w") as file:
        file.attrs.update(asdict(RunProgress(epoch=len(losses), step=step)))
    return folder


def test_a_run_that_stopped_for_want_of_gain_goes_on_and_has_patience_again(tmp_path: Path) -> None:
    folder = run_with(tmp_path, [3, 1, 2, 2])
    assert folder.has_ended(RECIPE) and folder.stale() == 2
    more = replace(RECIPE, epochs=12)
    assert not folder.open(more)
    assert load_recipe(folder.recipe) == more and folder.read_origin()["seed"] == 42
    assert not folder.has_ended(more) and folder.stale() == 0 and folder.extended() == 4
    folder = run_with(tmp_path, [3, 1, 2, 2, 2])
    folder.write_origin({"extended": [4]})
    assert folder.stale() == 1 and not folder.has_ended(more)
    assert not folder.open(RECIPE)  # the same again asks for nothing
    assert folder.extended() == 4


@pytest.mark.parametrize(
    "change", [{"epochs": 12}, {"epochs": 8}, {"seed": 1}, {"epochs": 12, "seed": 1}]
)
def test_a_run_that_still_learns_takes_no_other_recipe(tmp_path: Path, change: dict) -> None:
    folder = run_with(tmp_path, [3, 1], step=1)
    with pytest.raises(RecipeError, match="holds a run with another recipe"):
        folder.open(replace(RECIPE, **change))
    assert load_recipe(folder.recipe) == RECIPE and folder.extended() == 0


def test_a_run_that_kept_nothing_takes_any_recipe_and_says_so(tmp_path: Path) -> None:
    folder = run_with(tmp_path, [])
    folder.last.unlink()
    assert folder.open(replace(RECIPE, seed=7))
    assert load_recipe(folder.recipe).seed == 7 and not folder.origin.exists()
    assert not RunDir(tmp_path / "new").open(RECIPE)
