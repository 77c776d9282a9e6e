"""Other sizes, same image."""

import numpy as np

from figureground.matting.resize import resize


def test_shrinking_averages_every_pixel() -> None:
    stripes = np.tile(np.array([0, 100], np.uint8), (4, 4))  # (4, 8)
    np.testing.assert_array_equal(resize(stripes, (4, 4)), np.full((4, 4), 50))


def test_one_axis_shrinks_by_averaging_while_the_other_grows() -> None:
    stripes = np.tile(np.array([0.0, 1.0], np.float32), (2, 8))  # (2, 16)
    np.testing.assert_allclose(resize(stripes, (6, 8)), 0.5)


def test_a_ramp_stays_the_same_ramp_when_it_grows() -> None:
    ramp = ((np.arange(8)[None] + 0.5) / 8).astype(np.float32)
    grown = resize(ramp, (1, 24))[0]
    expected = (np.arange(24) + 0.5) / 24
    np.testing.assert_allclose(grown[2:-2], expected[2:-2], atol=1e-6)


def test_sixteen_bits_stay_sixteen_bits() -> None:
    assert resize(np.full((4, 4, 3), 60000, np.uint16), (2, 8)).max() == 60000
