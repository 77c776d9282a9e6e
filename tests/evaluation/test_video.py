"""The measure of flicker."""

import numpy as np
import pytest

from figureground.errors import SizeError
from figureground.evaluation.video import dtssd

EMPTY, FULL = np.zeros((4, 5), np.float32), np.ones((4, 5), np.float32)
BLACK_POINT, SOMEBODY = np.zeros((4, 5), np.uint8), np.full((4, 5), 255, np.uint8)


def test_a_matte_that_follows_the_truth_does_not_flicker() -> None:
    assert dtssd([EMPTY, FULL, EMPTY], [BLACK_POINT, SOMEBODY, BLACK_POINT]) == 0


def test_a_constant_error_is_no_flicker() -> None:
    assert dtssd([FULL, FULL], [BLACK_POINT, BLACK_POINT]) == 0


def test_an_error_that_comes_and_goes_counts_each_time() -> None:
    half = FULL.copy()
    half[:2] = 0
    assert dtssd([EMPTY, half, EMPTY], [BLACK_POINT] * 3) == pytest.approx(100 * np.sqrt(0.5))


def test_videos_of_another_length_or_size_are_refused() -> None:
    with pytest.raises(SizeError, match="as many truths"):
        dtssd([EMPTY], [BLACK_POINT])
    with pytest.raises(SizeError, match="rows or columns"):
        dtssd([EMPTY, EMPTY], [np.zeros((4, 4), np.uint8)] * 2)
