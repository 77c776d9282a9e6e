"""Debris goes, holes close, soft edges and small sure people stay."""

import numpy as np

from figureground.matting.small_regions import (
    IMAGES,
    drop_spot,
    remove_small_regions,
    resolve_uncertain_regions,
)


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
        assert (resolve_uncertain_regions(alpha)[10:20, 30:36].max() > 0.1) == stays


def test_a_gap_that_is_sure_in_a_fifth_stays_a_gap() -> None:
    for sure, stays in ((0, False), (2, False), (3, True)):  # of fourteen rows
        alpha = scene()
        alpha[12:26, 10:20] = 0.3
        alpha[12 : 12 + sure, 10:20] = 0
        assert (resolve_uncertain_regions(alpha)[12:26, 10:20].min() < 0.1) == stays


def test_a_faint_patch_goes_where_nothing_sure_hangs_on_it_and_stays_beside_hair() -> None:
    alpha = scene()
    alpha[5:15, 30:38] = 0.3
    alpha[20:30, 24:30] = 0.3
    expected = scene()
    expected[20:30, 24:30] = 0.3
    np.testing.assert_allclose(resolve_uncertain_regions(alpha), expected, atol=1e-6)


def test_what_is_dropped_ends_softly_before_what_stays() -> None:
    alpha = np.full((60, 60), 0.1, np.float32)
    alpha[10:50, 5:25] = 1  # somebody
    alpha[20:40, 33:46] = 0.6  # and a chair
    left = resolve_uncertain_regions(alpha)
    assert (left[10:50, 5:25] == 1).all() and left[25:35, 33:46].max() < 0.01
    assert 0.01 < np.abs(np.diff(left[30, 25:33])).max() < 0.04


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


def test_a_spot_in_doubt_is_nobody_and_one_that_is_sure_somewhere_is_somebody() -> None:
    alpha = np.zeros((100, 100), np.float32)
    alpha[10:15, 10:20] = 0.9  # half a percent
    assert not drop_spot(alpha).any()
    alpha[12, 12] = 0.93
    np.testing.assert_array_equal(drop_spot(alpha), alpha)


def test_somebody_faint_stays_where_more_than_a_spot_is_found() -> None:
    for level in (0.9, 0.2):
        alpha = np.zeros((100, 100), np.float32)
        alpha[10:20, 10:20] = level
        alpha[12, 12] = 0.3
        np.testing.assert_array_equal(drop_spot(alpha), alpha)


def large(veil: float) -> np.ndarray:
    """A sure person, and at the right side a veil that hangs on them; float32 (80, 80)."""
    alpha = np.zeros((80, 80), np.float32)
    alpha[10:70, 10:40] = 1
    alpha[20:50, 40:70] = veil
    return alpha


def test_wide_doubt_is_drawn_to_person_or_background_by_what_is_around_it() -> None:
    for veil in (0.3, 0.7):
        inside = resolve_uncertain_regions(large(veil))[30:40, 48:60]
        assert ((inside - veil) * (veil - 0.5) > 0.04).all()


def test_a_spot_in_doubt_is_not_made_surer_than_what_is_around_it() -> None:
    alpha = large(0.65)
    alpha[30:36, 50:56] = 0.5
    settled = resolve_uncertain_regions(alpha)
    assert settled[33, 53] <= settled[33, 44:66].max()
    assert settled[33, 53] > 0.8  # decided with the region


def test_nothing_is_cut_along_straight_lines() -> None:
    rows, columns = np.mgrid[:200, :200]
    far = np.hypot(rows - 100, columns - 100)
    settled = resolve_uncertain_regions(np.clip(1.3 - far / 70, 0, 1).astype(np.float32))
    assert np.abs(np.diff(settled, axis=0)).max() < 0.3  # five pixels from nobody to somebody
    outline = (settled > 0.5) & (np.roll(settled, 1, axis=0) <= 0.5)
    assert np.ptp(far[outline]) < 2.5  # a disc stays a disc


def test_soft_edges_and_hair_are_no_wide_doubt() -> None:
    alpha = large(0)
    alpha[10:70, 40:48] = np.linspace(0.9, 0.1, 8, dtype=np.float32)
    np.testing.assert_allclose(resolve_uncertain_regions(alpha), alpha, atol=1e-6)


def test_where_all_is_in_doubt_it_stays_so() -> None:
    alpha = np.zeros((80, 80), np.float32)
    alpha[20:60, 20:60] = 0.4
    np.testing.assert_allclose(resolve_uncertain_regions(alpha), alpha, atol=1e-6)


def test_videos_keep_wide_doubt() -> None:
    np.testing.assert_allclose(remove_small_regions(large(0.4)), large(0.4), atol=1e-6)


def test_a_trace_away_from_all_regions_fades_out_and_one_beside_a_person_stays() -> None:
    alpha = np.zeros((60, 100), np.float32)
    alpha[10:50, 10:40] = 1
    alpha[10:50, 40:43] = 0.1  # where hair ends
    alpha[20:30, 60:70] = 0.12
    left = resolve_uncertain_regions(alpha)
    np.testing.assert_allclose(left[:, :43], alpha[:, :43], atol=1e-6)
    assert left[:, 51:].max() == 0
    faint = np.where(alpha == 1, 0, alpha)
    np.testing.assert_allclose(resolve_uncertain_regions(faint), faint, atol=1e-6)


def test_where_no_region_is_sure_all_stay() -> None:
    alpha = np.zeros((64, 96), np.float32)
    alpha[8:28, 8:28], alpha[36:56, 60:80] = 0.4, 0.5  # above the level of a region, not sure
    np.testing.assert_allclose(remove_small_regions(alpha, IMAGES), alpha, atol=1e-6)
