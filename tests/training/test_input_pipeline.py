"""Data, decoded samples, augmentation and batches, on images made on the spot."""

import errno
import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from figureground.datasets.near_duplicates import hash_image
from figureground.datasets.pairs import find_pairs
from figureground.errors import DataError, RunError
from figureground.training.batches import training_batches
from figureground.training.dataset import (
    batch_of,
    decode,
    find_data,
    mixing_of,
    training_dataset,
)
from figureground.training.input_pipeline import (
    AHEAD,
    Source,
    _in_order,
    epoch_order,
    open_cached,
    open_samples,
    parse_source,
    split_source,
)
from figureground.training.mixing import Mixing
from figureground.training.provenance import fingerprint
from figureground.training.recipe import Recipe
from figureground.training.sample_cache import CachedSquares, cached_sample, draw_sample


@pytest.fixture
def recipe(people: Path) -> Recipe:
    return Recipe(
        data=(str(people),),
        image_size=32,
        epochs=2,
        batch_size=4,
        backbone_weights="none",
        val_share=0.3,
    )


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
    assert split_source(replace(source, pairs=source.pairs[:1]), 0.25, 42)[1] == ()
    assert len(split_source(replace(source, pairs=source.pairs[:2]), 0.25, 42)[1]) == 1


def test_an_image_in_training_and_validation_is_refused(recipe: Recipe, people: Path) -> None:
    with pytest.raises(DataError, match="in training and in validation"):
        find_data(replace(recipe, val=str(people)))


def test_half_a_weight_shows_every_pair_once_in_two_epochs(people: Path) -> None:
    source = Source(pairs=tuple(find_pairs(people)), weight=0.5)
    shown = np.concatenate([epoch_order([source], 0, epoch) for epoch in (0, 1)])
    assert sorted(shown) == list(range(12))


def test_decoded_samples_are_used_again_until_a_file_changes(people: Path, tmp_path: Path) -> None:
    files = [(pair.image, pair.mask) for pair in find_pairs(people)]
    counts: list[int] = []
    path = tmp_path / "samples.bin"
    assert open_samples(files, (16, 16), path, counts.append).squares.shape == (12, 16, 16, 4)
    open_samples(files, (16, 16), path, counts.append)
    assert counts == list(range(1, 13))
    open_samples(files[:5], (16, 16), path, counts.append)
    assert counts[12:] == [1, 2, 3, 4, 5]


def test_a_file_of_samples_that_is_cut_or_gone_or_whose_note_is_damaged_is_made_anew(
    people: Path, tmp_path: Path
) -> None:
    files = [(pair.image, pair.mask) for pair in find_pairs(people)][:3]
    path, counts = tmp_path / "samples.bin", list[int]()
    whole = np.array(open_samples(files, (16, 16), path).squares)
    for damage in (
        lambda: path.write_bytes(path.read_bytes()[:-1]),
        path.unlink,
        lambda: path.with_suffix(".json").write_text('{"key": '),
        lambda: path.with_suffix(".json").write_text("[]"),
    ):
        damage()
        again = open_samples(files, (16, 16), path, counts.append).squares
        np.testing.assert_array_equal(again, whole)
    assert counts == [1, 2, 3] * 4


def test_images_that_could_not_be_read_are_tried_again(people: Path, tmp_path: Path) -> None:
    folder = spoil(people, tmp_path / "some", 3)
    files = [(pair.image, pair.mask) for pair in find_pairs(folder)]
    path, counts = tmp_path / "samples.bin", list[int]()
    assert len(open_samples(files, (16, 16), path).unreadable) == 1
    assert len(open_samples(files, (16, 16), path, counts.append).unreadable) == 1
    assert counts == []
    spoilt = folder / "images" / "3.jpg"
    before = spoilt.stat()
    shutil.copy(people / "images" / "3.jpg", spoilt)
    os.utime(spoilt, ns=(before.st_atime_ns, before.st_mtime_ns))  # as after a failing disk
    found = open_samples(files, (16, 16), path, counts.append)
    assert not found.unreadable and len(found.squares) == len(counts) == 12


def test_squares_are_drawn_only_a_few_ahead() -> None:
    drawn: list[int] = []

    def draw(number: int) -> int:
        drawn.append(number)
        return number

    squares = _in_order(draw, range(500))
    assert next(squares) == 0
    time.sleep(0.1)
    assert len(drawn) <= AHEAD * (os.cpu_count() or 1) + 1
    assert list(squares) == list(range(1, 500))


def test_batches_from_the_middle_equal_those_of_an_unbroken_run(
    people: Path, recipe: Recipe, tmp_path: Path
) -> None:
    files = [(pair.image, pair.mask) for pair in find_pairs(people)]
    squares = open_samples(files, (48, 48), tmp_path / "samples.bin").squares
    orders = np.stack(
        [epoch_order([Source(pairs=tuple(find_pairs(people)))], 0, e) for e in (0, 1)]
    )
    mixing = Mixing(paste=0.5, recomposed=0.4, negatives=0.1, backgrounds=squares)
    whole = list(training_batches(squares, orders, recipe=recipe, first=0, mixing=mixing))
    rest = list(training_batches(squares, orders[1:], recipe=recipe, first=12, mixing=mixing))
    assert len(whole) == 6 and len(rest) == 3
    for (x, y), (again_x, again_y) in zip(whole[3:], rest, strict=True):
        np.testing.assert_array_equal(x, again_x)
        np.testing.assert_array_equal(y, again_y)


def test_samples_are_mixed_as_the_recipe_says(recipe: Recipe) -> None:
    shares = {"natural": 0.3, "copy_paste": 0.2, "background_replacement": 0.1, "negatives": 0.05}
    mixing = mixing_of(replace(recipe, backgrounds="rooms", **shares), None)
    assert mixing == Mixing(natural=0.3, paste=0.2, recomposed=0.1, negatives=0.05)


def spoil(people: Path, folder: Path, *numbers: int) -> Path:
    """A copy of the data of which some images cannot be read."""
    shutil.copytree(people, folder)
    for number in numbers:
        (folder / "images" / f"{number}.jpg").write_bytes(b"no image")
    return folder


def test_an_unreadable_image_is_left_out_and_named(
    recipe: Recipe, people: Path, tmp_path: Path
) -> None:
    whole = replace(recipe, data=(str(spoil(people, tmp_path / "some", 3, 7)),), val_share=0.25)
    data = find_data(whole)
    decoded = decode(whole, data, tmp_path / "run")
    assert len(decoded.training) + len(decoded.validation) == 10
    assert len(decoded.unreadable) == 2
    assert "3.jpg" in decoded.unreadable[tmp_path / "some" / "images" / "3.jpg"]
    left = [pair.name for pair in decoded.data.sources[0].pairs]
    assert len(left) == len(decoded.training) and not {"3", "7"} & {*left}
    for pair, square in zip(decoded.data.sources[0].pairs, decoded.training, strict=True):
        np.testing.assert_array_equal(square, draw_sample(pair.image, pair.mask, (48, 48)))
    again = decode(whole, data, tmp_path / "run")
    assert again.unreadable == decoded.unreadable


def test_data_of_which_nothing_can_be_read_is_refused(
    recipe: Recipe, people: Path, tmp_path: Path
) -> None:
    broken = replace(recipe, data=(str(spoil(people, tmp_path / "all", *range(12))),))
    with pytest.raises(DataError, match="none of 8 images can be read"):
        decode(broken, find_data(broken), tmp_path / "run")


def test_too_few_samples_for_a_batch_are_refused(recipe: Recipe, tmp_path: Path) -> None:
    large = replace(recipe, batch_size=64)
    with pytest.raises(DataError, match="cannot fill one batch of 64"):
        decode(large, find_data(large), tmp_path / "run")


def test_any_batch_of_a_run_can_be_made_again(recipe: Recipe, tmp_path: Path) -> None:
    mixed = replace(recipe, copy_paste=0.5)
    decoded = decode(mixed, find_data(mixed), tmp_path)
    batches = list(training_dataset(mixed, decoded, range(2)).as_numpy_iterator())
    steps = len(batches) // 2
    images, truth = batch_of(mixed, decoded, epoch=1, step=1)
    np.testing.assert_array_equal(images, batches[steps + 1][0])
    np.testing.assert_array_equal(truth, batches[steps + 1][1])


def test_a_fingerprint_follows_the_bytes_not_the_place(people: Path, tmp_path: Path) -> None:
    places = (people, spoil(people, tmp_path / "moved"), spoil(people, tmp_path / "other", 5))
    whole, moved, other = (
        fingerprint([path for pair in find_pairs(place) for path in (pair.image, pair.mask)])
        for place in places
    )
    assert whole == moved != other


def test_the_cache_serves_other_runs_until_a_file_changes(
    recipe: Recipe, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = spoil(people, tmp_path / "some")
    cached = replace(recipe, data=(str(folder),), cache=str(tmp_path / "cache"))
    first = decode(cached, find_data(cached), tmp_path / "one")
    drawn = []

    def draw(*wanted):
        drawn.append(wanted[0].stem)
        return draw_sample(*wanted)

    monkeypatch.setattr("figureground.training.sample_cache.draw_sample", draw)
    second = decode(cached, find_data(cached), tmp_path / "two")
    assert drawn == []
    np.testing.assert_array_equal(list(first.training), list(second.training))
    (folder / "masks" / "3.png").write_bytes((folder / "masks" / "4.png").read_bytes())
    decode(cached, find_data(cached), tmp_path / "three")
    assert drawn == ["3"]


def test_a_cache_that_cannot_be_written_stops_and_leaves_no_image_out(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    cached = replace(recipe, cache=str(tmp_path / "cache"))
    with pytest.raises(RunError, match=r"No space left.*, or go without --cache") as said:
        decode(cached, find_data(cached), tmp_path / "run")
    assert "\n" not in str(said.value)
    assert not (tmp_path / "run" / "samples.json").exists()


def test_a_damaged_square_is_drawn_anew_and_nothing_half_is_left(
    people: Path, tmp_path: Path
) -> None:
    pair = find_pairs(people)[0]
    whole = cached_sample(pair.image, pair.mask, (16, 16), tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:-9])
    again = cached_sample(pair.image, pair.mask, (16, 16), tmp_path)
    np.testing.assert_array_equal(again, whole)
    assert [path.suffix for path in tmp_path.iterdir()] == [".npy"]
    assert cached_sample(pair.image, pair.mask, (8, 8), tmp_path).shape == (8, 8, 4)


def test_soft_masks_stay_soft_from_the_file_to_the_batch(recipe: Recipe, tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 255, 64).astype(np.uint8), (64, 1))
    for number in range(8):
        for room, levels in (("images", np.dstack([ramp] * 3)), ("masks", ramp)):
            (tmp_path / room).mkdir(exist_ok=True)
            cv2.imwrite(str(tmp_path / room / f"{number}.png"), levels)
    soft = replace(recipe, data=(str(tmp_path),), copy_paste=0.5, val_share=0.25)
    decoded = decode(soft, find_data(soft), tmp_path / "run")
    for _, alpha in training_dataset(soft, decoded, range(1)).as_numpy_iterator():
        between = (alpha > 0.05) & (alpha < 0.95)
        assert between.mean() > 0.3
        assert len(np.unique(alpha)) > 50


def test_squares_stay_in_the_cache_and_are_drawn_where_it_loses_them(
    recipe: Recipe, people: Path, tmp_path: Path
) -> None:
    cached = replace(recipe, cache=str(tmp_path / "cache"))
    decoded = decode(cached, find_data(cached), tmp_path / "run")
    assert not (tmp_path / "run" / "samples.bin").exists()
    plain = decode(recipe, find_data(recipe), tmp_path / "plain").training
    squares = decoded.training
    assert isinstance(squares, CachedSquares)
    np.testing.assert_array_equal(
        np.stack([squares[number] for number in range(len(squares))]), plain
    )
    for kept in (tmp_path / "cache").glob("*.npy"):
        kept.unlink()
    np.testing.assert_array_equal(squares[1], plain[1])
    assert {squares.near(0, share) for share in (0.0, 0.999)} == {0, len(plain) - 1}


def test_runs_from_a_cache_learn_from_the_same_batches(recipe: Recipe, tmp_path: Path) -> None:
    cached = replace(recipe, cache=str(tmp_path / "cache"), copy_paste=0.5)
    plain = replace(recipe, copy_paste=0.5)
    ours, theirs = (
        list(training_dataset(kind, decode(kind, find_data(kind), tmp_path / name), range(1)))
        for kind, name in ((cached, "one"), (plain, "two"))
    )
    assert len(ours) == len(theirs) > 0
    for (x, y), (plain_x, plain_y) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(x, plain_x)
        np.testing.assert_array_equal(y, plain_y)


def test_a_cached_pair_that_is_gone_while_it_is_learnt_from_is_named(
    people: Path, tmp_path: Path
) -> None:
    folder = spoil(people, tmp_path / "some")
    files = [(pair.image, pair.mask) for pair in find_pairs(folder)]
    cache = tmp_path / "cache"
    squares, _ = open_cached(files, (48, 48), cache)
    shutil.rmtree(cache)
    files[0][0].unlink()
    with pytest.raises(DataError):
        squares[0]
    assert str(files[0][0]) in str(squares.failure)


def test_hashes_are_kept_beside_the_squares(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [(pair.image, pair.mask) for pair in find_pairs(people)]
    squares, _ = open_cached(files, (48, 48), tmp_path)
    first = squares.hashes()
    for number, found in enumerate(first):
        expected = hash_image(np.ascontiguousarray(squares[number][..., :3]))
        assert found.to_bytes() == expected.to_bytes()
    monkeypatch.setattr("figureground.training.sample_cache.hash_image", None)
    again = squares.hashes()
    assert [one.to_bytes() for one in again] == [one.to_bytes() for one in first]
    monkeypatch.undo()
    next(tmp_path.glob("*.hash")).write_bytes(b"cut")
    assert [one.to_bytes() for one in squares.hashes()] == [one.to_bytes() for one in first]
