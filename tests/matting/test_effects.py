"""A line around the person, a shadow behind it."""

import numpy as np
import pytest

from figureground.arrays import Alpha
from figureground.matting.compositing import composite
from figureground.matting.effects import outline, shadow

PERSON = np.full((60, 60, 3), 200, np.uint8)


def square() -> Alpha:
    alpha = np.zeros((60, 60), np.float32)
    alpha[20:40, 20:40] = 1
    return alpha


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_an_outline_is_as_wide_as_asked_and_leaves_the_person_alone(depth: type) -> None:
    person: np.ndarray = np.full((60, 60, 3), 200, depth)
    colors, alpha = outline(person, square(), width=4, color=(255, 0, 0))
    assert alpha[30].sum() == pytest.approx(20 + 2 * 4, abs=0.5)
    np.testing.assert_array_equal(colors[20:40, 20:40], 200)
    np.testing.assert_array_equal(colors[30, 17], [np.iinfo(depth).max, 0, 0])
    assert colors.dtype == depth


def test_an_outline_shows_through_a_soft_edge_as_porter_duff_say() -> None:
    alpha = square()
    alpha[20:40, 40] = 0.5
    colors, both = outline(PERSON, alpha, width=5, color=(0, 0, 0))
    assert both[30, 40] == 1
    np.testing.assert_array_equal(colors[30, 40], 100)


def test_nobody_gets_no_outline() -> None:
    _, alpha = outline(PERSON, square() * 0, width=4, color=(255, 0, 0))
    assert not alpha.any()


def test_a_shadow_falls_where_it_should_and_only_behind_the_person() -> None:
    colors, alpha = shadow(PERSON, square(), offset=(10, -5), blur=1, opacity=0.5)
    assert alpha[45, 20] == pytest.approx(0.5, abs=0.01)
    assert alpha[10, 30] == 0
    np.testing.assert_array_equal(colors[20:40, 20:40], 200)
    page = composite(colors, alpha, (100, 100, 100))
    assert page[45, 20, 0] == pytest.approx(50, abs=2)


def test_what_comes_in_stays_as_it_is() -> None:
    person, alpha = PERSON.copy(), square()
    shadow(person, alpha, offset=(3, 3), blur=2)
    np.testing.assert_array_equal(person, PERSON)
    np.testing.assert_array_equal(alpha, square())
