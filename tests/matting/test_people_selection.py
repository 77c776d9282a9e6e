"""Who is kept of several people in an image."""

import numpy as np
import pytest
from people import BIG, MIDDLE, SMALL, scene

from figureground.errors import StyleError
from figureground.matting.people_selection import (
    Chosen,
    choose_people,
    label_people,
)


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        ("all", (BIG, MIDDLE, SMALL)),
        ("largest", (BIG,)),
        ("centre", (MIDDLE,)),
        (((75.0, 40.0),), (SMALL,)),
        (((75.9, 40.9), (5.0, 10.0)), (SMALL, BIG)),
    ],
)
def test_those_who_are_chosen_stay_with_their_soft_edges(
    chosen: Chosen, kept: tuple[tuple[int, int, int, int], ...]
) -> None:
    alpha = choose_people(scene(BIG, MIDDLE, SMALL), chosen)
    assert alpha.dtype == np.float32
    np.testing.assert_array_equal(alpha, scene(*kept))


def test_soft_alpha_that_touches_nobody_belongs_to_the_nearest() -> None:
    alpha = scene(BIG, SMALL)
    alpha[20, 35] = alpha[40, 65] = 0.4  # strands, one beside each
    left, right = choose_people(alpha, "largest"), choose_people(alpha, ((75.0, 40.0),))
    assert (left[20, 35] > 0, left[40, 65] > 0) == (True, False)
    assert (right[20, 35] > 0, right[40, 65] > 0) == (False, True)
    np.testing.assert_array_equal(left + right, alpha)


def test_a_faint_bridge_joins_nobody_and_a_half_sure_one_does() -> None:
    for bridge, people in ((0.2, 2), (0.4, 1)):
        alpha = scene(BIG, SMALL)
        alpha[40, 30:70] = bridge
        assert label_people(alpha)[1] == people


def test_debris_is_nobody_beside_people_and_somebody_alone() -> None:
    alpha = scene(BIG, size=(200, 200))
    alpha[150, 150] = 1
    assert label_people(alpha)[1] == 1
    np.testing.assert_array_equal(choose_people(alpha, "centre"), alpha)
    alone = np.zeros((200, 200), np.float32)
    alone[150, 150] = 1
    assert label_people(alone)[1] == 1


def test_a_scrap_in_the_middle_is_not_the_central_person() -> None:
    scrap = (29, 31, 49, 51)
    np.testing.assert_array_equal(choose_people(scene(BIG, scrap), "centre"), scene(BIG))


def test_where_nobody_is_nothing_changes() -> None:
    nobody = np.full((9, 7), 0.1, np.float32)
    for chosen in ("all", "largest", "centre", ((3.0, 3.0),)):
        assert choose_people(nobody, chosen) is nobody


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ((60.0, 10.0), r"nobody is at 60,10; people are at \d+,\d+, \d+,\d+$"),
        ((100.0, 10.0), "100,10 lies outside the image of 100x60 pixels"),
        ((-1.0, 10.0), "outside the image"),
    ],
)
def test_a_point_that_hits_nobody_is_told_where_people_are(
    point: tuple[float, float], said: str
) -> None:
    with pytest.raises(StyleError, match=said):
        choose_people(scene(BIG, SMALL), (point,))


def test_the_places_that_are_told_hit_people() -> None:
    alpha = scene(BIG, SMALL)
    with pytest.raises(StyleError) as failure:
        choose_people(alpha, ((60.0, 10.0),))
    told = str(failure.value).partition("people are at ")[2]
    for place, person in zip(told.split(", "), (BIG, SMALL), strict=True):
        points = (tuple(float(side) for side in place.split(",")),)
        np.testing.assert_array_equal(choose_people(alpha, points), scene(person))


def test_a_hint_mask_keeps_whom_it_lies_on_and_spills_onto_nobody() -> None:
    alpha = scene(BIG, SMALL)
    scribble = np.zeros((60, 100), np.uint8)
    scribble[40, 72:76] = 255
    np.testing.assert_array_equal(choose_people(alpha, scribble), scene(SMALL))
    rough = np.zeros((60, 100), np.uint8)
    rough[5:55, :72] = 255  # over the large one, and the edge of the other
    np.testing.assert_array_equal(choose_people(alpha, rough), scene(BIG))
    both = np.full((30, 50), 255, np.uint8)  # of another size
    np.testing.assert_array_equal(choose_people(alpha, both), alpha)


def test_a_hint_mask_on_nobody_is_refused() -> None:
    with pytest.raises(StyleError, match="lies on nobody; somebody is at"):
        choose_people(scene(BIG), np.zeros((60, 100), np.uint8))
