"""Colours of soft edges, against known ones."""

import numpy as np
import pytest
from mixtures import scene

from figureground.errors import SizeError
from figureground.matting.foreground import estimate_foreground


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_soft_edges_lose_the_old_background(kind: type) -> None:
    mixed, alpha, person = scene(kind)
    soft = (alpha > 0.1) & (alpha < 1)
    before = np.abs(mixed[soft] - person[soft]).mean()
    after = np.abs(estimate_foreground(mixed, alpha)[soft] - person[soft]).mean()
    assert after < 0.25 * before


def test_opaque_pixels_stay_bit_for_bit_and_invisible_ones_are_black() -> None:
    random = np.random.default_rng(0)
    mixed, alpha, _ = scene()
    mixed = random.integers(0, 255, mixed.shape).astype(np.uint8)
    result = estimate_foreground(mixed, alpha)
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result[alpha == 1], mixed[alpha == 1])
    assert not result[alpha == 0].any()


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_a_flat_matte_works(level: float) -> None:
    mixed = np.full((20, 30, 3), 90, np.uint8)
    result = estimate_foreground(mixed, np.full((20, 30), level, np.float32))
    expected = 0 if level == 0 else 90
    assert np.abs(result.astype(int) - expected).max() <= 1


def test_strips_of_a_large_image_leave_no_seams() -> None:
    alpha = np.tile(np.linspace(0.2, 0.8, 3000, dtype=np.float32), (400, 1))
    mixed = np.full((400, 3000, 3), 120, np.uint8)
    result = estimate_foreground(mixed, alpha).astype(int)
    assert np.abs(np.diff(result, axis=0)).max() <= 1
    assert np.abs(result - 120).max() <= 1


def test_arrays_of_two_sizes_are_refused() -> None:
    with pytest.raises(SizeError):
        estimate_foreground(np.zeros((2, 3, 3), np.uint8), np.zeros((3, 2), np.float32))
