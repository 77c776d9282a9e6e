"""How the small matte of a frame follows its colours."""

import cv2
import numpy as np

from figureground.arrays import Alpha
from figureground.matting.guided_filter import Maps, learn_slope

SIDE = 64


def soft_disc() -> Alpha:
    rows, columns = np.ogrid[:SIDE, :SIDE]
    distance = np.hypot(rows - SIDE / 2, columns - SIDE / 2)
    return np.asarray(np.clip((22 - distance) / 8 + 0.5, 0, 1), np.float32)


def colored(alpha: Alpha) -> Maps:
    """A bright person before a dark wall, mixed by alpha; they differ by (.7, .5, .3)."""
    wall, apart = np.array([0.1, 0.2, 0.3]), np.array([0.7, 0.5, 0.3])
    return np.asarray(wall + alpha[..., None] * apart, np.float32)


def test_the_slope_tells_the_matte_of_what_is_a_little_brighter() -> None:
    alpha = soft_disc()
    slope = learn_slope(colored(alpha), alpha)
    unsure = (alpha > 0.3) & (alpha < 0.7)
    across = (slope * np.array([0.7, 0.5, 0.3])[:, None, None]).sum(axis=0)
    np.testing.assert_allclose(across[unsure], 1, atol=0.1)


def test_where_the_matte_is_sure_or_colours_say_nothing_the_slope_is_nought() -> None:
    alpha = soft_disc()
    sure = cv2.dilate(((alpha > 0) & (alpha < 1)).astype(np.uint8), np.ones((5, 5))) == 0
    assert not learn_slope(colored(alpha), alpha)[:, sure].any()
    flat = np.full((SIDE, SIDE, 3), 0.4, np.float32)
    np.testing.assert_allclose(learn_slope(flat, alpha), 0, atol=1e-3)
    noise = np.random.default_rng(2).random((SIDE, SIDE, 3), np.float32)
    assert np.abs(learn_slope(noise, alpha)).mean() < 0.02
