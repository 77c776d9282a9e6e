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

RECIPES = Path(__file__).parents[2] / "recipes"
ODD = Recipe(
    data=('a "quoted" folder', "C:\\people:2", "größe 🙂\x7f"),
    val="v",
    learning_rate=1e-7,
    losses={"focal": 2, "laplacian": 0.25},
    head_weights=(1, 0, 0, 1),
    trainable=("decoder", "alpha"),
)


def test_a_recipe_is_found_by_name_or_path(tmp_path: Path) -> None:
    assert read_settings(find_recipe("tutorial"))["preset"] == "resnet50"
    own = tmp_path / "own.toml"
    own.write_text("epochs = 2\n")
    assert find_recipe(str(own)) == own
    with pytest.raises(RecipeError, match=r"no recipe 'sead'.*fine-tune, lite, tutorial"):
        find_recipe("sead")


def test_a_recipe_is_read_as_it_was_saved(tmp_path: Path) -> None:
    save_recipe(ODD, tmp_path / "recipe.toml")
    assert load_recipe(tmp_path / "recipe.toml") == ODD


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"image_size": 250}, "multiple of 32"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"copy_paste": 1.0}, "copy_paste must be from 0"),
        ({"natural": 1.1}, "natural must be from 0 to 1, got 1.1"),
        ({"distillation_weight": -0.1}, "distillation_weight must be from 0 to 1, got -0.1"),
        ({"background_replacement": 0.5}, "background_replacement needs backgrounds"),
        ({"data": ()}, "--data"),
        ({"augment": False, "copy_paste": 0.1}, "copy_paste needs augment"),
        ({"optimizer": "sgd"}, "adam or adamw, got 'sgd'"),
        ({"schedule": "linear"}, "constant or cosine"),
        ({"precision": "half"}, "bfloat16 or float16 or float32"),
        ({"learning_rate": 0}, "learning_rate must be above 0"),
        ({"frozen_epochs": 21}, r"0 to epochs .*--set frozen_epochs=0, got 21"),
        ({"head_weights": (1, 1)}, "4 weights"),
        ({"losses": {"bce": 0}}, "weights above 0"),
        ({"gradient_accumulation_steps": 0}, "gradient_accumulation_steps must be at least 1"),
        ({"plateau_factor": 1}, "below 1"),
        ({"gradient_clip_norm": float("inf")}, "gradient_clip_norm must be finite, got inf"),
        ({"head_weights": (1, 1, 1, float("inf"))}, "head_weights must be finite"),
        ({"losses": {"bce": float("inf")}}, "losses must be finite"),
        ({"learning_rate": float("nan")}, "learning_rate must be finite"),
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
        ("image_sizes = 32", "there is no 'image_sizes'; the nearest is 'image_size'"),
        ("losses = { bec = 1 }", "losses: there is no 'bec'; the nearest is 'bce'"),
        ("epochs = 1.5", "epochs must be a whole number, got 1.5"),
        ("epochs = true", "epochs must be a whole number"),
        ("learning_rate = 'fast'", "learning_rate must be a number, got 'fast'"),
        ("data = 'one'", "data must be a list of texts"),
        ("head_weights = [1, 'a']", "head_weights must be a list of numbers"),
        ("losses = 'dice'", "losses must be a table of numbers"),
        ('trainable = "decoder"', "a list of texts"),
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
    assert overlay({}, ["learning_rate=1e-4", "optimizer=adam", "head_weights=[1, 1, 1, 1]"]) == {
        "learning_rate": 1e-4,
        "optimizer": "adam",
        "head_weights": (1, 1, 1, 1),
    }
    assert overlay({}, ["losses.bce=2", "losses.dice=0.5"]) == {"losses": {"bce": 2, "dice": 0.5}}
    for wrong, message in (
        ("learning_rate", "key=value"),
        ("learning_rat=1", "nearest is 'learning_rate'"),
        ("learning_rate=", "a number"),
        ("learning_rate.x=1", "learning_rate must be a number"),
    ):
        with pytest.raises(RecipeError, match=message):
            overlay({}, [wrong])


def test_an_empty_text_takes_back_what_a_recipe_sets() -> None:
    recipe = make_recipe("fine-tune", {"data": ("x",)}, ["init=", "val=", "cache="])
    assert (recipe.init, recipe.val, recipe.cache) == (None, None, None)
    with pytest.raises(UsageError, match="no preset ''"):
        make_recipe("fine-tune", {"data": ("x",)}, ["preset="])


def test_settings_above_win_and_entries_are_laid_into_their_table() -> None:
    below = {"learning_rate": 1.0, "epochs": 3, "losses": {"bce": 1, "dice": 1}}
    over = overlay(below, ["learning_rate=2.0", "losses.dice=0"])
    assert over == {"learning_rate": 2.0, "epochs": 3, "losses": {"bce": 1, "dice": 0}}
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


@pytest.mark.parametrize("path", sorted(RECIPES.glob("**/*.toml")), ids=lambda path: path.stem)
def test_the_recipes_that_ship_are_whole_but_for_the_data(path: Path) -> None:
    settings = read_settings(path)
    pasted = {"background_replacement", "negatives"} & settings.keys()
    places = {"backgrounds": "rooms"} if pasted else {}
    assert Recipe(data=("x",), **settings, **places)


def test_the_reference_recipe_is_what_it_says() -> None:
    recipe = Recipe(data=("x",), **read_settings(RECIPES / "tutorial.toml"))
    assert (recipe.preset, recipe.image_size, recipe.batch_size, recipe.epochs) == (
        "resnet50",
        512,
        4,
        100,
    )
    assert (recipe.optimizer, recipe.learning_rate, recipe.schedule) == ("adam", 1e-4, "constant")
    assert (recipe.plateau_patience, recipe.plateau_factor, recipe.min_learning_rate) == (
        5,
        0.1,
        1e-7,
    )
    assert (recipe.patience, recipe.val_share, recipe.seed) == (20, 0.2, 42)
    assert (recipe.losses, len(set(recipe.head_weights)), recipe.edge_weight) == ({"bce": 1}, 1, 0)


def test_every_setting_can_stand_in_a_file() -> None:
    values = {field.name: getattr(ODD, field.name) for field in fields(Recipe)}
    assert check_settings({n: v for n, v in values.items() if v is not None}, "it")
