"""The background out of focus."""

import numpy as np
import pytest

from figureground.matting.blur import blur_behind


@pytest.mark.parametrize("radius", [2, 9, 30])
def test_the_person_leaves_no_halo(radius: float) -> None:
    pixels = np.full((120, 160, 3), 80, np.uint8)
    alpha = np.zeros((120, 160), np.float32)
    alpha[30:90, 40:120] = 1
    pixels[alpha == 1] = 250
    np.testing.assert_array_equal(blur_behind(pixels, alpha, radius=radius), 80)


def test_the_background_goes_on_behind_the_person_from_both_sides() -> None:
    pixels = np.zeros((60, 200, 3), np.uint16)
    pixels[:, 100:] = 40000
    alpha = np.zeros((60, 200), np.float32)
    alpha[:, 60:140] = 1
    behind = blur_behind(pixels, alpha, radius=3)
    assert behind.dtype == np.uint16
    assert behind[30, 65, 0] < 10000
    assert behind[30, 135, 0] > 30000
    assert (np.diff(behind[30, :, 0].astype(int)) > -400).all()


@pytest.mark.parametrize("radius", [3.0, 20.0])
def test_a_step_becomes_a_slope_of_the_radius_that_was_asked_for(radius: float) -> None:
    pixels = np.zeros((40, 400, 3), np.uint8)
    pixels[:, 200:] = 255
    blurred = blur_behind(pixels, np.zeros((40, 400), np.float32), radius=radius)
    profile = blurred[20, :, 0] / 255
    positions = np.arange(399) + 0.5
    weights = np.diff(profile)
    centre = (positions * weights).sum()
    deviation = np.sqrt(((positions - centre) ** 2 * weights).sum())
    assert centre == pytest.approx(199.5, abs=0.3)
    assert deviation == pytest.approx(radius, rel=0.15)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 3)])
def test_small_images_and_images_full_of_person_work(size: tuple[int, int]) -> None:
    pixels = np.full((*size, 3), 90, np.uint8)
    assert blur_behind(pixels, np.ones(size, np.float32), radius=5).shape == pixels.shape
    np.testing.assert_array_equal(blur_behind(pixels, np.zeros(size, np.float32), radius=5), 90)
