"""Debris goes, holes close, soft edges and small sure people stay."""

import numpy as np

from figureground.matting.islands import decide


def scene() -> np.ndarray:
    """A person in the middle with a soft edge; float32 (40, 40)."""
    alpha = np.zeros((40, 40), np.float32)
    alpha[8:32, 8:24] = 0.5
    alpha[9:31, 9:23] = 1
    return alpha


def test_an_island_without_anything_sure_is_nobody() -> None:
    alpha = scene()
    alpha[10:20, 30:36] = 0.6
    np.testing.assert_array_equal(decide(alpha), scene())


def test_a_hole_without_any_sure_background_is_person() -> None:
    alpha = scene()
    alpha[15:20, 12:18] = 0.4
    np.testing.assert_array_equal(decide(alpha), scene())


def test_an_island_of_which_little_is_sure_is_nobody() -> None:
    for sure, stays in ((2, False), (4, True)):  # of ten rows
        alpha = scene()
        alpha[10:20, 28:38] = 0.6
        alpha[10 : 10 + sure, 28:38] = 1
        assert decide(alpha)[10:20, 28:38].any() == stays


def test_sure_gaps_and_sure_islands_stay() -> None:
    alpha = scene()
    alpha[15:20, 12:18] = 0
    alpha[10:20, 30:36] = 1
    np.testing.assert_array_equal(decide(alpha), alpha)


def test_nobody_and_nothing_but_people_stay() -> None:
    for level in (0, 1):
        alpha = np.full((9, 7), level, np.float32)
        np.testing.assert_array_equal(decide(alpha), alpha)


def test_a_person_of_whom_nothing_is_sure_stays() -> None:
    faint = scene() * np.float32(0.7)
    np.testing.assert_allclose(decide(faint), faint, atol=1e-6)
