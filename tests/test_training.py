"""Recipes, pipeline, losses and whole runs, on pictures made on the spot."""

import csv
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import tensorflow as tf

from figureground.datasets.find import find_pairs
from figureground.errors import DataError, RecipeError
from figureground.training import augment
from figureground.training.losses import MatteLoss, iou
from figureground.training.pipeline import (
    Mixing,
    Source,
    epoch_order,
    open_canvas,
    parse_source,
    split_source,
    training_batches,
)
from figureground.training.recipe import Recipe, load_recipe
from figureground.training.train import find_data, train


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve bright ellipses on dark noise, with their masks."""
    folder = tmp_path_factory.mktemp("people")
    (folder / "images").mkdir()
    (folder / "masks").mkdir()
    random = np.random.default_rng(0)
    for number in range(12):
        mask = np.zeros((80, 64), np.uint8)
        centre = (int(random.integers(20, 44)), int(random.integers(25, 55)))
        cv2.ellipse(mask, centre, (14, 24), 0, 0, 360, 255, -1)
        picture = random.integers(0, 90, (80, 64, 3)).astype(np.uint8)
        picture[mask > 0] += 150
        cv2.imwrite(str(folder / "images" / f"{number}.jpg"), picture)
        cv2.imwrite(str(folder / "masks" / f"{number}.png"), mask)
    return folder


@pytest.fixture
def recipe(people: Path) -> Recipe:
    return Recipe(
        data=(str(people),), size=32, epochs=2, batch=4, backbone_weights="none", val_share=0.3
    )


def sample(size: int = 48) -> tf.Tensor:
    random = np.random.default_rng(1)
    alpha = np.zeros((size, size, 1), np.float32)
    alpha[10:30, 12:36] = 1
    return tf.constant(np.concatenate([random.random((size, size, 3), np.float32), alpha], -1))


def test_a_recipe_is_read_as_it_was_saved(tmp_path: Path, recipe: Recipe) -> None:
    recipe.save(tmp_path / "recipe.json")
    assert load_recipe(tmp_path / "recipe.json") == recipe


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 250}, "multiple of 32"),
        ({"epochs": 0}, "epochs must be at least 1"),
        ({"paste": 1.0}, "paste must be from 0"),
        ({"recomposed": 0.5}, "recomposed needs backgrounds"),
    ],
)
def test_a_recipe_without_sense_is_refused(recipe: Recipe, change: dict, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        replace(recipe, **change)


def test_unknown_settings_are_refused(tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text('{"data": ["x"], "sizes": 32}')
    with pytest.raises(RecipeError, match="sizes"):
        load_recipe(tmp_path / "recipe.json")


def test_a_weight_stands_behind_the_folder(people: Path) -> None:
    assert parse_source(f"{people}:2.5").draws == 30
    assert parse_source(str(people)).draws == 12
    with pytest.raises(DataError, match="number above 0"):
        parse_source(f"{people}:-1")


def test_the_split_is_the_same_for_the_same_seed_and_loses_nothing(people: Path) -> None:
    source = parse_source(str(people))
    kept, held = split_source(source, 0.25, 42)
    assert len(held) == 3
    assert {*kept.pairs, *held} == set(source.pairs)
    assert split_source(source, 0.25, 42)[1] == held
    assert split_source(source, 0.25, 43)[1] != held


def test_a_picture_in_training_and_validation_is_refused(recipe: Recipe, people: Path) -> None:
    with pytest.raises(DataError, match="in training and in validation"):
        find_data(replace(recipe, val=str(people)))


def test_half_a_weight_shows_every_pair_once_in_two_epochs(people: Path) -> None:
    source = Source(pairs=tuple(find_pairs(people)), weight=0.5)
    shown = np.concatenate([epoch_order([source], 0, epoch) for epoch in (0, 1)])
    assert sorted(shown) == list(range(12))


def test_the_canvas_is_used_again_until_a_file_changes(people: Path, tmp_path: Path) -> None:
    files = [(pair.picture, pair.mask) for pair in find_pairs(people)]
    counts: list[int] = []
    path = tmp_path / "canvas.npy"
    assert open_canvas(files, (16, 16), path, counts.append).shape == (12, 16, 16, 4)
    open_canvas(files, (16, 16), path, counts.append)
    assert counts == list(range(1, 13))
    open_canvas(files[:5], (16, 16), path, counts.append)
    assert counts[12:] == [1, 2, 3, 4, 5]


def test_the_same_seed_gives_the_same_sample_inside_and_outside_a_pipeline() -> None:
    seed = tf.constant([3, 4], tf.int64)
    eager = augment.augment(sample(), seed, 32)
    data = tf.data.Dataset.from_tensors(sample()).map(lambda s: augment.augment(s, seed, 32))
    np.testing.assert_allclose(eager, next(iter(data)), atol=1e-5)
    other = augment.augment(sample(), tf.constant([3, 5], tf.int64), 32)
    assert float(tf.reduce_mean(abs(eager - other))) > 0.01


def test_augmented_samples_stay_in_range_and_mostly_show_the_person() -> None:
    covered = []
    for number in range(40):
        result = augment.augment(sample(), tf.constant([0, number], tf.int64), 32).numpy()
        assert result.shape == (32, 32, 4)
        assert result.min() >= 0 and result.max() <= 1
        covered.append(result[..., 3].mean())
    assert np.mean(np.array(covered) > 0.02) > 0.9


def test_light_changes_the_picture_but_never_its_alpha() -> None:
    plain = sample()
    lit = augment.relight(plain[..., :3], augment.Dice(tf.constant([1, 2], tf.int64)))
    assert float(tf.reduce_mean(abs(lit - plain[..., :3]))) > 0.01


def test_pasted_people_cover_those_behind_them() -> None:
    behind, front = sample(), sample()[::-1]
    both = augment.paste(behind, front).numpy()
    np.testing.assert_allclose(both[..., 3], np.maximum(behind[..., 3], front[..., 3]), atol=1e-6)
    over = front.numpy()[..., 3] == 1
    np.testing.assert_allclose(both[over][:, :3], front.numpy()[over][:, :3], atol=1e-6)


def test_recomposing_keeps_the_person_and_replaces_the_rest() -> None:
    dice = augment.Dice(tf.constant([1, 2], tf.int64))
    result = augment.recompose(sample(), tf.fill((48, 48, 3), 0.5), dice).numpy()
    person = sample().numpy()[..., 3] == 1
    np.testing.assert_allclose(result[person], sample().numpy()[person], atol=1e-6)
    assert np.ptp(result[~person][:, :3], axis=0).max() < 1e-6


def test_batches_from_the_middle_equal_those_of_an_unbroken_run(
    people: Path, recipe: Recipe, tmp_path: Path
) -> None:
    files = [(pair.picture, pair.mask) for pair in find_pairs(people)]
    canvas = open_canvas(files, (48, 48), tmp_path / "canvas.npy")
    orders = np.stack(
        [epoch_order([Source(pairs=tuple(find_pairs(people)))], 0, e) for e in (0, 1)]
    )
    mixing = Mixing(paste=0.5, recomposed=0.5, backgrounds=canvas)
    whole = list(training_batches(canvas, orders, recipe=recipe, first=0, mixing=mixing))
    rest = list(training_batches(canvas, orders[1:], recipe=recipe, first=12, mixing=mixing))
    assert len(whole) == 6 and len(rest) == 3
    for (x, y), (again_x, again_y) in zip(whole[3:], rest, strict=True):
        np.testing.assert_array_equal(x, again_x)
        np.testing.assert_array_equal(y, again_y)


def test_the_loss_is_nothing_for_the_truth_and_grows_with_the_error() -> None:
    truth = sample()[None, ..., 3:]
    loss = MatteLoss()
    right = tf.repeat(truth, 4, axis=-1)
    assert float(loss(truth, right)) < 1e-4
    assert float(loss(truth, 1 - right)) > float(loss(truth, 0.5 + 0 * right)) > 0.1


def test_an_empty_picture_wants_an_empty_matte() -> None:
    truth = tf.zeros((1, 32, 32, 1))
    assert float(MatteLoss()(truth, tf.zeros((1, 32, 32, 4)))) < 1e-4
    assert float(MatteLoss()(truth, tf.fill((1, 32, 32, 4), 0.5))) > 0.5


def test_iou_counts_the_last_matte_alone() -> None:
    truth = sample()[None, ..., 3:]
    alphas = tf.concat([1 - truth, 1 - truth, 1 - truth, truth], axis=-1)
    assert float(iou(truth, alphas)[0]) == pytest.approx(1.0)
    half = tf.concat([alphas[..., :3], tf.concat([truth[:, :20], 0 * truth[:, 20:]], 1)], -1)
    assert float(iou(truth, half)[0]) == pytest.approx(0.5, abs=1e-3)


def metrics(run: Path) -> list[dict[str, str]]:
    with (run / "metrics.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_killed_run_goes_on_and_ends_as_an_unbroken_one(
    recipe: Recipe, people: Path, tmp_path: Path
) -> None:
    train(recipe, tmp_path / "unbroken", verbose=0)
    killed = tmp_path / "killed"
    command = [
        sys.executable, "-m", "figureground", "train", "--data", str(people), "--out", str(killed),
        "--size", "32", "--epochs", "2", "--batch", "4", "--val-share", "0.3",
        "--backbone-weights", "none", "--quiet",
    ]  # fmt: skip
    process = subprocess.Popen(command)
    while not (killed / "last.weights.h5").exists():
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert len(metrics(killed)) < 2
    subprocess.run(command, check=True)
    for ours, theirs in zip(metrics(killed), metrics(tmp_path / "unbroken"), strict=True):
        for column in ("loss", "val_loss"):
            assert float(ours[column]) == pytest.approx(float(theirs[column]), rel=2e-2)
    assert {path.name for path in killed.iterdir()} == {
        "recipe.json", "metrics.csv", "best.weights.h5", "last.weights.h5"
    }  # fmt: skip


def test_a_run_folder_with_another_recipe_is_left_alone(recipe: Recipe, tmp_path: Path) -> None:
    recipe.save(tmp_path / "recipe.json")
    with pytest.raises(RecipeError, match="another recipe"):
        train(replace(recipe, seed=7), tmp_path, verbose=0)
    assert load_recipe(tmp_path / "recipe.json") == recipe


def test_too_few_samples_for_a_batch_are_refused(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="do not fill one batch of 64"):
        train(replace(recipe, batch=64), tmp_path, verbose=0)
