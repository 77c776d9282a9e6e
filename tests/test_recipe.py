"""Recipes: what they demand, and the files they are written in."""

from dataclasses import fields, replace
from pathlib import Path

import pytest

from figureground.cli import main
from figureground.errors import RecipeError, UsageError
from figureground.training.recipe import Recipe
from figureground.training.recipe_file import (
    check_settings,
    find_recipe,
    load_recipe,
    make_recipe,
    overlay,
    read_settings,
    save_recipe,
)

RECIPES = Path(__file__).parent.parent / "recipes"
ODD = Recipe(
    data=('a "quoted" folder', "C:\\people:2", "größe 🙂\x7f"),
    val="v",
    rate=1e-7,
    losses={"focal": 2, "laplacian": 0.25},
    heads=(1, 0, 0, 1),
    learns=("decoder", "alpha"),
)


def test_a_recipe_is_found_by_name_or_path(tmp_path: Path) -> None:
    assert read_settings(find_recipe("seed"))["preset"] == "resnet50"
    own = tmp_path / "own.toml"
    own.write_text("epochs = 2\n")
    assert find_recipe(str(own)) == own
    with pytest.raises(RecipeError, match=r"no recipe 'sead'.*fine-tune, lite, seed"):
        find_recipe("sead")


def test_a_recipe_is_read_as_it_was_saved(tmp_path: Path) -> None:
    save_recipe(ODD, tmp_path / "recipe.toml")
    assert load_recipe(tmp_path / "recipe.toml") == ODD


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 250}, "multiple of 32"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"paste": 1.0}, "paste must be from 0"),
        ({"natural": 1.1}, "natural must be from 0 to 1, got 1.1"),
        ({"taught": -0.1}, "taught must be from 0 to 1, got -0.1"),
        ({"recomposed": 0.5}, "recomposed needs backgrounds"),
        ({"data": ()}, "--data"),
        ({"optimizer": "sgd"}, "adam or adamw, got 'sgd'"),
        ({"schedule": "linear"}, "constant or cosine"),
        ({"precision": "half"}, "bfloat16 or float16 or float32"),
        ({"rate": 0}, "rate must be above 0"),
        ({"frozen_epochs": 21}, r"0 to epochs .*--set frozen_epochs=0, got 21"),
        ({"heads": (1, 1)}, "4 weights"),
        ({"losses": {"bce": 0}}, "weights above 0"),
        ({"accumulate": 0}, "accumulate must be at least 1"),
        ({"plateau_factor": 1}, "below 1"),
        ({"clip": float("inf")}, "clip must be finite, got inf"),
        ({"heads": (1, 1, 1, float("inf"))}, "heads must be finite"),
        ({"losses": {"bce": float("inf")}}, "losses must be finite"),
        ({"rate": float("nan")}, "rate must be finite"),
        ({"seed": -1}, "seed must be from 0 to 4294967295, got -1"),
        ({"seed": 2**32}, "seed must be from 0"),
    ],
)
def test_a_recipe_without_sense_is_refused(change: dict, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        replace(ODD, **change)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sizes = 32", "there is no 'sizes'; the nearest is 'size'"),
        ("losses = { bec = 1 }", "losses: there is no 'bec'; the nearest is 'bce'"),
        ("epochs = 1.5", "epochs must be a whole number, got 1.5"),
        ("epochs = true", "epochs must be a whole number"),
        ("rate = 'fast'", "rate must be a number, got 'fast'"),
        ("data = 'one'", "data must be a list of texts"),
        ("heads = [1, 'a']", "heads must be a list of numbers"),
        ("losses = 'dice'", "losses must be a table of numbers"),
        ('learns = "decoder"', "a list of texts"),
        ("size 32", "cannot read the recipe"),
    ],
)
def test_what_a_file_cannot_mean_is_one_line_naming_the_file(
    tmp_path: Path, text: str, message: str, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    assert main(["train", str(path), "--data", "x", "--output", str(tmp_path / "run")]) == 2
    line = capsys.readouterr().err
    assert message in line and "mine.toml" in line and line.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_settings_of_the_command_line_are_toml_or_plain_text() -> None:
    assert overlay({}, ["rate=1e-4", "optimizer=adam", "heads=[1, 1, 1, 1]"]) == {
        "rate": 1e-4,
        "optimizer": "adam",
        "heads": (1, 1, 1, 1),
    }
    assert overlay({}, ["losses.bce=2", "losses.dice=0.5"]) == {"losses": {"bce": 2, "dice": 0.5}}
    for wrong, message in (
        ("rate", "key=value"),
        ("rat=1", "nearest is 'rate'"),
        ("rate=", "a number"),
        ("rate.x=1", "rate must be a number"),
    ):
        with pytest.raises(RecipeError, match=message):
            overlay({}, [wrong])


def test_an_empty_text_takes_back_what_a_recipe_sets() -> None:
    recipe = make_recipe("fine-tune", {"data": ("x",)}, ["init=", "val=", "cache="])
    assert (recipe.init, recipe.val, recipe.cache) == (None, None, None)
    with pytest.raises(UsageError, match="no preset ''"):
        make_recipe("fine-tune", {"data": ("x",)}, ["preset="])


def test_settings_above_win_and_entries_are_laid_into_their_table() -> None:
    below = {"rate": 1.0, "epochs": 3, "losses": {"bce": 1, "dice": 1}}
    over = overlay(below, ["rate=2.0", "losses.dice=0"])
    assert over == {"rate": 2.0, "epochs": 3, "losses": {"bce": 1, "dice": 0}}
    assert overlay(below, ["losses={focal=1}", "losses.dice=2"])["losses"] == {
        "focal": 1,
        "dice": 2,
    }


def test_one_loss_more_leaves_the_usual_ones_where_no_recipe_sets_them(tmp_path: Path) -> None:
    more = make_recipe(None, {"data": ("x",)}, ["losses.boundary=0.5"])
    assert more.losses == {"bce": 1, "dice": 1, "boundary": 0.5}
    own = tmp_path / "own.toml"
    own.write_text("losses = { focal = 1 }\n")
    more = make_recipe(str(own), {"data": ("x",)}, ["losses.boundary=0.5"])
    assert more.losses == {"focal": 1, "boundary": 0.5}


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_the_recipes_that_ship_are_whole_but_for_the_data(path: Path) -> None:
    assert Recipe(data=("x",), **read_settings(path))


def test_the_reference_recipe_is_what_it_says() -> None:
    recipe = Recipe(data=("x",), **read_settings(RECIPES / "seed.toml"))
    assert (recipe.preset, recipe.size, recipe.batch, recipe.epochs) == ("resnet50", 512, 4, 100)
    assert (recipe.optimizer, recipe.rate, recipe.schedule) == ("adam", 1e-4, "constant")
    assert (recipe.plateau, recipe.plateau_factor, recipe.lowest_rate) == (5, 0.1, 1e-7)
    assert (recipe.patience, recipe.val_share, recipe.seed) == (20, 0.2, 42)
    assert (recipe.losses, len(set(recipe.heads)), recipe.edge) == ({"bce": 1}, 1, 0)


def test_every_setting_can_stand_in_a_file() -> None:
    values = {field.name: getattr(ODD, field.name) for field in fields(Recipe)}
    assert check_settings({n: v for n, v in values.items() if v is not None}, "it")
