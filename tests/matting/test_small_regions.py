"""Debris goes, holes close, soft edges and small sure people stay."""

import numpy as np

from figureground.matting.small_regions import remove_small_regions, resolve_uncertain_regions


def scene() -> np.ndarray:
    """A person in the middle with a soft edge; float32 (40, 40)."""
    alpha = np.zeros((40, 40), np.float32)
    alpha[8:32, 8:24] = 0.5
    alpha[9:31, 9:23] = 1
    return alpha


def test_an_island_without_anything_sure_is_nobody() -> None:
    alpha = scene()
    alpha[10:20, 30:36] = 0.6
    np.testing.assert_array_equal(remove_small_regions(alpha), scene())


def test_a_hole_without_any_sure_background_is_person() -> None:
    alpha = scene()
    alpha[15:20, 12:18] = 0.4
    np.testing.assert_array_equal(remove_small_regions(alpha), scene())


def test_an_island_of_which_little_is_sure_is_nobody() -> None:
    for sure, stays in ((2, False), (4, True)):  # of ten rows
        alpha = scene()
        alpha[10:20, 28:38] = 0.6
        alpha[10 : 10 + sure, 28:38] = 1
        assert remove_small_regions(alpha)[10:20, 28:38].any() == stays


def test_sure_gaps_and_sure_islands_stay() -> None:
    alpha = scene()
    alpha[15:20, 12:18] = 0
    alpha[10:20, 30:36] = 1
    np.testing.assert_array_equal(remove_small_regions(alpha), alpha)


def test_nobody_and_nothing_but_people_stay() -> None:
    for level in (0, 1):
        alpha = np.full((9, 7), level, np.float32)
        np.testing.assert_array_equal(remove_small_regions(alpha), alpha)


def test_a_person_of_whom_nothing_is_sure_stays() -> None:
    faint = scene() * np.float32(0.7)
    np.testing.assert_allclose(remove_small_regions(faint), faint, atol=1e-6)


def large(veil: float) -> np.ndarray:
    """A sure person, and at the right side a veil that hangs on them; float32 (80, 80)."""
    alpha = np.zeros((80, 80), np.float32)
    alpha[10:70, 10:40] = 1
    alpha[20:50, 40:70] = veil
    return alpha


def test_a_veil_is_person_or_not_by_its_mean() -> None:
    for veil, person in ((0.47, 0), (0.53, 1)):
        alpha = large(veil)
        alpha[30:35, 50:55] = 1 - veil  # spots that contradict are outvoted
        np.testing.assert_array_equal(resolve_uncertain_regions(alpha), large(person))


def test_each_veil_is_decided_alone_with_its_rim() -> None:
    alpha = large(0.3)
    alpha[33:36, 70:76] = 0.85  # a bright spur, too narrow for a veil
    alpha[60:80, 10:40] = 0.7
    alpha[:60, 9] = 0.5  # a soft edge elsewhere
    expected = large(0)
    expected[60:80, 10:40] = 1
    expected[:50, 9] = 0.5
    alpha[50:60, 9] = 0
    np.testing.assert_array_equal(resolve_uncertain_regions(alpha), expected)


def test_soft_edges_and_hair_are_no_veils() -> None:
    alpha = large(0)
    alpha[10:70, 40:56] = np.linspace(0.9, 0.1, 16, dtype=np.float32)
    np.testing.assert_allclose(resolve_uncertain_regions(alpha), alpha, atol=1e-6)


def test_where_all_is_in_doubt_it_stays_so() -> None:
    alpha = np.zeros((80, 80), np.float32)
    alpha[20:60, 20:60] = 0.4
    np.testing.assert_allclose(resolve_uncertain_regions(alpha), alpha, atol=1e-6)


def test_videos_keep_their_veils() -> None:
    np.testing.assert_allclose(remove_small_regions(large(0.4)), large(0.4), atol=1e-6)
