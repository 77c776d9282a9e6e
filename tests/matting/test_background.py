"""Colours and images to put behind a person."""

import numpy as np
import pytest

from figureground.arrays import Color
from figureground.errors import ColorError
from figureground.matting.background import contain, cover, gradient, parse_color, tile


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("#0f0", (0, 255, 0)),
        ("#00ff7f", (0, 255, 127)),
        (" White ", (255, 255, 255)),
        ("rgb(1, 2, 3)", (1, 2, 3)),
        ("hsl(120, 100%, 50%)", (0, 255, 0)),
        ("rgb(1 2 3)", (1, 2, 3)),
        ("hsl(120deg 100% 50%)", (0, 255, 0)),
    ],
)
def test_colours_are_read_as_css_writes_them(text: str, color: Color) -> None:
    assert parse_color(text) == color


@pytest.mark.parametrize("text", ["", "greenish", "#00ff0", "#00ff0080", "beach.jpg"])
def test_what_is_no_opaque_colour_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ColorError, match="#00ff00"):
        parse_color(text)


def test_cover_fills_the_size_and_cuts_both_sides_evenly() -> None:
    wide = np.zeros((10, 40, 3), np.uint8)
    wide[:, 15:25] = 200
    np.testing.assert_array_equal(cover(wide, (20, 20)), 200)


def test_contain_shows_all_of_an_image_between_bars_of_colour() -> None:
    wide = np.full((10, 40, 3), 200, np.uint8)
    result = contain(wide, (20, 20), color=(1, 2, 3))
    assert (result == 200).all(axis=2).sum() == 5 * 20
    np.testing.assert_array_equal(result[0, 0], [1, 2, 3])
    np.testing.assert_array_equal(result[-1, -1], [1, 2, 3])


def test_tile_repeats_from_the_top_left_corner() -> None:
    small = np.arange(2 * 3 * 3, dtype=np.uint16).reshape(2, 3, 3)
    result = tile(small, (5, 7))
    assert result.dtype == np.uint16
    np.testing.assert_array_equal(result[4, 6], small[0, 0])
    np.testing.assert_array_equal(result[2:4, 3:6], small)


@pytest.mark.parametrize("bring", [cover, tile])
def test_one_pixel_becomes_a_background(bring) -> None:  # type: ignore[no-untyped-def]
    np.testing.assert_array_equal(bring(np.full((1, 1, 3), 7, np.uint8), (4, 9)), 7)


def test_a_gradient_runs_down_from_the_first_colour_to_the_last() -> None:
    result = gradient([(0, 0, 0), (100, 200, 240)], (50, 20), depth=np.uint8)
    np.testing.assert_array_equal(result[0, 0], [1, 2, 2])  # half a row into the gradient
    np.testing.assert_array_equal(result[-1, -1], [99, 198, 238])
    assert (np.diff(result[:, 5, 1].astype(int)) > 0).all()
    np.testing.assert_array_equal(result[:, 0], result[:, -1])


def test_a_gradient_turns_with_its_angle_and_passes_every_colour() -> None:
    colors = [(0, 0, 0), (255, 0, 0), (0, 0, 255)]
    right = gradient(colors, (3, 101), angle=90, depth=np.uint16)
    assert right.dtype == np.uint16
    np.testing.assert_array_equal(right[1, 50], [65535, 0, 0])
    up = gradient(colors, (101, 3), angle=0, depth=np.uint16)
    np.testing.assert_array_equal(up[::-1, 1], right[1])
    corner = gradient(colors, (200, 100), angle=45, depth=np.uint8)
    assert corner[-1, 0].max() < 8
    assert corner[0, -1, 2] > 247


def test_a_gradient_of_one_colour_is_refused() -> None:
    with pytest.raises(ColorError, match="two or more"):
        gradient([(0, 0, 0)], (4, 4), depth=np.uint8)
