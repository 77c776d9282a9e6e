"""The box around what is to be measured, and that measures lose nothing by it."""

import numpy as np
import pytest

from figureground.evaluation import matting_metrics, saliency
from figureground.evaluation.extent import extent


def test_the_box_holds_all_pixels_with_a_margin_within_the_image() -> None:
    pixels = np.zeros((20, 30), bool)
    pixels[3, 10], pixels[8, 29] = True, True
    assert pixels[extent(pixels, margin=0)].shape == (6, 20)
    assert pixels[extent(pixels, margin=4)].shape == (13, 24)
    assert pixels[extent(pixels & False, margin=4)].shape == (20, 30)


@pytest.mark.parametrize("at", [(30, 40), (0, 0)])
def test_emptiness_around_a_person_changes_no_sum(at: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    row, column = at
    truth, alpha = np.zeros((2, 90, 120), np.float32)
    truth[row : row + 25, column : column + 20] = 1
    alpha[row + 3 : row + 30, column : column + 24] = rng.random((27, 24), np.float32)
    grown = [np.pad(levels, ((0, 60), (0, 80))) for levels in (alpha, truth)]
    for measure in (matting_metrics.gradient_error, matting_metrics.connectivity_error):
        assert measure(alpha, truth) > 0
        assert measure(*grown) == pytest.approx(measure(alpha, truth), rel=1e-12)
    small = saliency.weighted_f_measure(alpha, truth > 0)
    assert saliency.weighted_f_measure(grown[0], grown[1] > 0) == pytest.approx(small, rel=1e-9)
