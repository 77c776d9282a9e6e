"""Crops and canvases."""

import numpy as np
import pytest

from figureground.arrays import Alpha
from figureground.matting.canvas import person_box, place_on_canvas, room_for, shaped_box


def standing() -> Alpha:
    alpha = np.zeros((100, 80), np.float32)
    alpha[30:70, 50:60] = 1
    return alpha


def test_the_box_holds_the_person_and_nothing_else() -> None:
    assert person_box(standing()) == (slice(30, 70), slice(50, 60))


def test_the_margin_is_a_share_of_the_longer_side_and_ends_at_the_image() -> None:
    assert person_box(standing(), margin=0.25) == (slice(20, 80), slice(40, 70))
    assert person_box(standing(), margin=5) == (slice(0, 100), slice(0, 80))


def test_without_anybody_the_box_is_the_image() -> None:
    assert person_box(np.zeros((4, 5), np.float32)) == (slice(0, 4), slice(0, 5))


def test_the_person_stands_in_the_middle_of_its_canvas_with_room_around() -> None:
    person = np.full((100, 80, 3), 200, np.uint8)
    colors, alpha = place_on_canvas(person, standing(), size=(200, 200), margin=0.1)
    assert colors.shape == (200, 200, 3)
    assert person_box(alpha) == (slice(20, 180), slice(80, 120))  # 160 by 40, as tall as it may be
    np.testing.assert_array_equal(colors[100, 100], 200)


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_black_around_the_person_does_not_bleed_into_its_edge(depth: type) -> None:
    alpha = standing()
    person: np.ndarray = (alpha[..., None] * 200).astype(depth).repeat(3, axis=2)
    for size in ((30, 30), (331, 200)):
        colors, cover = place_on_canvas(person, alpha, size=size, margin=0.1)
        assert colors.dtype == depth
        np.testing.assert_allclose(colors[cover > 0.01], 200, atol=1)


def test_a_shape_that_cuts_the_person_keeps_the_head() -> None:
    alpha = np.zeros((100, 60), np.float32)
    alpha[10:90, 20:40] = 1
    rows, columns = shaped_box(alpha, aspect=3.0, margin=None)
    assert (rows, columns) == (slice(10, 30), slice(0, 60))


def test_a_window_ends_where_the_image_does() -> None:
    alpha = np.zeros((100, 60), np.float32)
    alpha[80:100, 50:60] = 1
    assert shaped_box(alpha, aspect=1.0, margin=0.5) == (slice(70, 100), slice(30, 60))


@pytest.mark.parametrize("cut", [True, False])
def test_a_bust_rests_on_the_bottom_edge_of_a_canvas(cut: bool) -> None:
    alpha = np.zeros((30, 30), np.float32)
    alpha[10 : 30 if cut else 28, 10:20] = 1
    _, placed = place_on_canvas(np.zeros((30, 30, 3), np.uint8), alpha, size=(60, 60))
    assert (placed[-1].max() > 0.5) == cut and placed[0].max() == 0


@pytest.mark.parametrize("aspect", [0.25, 1.0, 4.0])
def test_a_window_with_room_holds_the_whole_person(aspect: float) -> None:
    alpha = np.zeros((60, 30), np.float32)
    alpha[4:58, 10:22] = 1
    top, bottom, left, right = room_for(alpha, aspect=aspect, margin=0.0)
    wide = np.pad(alpha, ((top, bottom), (left, right)))
    assert wide[shaped_box(wide, aspect=aspect, margin=None)].sum() == alpha.sum()
