"""A frame's colours and matte."""

import numpy as np
from films import Redness, draw

from figureground.matting import compose
from figureground.matting.film import film_alpha, film_colors, mix


def soft_edge() -> np.ndarray:
    return np.tile(np.clip((np.arange(64) - 24) / 16, 0, 1).astype(np.float32), (48, 1))


def test_colours_lose_the_background_and_go_on_beyond_the_person() -> None:
    alpha = soft_edge()
    person, behind = np.array([200, 60, 40]), np.array([30, 90, 200])
    rgb = np.rint(alpha[..., None] * person + (1 - alpha[..., None]) * behind).astype(np.uint8)
    colors = film_colors(rgb, alpha).astype(int)
    np.testing.assert_array_equal(colors[alpha == 1], rgb[alpha == 1])
    before = np.abs(rgb[alpha < 1].astype(int) - person).mean()
    assert np.abs(colors[alpha < 1] - person).mean() < before / 4


def test_mix_is_the_composite() -> None:
    random = np.random.default_rng(0)
    one, other = random.integers(0, 256, (2, 48, 64, 3), np.uint8)
    apart = mix(one, other, soft_edge()).astype(int) - compose.composite(one, soft_edge(), other)
    assert np.abs(apart).max() <= 1


def test_a_large_frame_gets_a_matte_of_its_own_size() -> None:
    rgb = draw(0, (1000, 1400))
    alpha, memory = film_alpha(rgb, Redness(), None)
    assert alpha.shape == (1000, 1400) and alpha.dtype == np.float32 and memory is not None
    assert film_alpha(rgb, Redness(), None, still=False)[1] is None
