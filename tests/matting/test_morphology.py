"""Softer, wider, harder mattes."""

import cv2
import numpy as np
import pytest

from figureground.arrays import Alpha
from figureground.matting.morphology import (
    drop_small,
    feather,
    grow,
    threshold,
    trimap,
)


def square(side: int = 60, *, edge: int = 20) -> Alpha:
    alpha = np.zeros((side, side), np.float32)
    alpha[edge:-edge, edge:-edge] = 1
    return alpha


def test_a_narrow_feather_is_made_at_full_size() -> None:
    alpha = square()
    exact = cv2.GaussianBlur(alpha, (0, 0), 2, borderType=cv2.BORDER_REPLICATE)
    np.testing.assert_allclose(feather(alpha, radius=2), exact, atol=1e-6)


@pytest.mark.parametrize("radius", [1, 3, 8])
def test_feather_softens_evenly_and_keeps_the_amount_of_person(radius: float) -> None:
    soft = feather(square(120, edge=40), radius=radius)
    np.testing.assert_allclose(soft.sum(), 40 * 40, rtol=0.01)
    np.testing.assert_allclose(soft[40, 60] + soft[39, 60], 1, atol=0.05)  # half way at the edge
    outside = soft[:40, 60]  # a Gaussian blur of a step has its standard deviation as slope
    np.testing.assert_allclose(outside.sum(), radius / np.sqrt(2 * np.pi), rtol=0.15)


def test_grow_moves_the_edge_by_as_many_pixels_and_back() -> None:
    assert grow(square(), pixels=3)[30].sum() == 26
    assert grow(square(), pixels=-3)[30].sum() == 14
    np.testing.assert_array_equal(grow(square(), pixels=0), square())


def test_threshold_leaves_only_nought_and_one() -> None:
    alpha = np.array([[0, 0.49, 0.5, 1]], np.float32)
    np.testing.assert_array_equal(threshold(alpha), [[0, 0, 1, 1]])
    np.testing.assert_array_equal(threshold(alpha, level=0.4), [[0, 1, 1, 1]])


def three_people() -> Alpha:
    alpha = np.zeros((20, 40), np.float32)
    alpha[2:12, 2:12] = 0.9  # 100 pixels
    alpha[2:9, 20:28] = 1  # 56
    alpha[15:17, 30:32] = 0.5  # 4
    return alpha


def test_specks_below_an_area_go() -> None:
    assert np.count_nonzero(drop_small(three_people(), area=5)) == 156
    np.testing.assert_array_equal(drop_small(three_people(), area=4), three_people())


def test_an_image_of_nobody_and_one_of_nothing_else_pass_unchanged() -> None:
    for level in (0, 1):
        alpha = np.full((5, 6), level, np.float32)
        for result in (drop_small(alpha, area=3), grow(alpha, pixels=1)):
            np.testing.assert_array_equal(result, alpha)


def test_trimap_doubts_both_sides_of_a_hard_edge_and_every_soft_pixel() -> None:
    alpha = square()
    alpha[5, 5] = 0.5
    result = trimap(alpha, width=2)
    assert set(np.unique(result)) == {0, 128, 255}
    assert (result[30, 18:22] == 128).all()
    assert result[30, 30] == 255
    assert result[5, 5] == result[5, 7] == 128
    assert result[5, 12] == 0
