"""Data, canvas, augmentation and batches, on pictures made on the spot."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from figureground.datasets.find import find_pairs
from figureground.errors import DataError
from figureground.training import augment
from figureground.training.data import batch_of, decode, find_data, fingerprint, learn_from
from figureground.training.pipeline import (
    Mixing,
    Source,
    draw_square,
    epoch_order,
    open_canvas,
    parse_source,
    split_source,
    training_batches,
)
from figureground.training.recipe import Recipe


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
    path = tmp_path / "canvas.bin"
    assert open_canvas(files, (16, 16), path, counts.append).squares.shape == (12, 16, 16, 4)
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
    canvas = open_canvas(files, (48, 48), tmp_path / "canvas.bin").squares
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


def spoil(people: Path, folder: Path, *numbers: int) -> Path:
    """A copy of the data of which some pictures cannot be read."""
    shutil.copytree(people, folder)
    for number in numbers:
        (folder / "images" / f"{number}.jpg").write_bytes(b"no picture")
    return folder


def test_an_unreadable_picture_is_left_out_and_named(
    recipe: Recipe, people: Path, tmp_path: Path
) -> None:
    whole = replace(recipe, data=(str(spoil(people, tmp_path / "some", 3, 7)),), val_share=0.25)
    data = find_data(whole)
    decoded = decode(whole, data, tmp_path / "run")
    assert len(decoded.training) + len(decoded.validation) == 10
    assert len(decoded.unreadable) == 2
    assert any("3.jpg" in reason for reason in decoded.unreadable)
    left = [pair.name for pair in decoded.data.sources[0].pairs]
    assert len(left) == len(decoded.training) and not {"3", "7"} & {*left}
    for pair, square in zip(decoded.data.sources[0].pairs, decoded.training, strict=True):
        np.testing.assert_array_equal(square, draw_square(pair.picture, pair.mask, (48, 48)))
    again = decode(whole, data, tmp_path / "run")
    assert again.unreadable == decoded.unreadable


def test_data_of_which_nothing_can_be_read_is_refused(
    recipe: Recipe, people: Path, tmp_path: Path
) -> None:
    broken = replace(recipe, data=(str(spoil(people, tmp_path / "all", *range(12))),))
    with pytest.raises(DataError, match="none of 8 pictures can be read"):
        decode(broken, find_data(broken), tmp_path / "run")


def test_too_few_samples_for_a_batch_are_refused(recipe: Recipe, tmp_path: Path) -> None:
    large = replace(recipe, batch=64)
    with pytest.raises(DataError, match="do not fill one batch of 64"):
        decode(large, find_data(large), tmp_path / "run")


def test_any_batch_of_a_run_can_be_made_again(recipe: Recipe, tmp_path: Path) -> None:
    mixed = replace(recipe, paste=0.5)
    decoded = decode(mixed, find_data(mixed), tmp_path)
    batches = list(learn_from(mixed, decoded, range(2)).as_numpy_iterator())
    steps = len(batches) // 2
    pictures, truth = batch_of(mixed, decoded, epoch=1, step=1)
    np.testing.assert_array_equal(pictures, batches[steps + 1][0])
    np.testing.assert_array_equal(truth, batches[steps + 1][1])


def test_a_fingerprint_follows_the_bytes_not_the_place(people: Path, tmp_path: Path) -> None:
    moved = spoil(people, tmp_path / "moved")
    assert fingerprint(find_pairs(moved)) == fingerprint(find_pairs(people))
    assert fingerprint(find_pairs(spoil(people, tmp_path / "other", 5))) != fingerprint(
        find_pairs(people)
    )
