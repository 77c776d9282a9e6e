"""The measure of flicker."""

import numpy as np
import pytest

from figureground.errors import SizeError
from figureground.evaluation.video import dtssd, published_dtssd

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


def test_both_figures_are_those_of_a_computation_frame_by_frame() -> None:
    """As evaluate_lr.py of RobustVideoMatting goes through a video, which appends 0 at its first."""
    random = np.random.default_rng(0)
    truths = [random.integers(0, 256, (6, 5)).astype(np.uint8) for _ in range(7)]
    alphas = [random.random((6, 5)).astype(np.float32) for _ in truths]
    listed = []
    for number, (alpha, truth) in enumerate(zip(alphas, truths, strict=True)):
        total = 0.0
        for row in range(6) if number else ():
            for column in range(5):
                at = row, column
                ours = float(alpha[at]) - float(alphas[number - 1][at])
                theirs = (int(truth[at]) - int(truths[number - 1][at])) / 255
                total += (ours - theirs) ** 2
        listed.append(100 * (total / 30) ** 0.5)
    assert published_dtssd(alphas, truths) == pytest.approx(sum(listed) / 7, rel=1e-5)
    assert dtssd(alphas, truths) == pytest.approx(sum(listed[1:]) / 6, rel=1e-5)
