"""Outlines are filled as COCO's reference fills them."""

import time

import numpy as np
import pytest
from datafiles import rows

from figureground.datasets.outlines import corners, decode_runs, fill_polygon, unpack_counts
from figureground.errors import DataError


# What pycocotools 2.0.11 draws: mask.decode(mask.merge(mask.frPyObjects([points], rows, columns)))
@pytest.mark.parametrize(
    ("points", "drawn"),
    [
        ([0, 0, 5, 0, 0, 5], "####. ###.. ##... #.... ....."),
        ([-2, -2, 9, -2, 9, 9, -2, 9], "#### #### ####"),
        ([1.5, 0.5, 4.2, 3.7, 0.3, 2.9], "...... .#.... .##... ...#.. ......"),
        ([0, 0, 4, 4, 4, 0, 0, 4], "#..# #### #..# ...."),
        ([1, 1, 1, 1, 4, 1, 4, 3, 1, 3], "...... .###.. .###.. ......"),
    ],
)
def test_a_polygon_covers_what_the_reference_fills(points: list, drawn: str) -> None:
    size = rows(drawn).shape
    found = fill_polygon(corners(points, size), size)
    np.testing.assert_array_equal(found, rows(drawn))


def test_pieces_of_an_outline_join(monkeypatch: pytest.MonkeyPatch) -> None:
    points = np.random.default_rng(0).uniform(-20, 120, (60, 2))
    whole = fill_polygon(points, (90, 100))
    monkeypatch.setattr("figureground.datasets.outlines.CHUNK", 100)
    np.testing.assert_array_equal(fill_polygon(points, (90, 100)), whole)


@pytest.mark.parametrize(
    "points", [[1e9, 0, 0, 1, 1, 1], [float("nan")] * 6, ["x"] * 6, [1, 2, 3], [[[1]]], {}]
)
def test_what_is_no_corner_is_told(points: object) -> None:
    with pytest.raises(DataError, match="corner") as said:
        corners(points, (4, 6))
    assert len(str(said.value)) < 200


def test_an_outline_of_absurd_length_is_refused_at_once() -> None:
    zigzag = np.tile([[-9e4, 0], [9e4, 1]], (2000, 1))
    begun = time.monotonic()
    with pytest.raises(DataError, match="too long"):
        fill_polygon(zigzag, (4, 6))
    assert time.monotonic() - begun < 1


def test_run_lengths_that_do_not_fill_the_image_are_refused() -> None:
    for counts in ([5, 2], [5, 2, 18], [0], []):
        with pytest.raises(DataError, match="run lengths"):
            decode_runs(counts, (4, 6), (4, 6))
    with pytest.raises(DataError, match="run lengths"):
        decode_runs([24], (6, 4), (4, 6))


def test_run_lengths_go_down_or_along() -> None:
    down = decode_runs([1, 2, 3], (2, 3), (2, 3))
    np.testing.assert_array_equal(down * 255, rows(".#. #.."))
    along = decode_runs([1, 2, 3], (2, 3), (2, 3), down=False)
    np.testing.assert_array_equal(along * 255, rows(".## ..."))


def test_run_lengths_are_unpacked_as_the_reference_packs_them() -> None:
    # From the packing's definition: the fourth is 3 - 2 = 1, the fifth 1 - 17 = -16.
    assert unpack_counts("52a0") == [5, 2, 17]
    assert unpack_counts("52a01") == [5, 2, 17, 3]
    assert unpack_counts("52a01@") == [5, 2, 17, 3, 1]
