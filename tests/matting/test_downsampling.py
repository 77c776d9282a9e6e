"""Small copies in which only the pixels of a matte count."""

import numpy as np

from figureground.matting import downsampling
from figureground.matting.downsampling import weighed_means

RANDOM = np.random.default_rng(4)


def test_means_are_those_of_whole_squares_with_the_last_pixel_repeated() -> None:
    pixels = RANDOM.integers(0, 256, (7, 10, 3), np.uint8)
    cover = RANDOM.random((7, 10), np.float32)
    colors, weight = weighed_means(pixels, cover, 4)
    assert colors.shape == (2, 3, 3)
    square = np.s_[:4, 4:8]
    np.testing.assert_allclose(weight[0, 1], (cover[square] ** 2).mean(), rtol=1e-5)
    expected = (pixels[square] * cover[square][..., None] ** 2).mean(axis=(0, 1))
    np.testing.assert_allclose(colors[0, 1], expected, rtol=1e-5)
    edge = np.pad(cover, ((0, 1), (0, 2)), mode="edge")[4:, 8:]
    np.testing.assert_allclose(weight[1, 2], (edge**2).mean(), rtol=1e-5)


def test_strips_give_the_same_as_the_whole(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    pixels = RANDOM.integers(0, 65536, (90, 50, 3), np.uint16)
    cover = RANDOM.random((90, 50), np.float32)
    whole = weighed_means(pixels, cover, 3)
    monkeypatch.setattr(downsampling, "CHUNK_PIXELS", 500)
    for one, other in zip(whole, weighed_means(pixels, cover, 3), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
