"""Measures against cases computed by hand, and against the formula they are published with."""

from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Lock
from time import sleep

import cv2
import numpy as np
import pytest
from PIL import Image

from figureground.datasets.masks import read_mask
from figureground.datasets.pairs import find_pairs
from figureground.errors import DataError, SizeError
from figureground.evaluation.evaluate import evaluate, mean, summarise, write_csv
from figureground.evaluation.metrics import boundary, score
from figureground.report.overlap import iou


def square(size: int, first: int, last: int) -> np.ndarray:
    mask = np.zeros((size, size), bool)
    mask[first:last, first:last] = True
    return mask


def redness(rgb: np.ndarray) -> np.ndarray:
    return rgb[..., 0].astype(np.float32) / 255


def emptiness(rgb: np.ndarray) -> np.ndarray:
    return np.zeros(rgb.shape[:2], np.float32)


def test_iou_of_half_an_overlap() -> None:
    left, right = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    left[:, :2], right[:, 1:3] = True, True
    assert iou(left, right) == pytest.approx(1 / 3)
    assert iou(left, left) == 1
    assert iou(left, ~left) == 0
    assert iou(left & ~left, left & ~left) == 1


def test_the_boundary_is_a_frame_of_the_band_inside_the_set() -> None:
    inside = square(100, 20, 80)
    frame = boundary(inside, band=0.03)  # 3 % of a diagonal of 141 pixels: 4 pixels
    assert frame.sum() == 60 * 60 - 52 * 52
    assert not (frame & ~inside).any()
    assert boundary(np.ones((50, 50), bool), band=0.02).sum() == 50 * 50 - 48 * 48


def test_scores_of_a_shifted_square() -> None:
    truth = square(100, 20, 80).astype(np.uint8) * 255
    alpha = square(100, 20, 70).astype(np.float32)
    scores = score(alpha, truth)
    assert scores["iou"] == pytest.approx(2500 / 3600)
    assert scores["dice"] == pytest.approx(2 * 2500 / (2500 + 3600))
    assert scores["mae"] == pytest.approx(1100 / 10000)
    frames = (boundary(square(100, 20, 70)), boundary(square(100, 20, 80)))
    assert scores["boundary_iou"] == pytest.approx(iou(*frames))


def test_large_masks_are_measured_at_512_pixels() -> None:
    truth = np.zeros((1024, 800), np.uint8)
    truth[200:900, 100:700] = 255
    alpha = truth.astype(np.float32) / 255
    alpha[::2, ::2] = 0  # a pattern finer than the size it is measured at
    levels = cv2.resize((alpha * 255).astype(np.uint8), (400, 512), interpolation=cv2.INTER_AREA)
    small = cv2.resize(truth, (400, 512), interpolation=cv2.INTER_AREA)
    expected = float(np.abs(levels / 255 - small / 255).mean())
    assert score(alpha, truth)["mae"] == pytest.approx(expected)
    assert score(alpha, truth)["iou"] == 1


def test_arrays_of_two_sizes_are_refused() -> None:
    with pytest.raises(SizeError, match="rows, columns"):
        score(np.zeros((2, 3), np.float32), np.zeros((3, 2), np.uint8))


def test_the_interval_holds_the_mean_and_narrows_with_more_images() -> None:
    values = np.random.default_rng(0).random(400).tolist()
    few, many = mean(values[:20]), mean(values)
    assert few.low < few.value < few.high
    assert many.high - many.low < few.high - few.low
    assert mean(values) == many


def test_resamples_drawn_in_steps_are_those_drawn_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(1).random(37).tolist()
    whole = mean(values)
    for limit in (1, 37 * 300):
        monkeypatch.setattr("figureground.evaluation.evaluate.AT_ONCE", limit)
        assert mean(values) == whole


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for folder in ("images", "masks"):
        (tmp_path / folder / "sub").mkdir(parents=True)
    for name, last in (("a", 30), ("sub/b", 20)):
        truth = square(40, 10, last).astype(np.uint8) * 255
        Image.fromarray(np.dstack([truth] * 3)).save(tmp_path / "images" / f"{name}.png")
        Image.fromarray(truth).save(tmp_path / "masks" / f"{name}.png")
    return tmp_path


def test_evaluation_takes_every_pair_through_the_network(data: Path, tmp_path: Path) -> None:
    rows = list(evaluate([redness], find_pairs(data)))
    assert [row.name for row in rows] == ["a", "sub/b"]
    assert summarise(rows)["iou"].value == 1
    assert summarise(rows)["above_0.95"].value == 1
    nothing = list(evaluate([emptiness], find_pairs(data)))
    assert summarise(nothing)["iou"].value == 0
    assert summarise(nothing)["below_0.8"].value == 1
    write_csv(rows, tmp_path / "rows.csv")
    assert len((tmp_path / "rows.csv").read_text().splitlines()) == 3


def test_images_go_through_several_networks_at_once_and_come_in_order(data: Path) -> None:
    both, calls = Barrier(2, timeout=20), []

    def network(name: str) -> Callable[[np.ndarray], np.ndarray]:
        def alpha_of(rgb: np.ndarray) -> np.ndarray:
            both.wait()  # until the other is at work too
            calls.append(name)
            return redness(rgb)

        return alpha_of

    rows = list(evaluate([network("first"), network("second")], find_pairs(data)))
    assert [row.name for row in rows] == ["a", "sub/b"]
    assert sorted(calls) == ["first", "second"]


def test_a_network_has_one_image_at_a_time(data: Path) -> None:
    busy = Lock()

    def alpha_of(rgb: np.ndarray) -> np.ndarray:
        assert busy.acquire(blocking=False)
        sleep(0.05)
        busy.release()
        return redness(rgb)

    assert len(list(evaluate([alpha_of], find_pairs(data) * 2))) == 4


def test_a_missing_partner_is_named(data: Path) -> None:
    (data / "masks" / "sub" / "b.png").unlink()
    with pytest.raises(DataError, match=r"no mask for 'sub/b'"):
        find_pairs(data)
    (data / "images" / "sub" / "b.png").unlink()
    (data / "images" / "a.png").unlink()
    with pytest.raises(DataError, match="holds no images"):
        find_pairs(data)
    with pytest.raises(DataError, match="there is no folder"):
        find_pairs(data / "nowhere")


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        (np.array([[0, 1]], np.uint8), [[0, 255]]),
        (np.array([[0, 128, 255]], np.uint8), [[0, 128, 255]]),
        (np.array([[False, True]]), [[0, 255]]),
        (np.full((1, 2, 3), 255, np.uint8), [[255, 255]]),
    ],
)
def test_masks_of_all_kinds_mean_the_same(tmp_path: Path, levels, expected) -> None:
    Image.fromarray(levels).save(tmp_path / "m.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "m.png"), expected)


def test_masks_that_are_none_are_refused(tmp_path: Path) -> None:
    Image.new("RGB", (2, 2), (255, 0, 0)).save(tmp_path / "m.png")
    with pytest.raises(DataError, match="has colours"):
        read_mask(tmp_path / "m.png")
    (tmp_path / "m.png").write_text("no")
    with pytest.raises(DataError, match="cannot read the mask"):
        read_mask(tmp_path / "m.png")
