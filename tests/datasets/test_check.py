"""Every kind of fault in a data set is found, and nothing else."""

import json
import shutil
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from imports import HEAVY, loaded_by
from labelled import SIZE, add, found_in, kinds, person, scene
from PIL import Image

from figureground.cli import main
from figureground.datasets import check
from figureground.datasets.masks import read_mask
from figureground.datasets.near_duplicates import ImageHash, find_near_duplicates, hash_image, join
from figureground.datasets.pairs import find_pairs, survey
from figureground.errors import DataError
from figureground.report.contact_sheet import Tile, draw_sheet


@pytest.fixture
def good(tmp_path: Path) -> Path:
    folder = tmp_path / "good"
    for number in range(4):
        add(folder, f"day {number % 2}/{number}", scene(number), person())
    return folder


def test_nothing_is_found_where_nothing_is_wrong(good: Path) -> None:
    report = found_in(good)
    assert report["findings"] == []
    assert report["pairs"] == 4 and report["masks"] == {"hard": 4}


def cut(folder: Path) -> None:
    path = folder / "images" / "day 0" / "0.png"
    path.write_bytes(path.read_bytes()[:-200])


def redraw(mask: np.ndarray) -> Callable[[Path], None]:
    return lambda folder: Image.fromarray(mask).save(folder / "masks" / "day 0" / "0.png")


FAULTS: dict[str, Callable[[Path], None]] = {
    "no-mask": lambda folder: (folder / "masks/day 0/0.png").unlink(),
    "no-image": lambda folder: (folder / "images/day 0/0.png").unlink(),
    "two-files": lambda folder: Image.new("RGB", (9, 9)).save(folder / "images/day 0/0.webp"),
    "bad-image": cut,
    "bad-mask": redraw(np.dstack([person(), person() * 0, person()])),
    "size": redraw(person().T),
    "scaled": redraw(person()[::2, ::2]),
    "empty": redraw(person() * 0),
    "full": redraw(person() * 0 + 255),
    "zero-one": redraw(person((0, 1))),
    "faint": redraw(scene(9)[..., 0] // 3),
    "three-level": redraw(np.maximum(person(), np.uint8(128) * (np.indices(SIZE)[0] > 55))),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_each_fault_is_found_alone(good: Path, kind: str) -> None:
    FAULTS[kind](good)
    found = kinds(found_in(good))
    assert list(found) == [kind]
    assert "day 0/0" in found[kind][0]


def test_every_error_of_a_pair_keeps_it_from_training_and_no_warning_does(good: Path) -> None:
    from figureground.training.sample_cache import draw_sample

    for kind, spoil in FAULTS.items():
        folder = good.with_name(kind)
        shutil.copytree(good, folder)
        spoil(folder)
        one = survey(folder).pairs[0]
        if kind in ("bad-image", "bad-mask", "size"):
            with pytest.raises(DataError, match="day 0/0"):
                draw_sample(one.image, one.mask, (8, 8))
        elif kind in check.WARNINGS:
            assert draw_sample(one.image, one.mask, (8, 8)).shape == (8, 8, 4)


def test_numbers_of_classes_are_no_mask(good: Path) -> None:
    redraw(person((0, 15)))(good)
    report = found_in(good)
    assert kinds(report) == {"bad-mask": ["day 0/0"]}
    assert "0, 15" in report["findings"][0]["detail"]
    with pytest.raises(DataError, match="numbers of classes"):
        read_mask(good / "masks/day 0/0.png")


def test_masks_that_are_all_of_0_and_1_are_understood(good: Path) -> None:
    for pair in find_pairs(good):
        Image.fromarray(person((0, 1))).save(pair.mask)
    report = found_in(good)
    assert report["findings"] == [] and report["masks"] == {"zero-one": 4}


def test_a_mask_lying_on_its_side_is_told_so(good: Path) -> None:
    FAULTS["size"](good)
    assert "on its side" in found_in(good)["findings"][0]["detail"]


def test_a_mask_saved_as_jpeg_is_warned_of(good: Path) -> None:
    path = good / "masks/day 0/0.png"
    Image.fromarray(person()).save(path.with_suffix(".jpg"))
    path.unlink()
    assert list(kinds(found_in(good))) == ["lossy"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda rgb: rgb, "duplicate"),
        (lambda rgb: cv2.resize(rgb, (32, 40), interpolation=cv2.INTER_AREA), "near-duplicate"),
        (lambda rgb: np.uint8(rgb * 0.7), "near-duplicate"),
        (lambda rgb: rgb[:, ::-1], "near-duplicate"),
    ],
)
def test_copies_are_found(good: Path, change: Callable, kind: str) -> None:
    copy = np.ascontiguousarray(change(scene(2)))
    mask = cv2.resize(person(), copy.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    add(good, "zz", copy, mask)
    assert kinds(found_in(good)) == {kind: ["day 0/2"]}


def test_an_image_with_two_masks_is_told_so(good: Path) -> None:
    add(good, "y", scene(2), person())
    add(good, "z", scene(3), person()[:, ::-1])
    details = [finding["detail"] for finding in found_in(good)["findings"]]
    assert details == ["like y", "like z, but the masks differ"]


def test_a_check_loads_no_tensorflow(good: Path) -> None:
    code = f"from figureground.cli import main\nmain(['data', 'check', {str(good)!r}, '-q'])"
    assert not HEAVY & loaded_by(code)


def test_an_image_in_another_set_is_an_error_and_one_like_it_is_not(
    good: Path, tmp_path: Path
) -> None:
    add(tmp_path / "val", "a", scene(1), person())
    add(tmp_path / "val", "b", np.uint8(scene(2) * 0.8), person())
    add(tmp_path / "val", "c", np.uint8(scene(2) * 0.9), person())
    report = found_in(good, "--against", str(tmp_path / "val"))
    assert kinds(report) == {"other-set": ["day 1/1"], "near-other-set": ["day 0/2"]}
    assert report["errors"] == 1


def test_what_is_no_data_set_is_told_from_what_holds_some(good: Path) -> None:
    with pytest.raises(DataError, match="holds data sets, 'good'; give one"):
        find_pairs(good.parent)
    with pytest.raises(DataError, match="neither a folder that holds images/"):
        find_pairs(good / "images" / "day 0" / "0.png")
    with pytest.raises(DataError, match="no folder or manifest"):
        find_pairs(good / "list.csv" / "x")


def test_several_sets_are_checked_as_one(good: Path, tmp_path: Path, capsys) -> None:
    add(tmp_path / "more", "a", scene(1), person())
    assert main(["data", "check", str(good), str(tmp_path / "more")]) == 0
    assert "1 duplicate" in capsys.readouterr().out
    assert main(["data", "check", str(good), str(good)]) == 2
    assert "given twice" in capsys.readouterr().err


def test_the_table_and_the_json_of_standard_output(good: Path, capsys) -> None:
    FAULTS["no-mask"](good)
    assert main(["data", "check", str(good)]) == 1
    table = capsys.readouterr().out
    assert "ERROR    1 no-mask" in table and "add one of the same name" in table
    assert table.endswith("1 error, 0 warnings\n")
    assert main(["data", "check", str(good), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["errors"] == 1


def test_the_sheet_shows_the_person_over_magenta_and_faults_first(
    good: Path, tmp_path: Path
) -> None:
    FAULTS["full"](good)
    sheet = tmp_path / "sheet.png"
    assert main(["data", "check", str(good), "-q", "--sheet", str(sheet), "--cards", "1"]) == 0
    full = np.asarray(Image.open(sheet)).reshape(-1, 3)
    assert not (full == (255, 0, 255)).all(axis=1).any()
    assert main(["data", "check", str(good), "-q", "--sheet", str(sheet), "--cards", "2"]) == 0
    magenta = (np.asarray(Image.open(sheet)) == (255, 0, 255)).all(axis=2).sum()
    assert magenta == SIZE[0] * SIZE[1] - 30 * 20


def test_a_sheet_has_room_for_every_card() -> None:
    view = np.full((10, 20, 3), 7, np.uint8)
    cards = [Tile(views=(view, view), caption="a long name " * 9) for _ in range(3)]
    sheet = draw_sheet(cards, columns=2, box=(10, 20))
    assert (sheet == 7).all(axis=2).sum() == 3 * 2 * view[..., 0].size


def test_ten_thousand_prints_are_compared_in_seconds() -> None:
    random = np.random.default_rng(0)
    prints = []
    for _ in range(10_000):
        thumbnail = random.standard_normal(256).astype(np.float32)
        thumbnail /= np.linalg.norm(thumbnail)
        bits, other = random.integers(0, 2**63, 2).tolist()
        digest = random.bytes(16)
        prints.append(ImageHash(digest=digest, hash=bits, mirrored=other, thumbnail=thumbnail))
    prints.append(prints[17])
    (tie,) = find_near_duplicates(prints)
    assert (tie.first, tie.second, tie.exact) == (17, 10_000, True)


def test_images_that_all_share_a_hash_take_little_memory() -> None:
    """Products before white: each is a candidate for each, and none is another's copy."""
    random = np.random.default_rng(0)
    thumbnails = random.standard_normal((1200, 256)).astype(np.float32)
    thumbnails /= np.linalg.norm(thumbnails, axis=1, keepdims=True)
    prints = [ImageHash(digest=t.tobytes(), hash=0, mirrored=0, thumbnail=t) for t in thumbnails]
    tracemalloc.start()
    assert find_near_duplicates(prints) == []
    assert tracemalloc.get_traced_memory()[1] < 250e6
    tracemalloc.stop()


def test_flat_images_are_alike_only_where_they_are_equal() -> None:
    prints = [hash_image(np.full((9, 9, 3), level, np.uint8)) for level in (0, 90, 0)]
    assert [(tie.first, tie.second) for tie in find_near_duplicates(prints)] == [(0, 2)]


def test_groups_grow_together_through_ties_and_equal_entries() -> None:
    assert join(["a", "b", "c", "a", "d"], [(1, 2), (3, 2)]) == [0, 0, 0, 0, 4]


def test_a_name_of_thousands_of_letters_costs_a_sheet_little(good: Path, tmp_path: Path) -> None:
    name = "/".join(["d" * 200] * 14)
    add(good, name, scene(7), person())
    begun = time.process_time()
    sheet = tmp_path / "sheet.png"
    assert main(["data", "check", str(good), "-q", "--sheet", str(sheet)]) == 0
    assert time.process_time() - begun < 8  # letter by letter it took half a minute
