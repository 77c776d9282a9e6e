"""Means weighted with powers of a matte."""

import numpy as np
import pytest

from figureground.matting import moments as module
from figureground.matting.moments import empty_moments, measure, weighed_means

RANDOM = np.random.default_rng(4)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_moments_are_means_of_whole_squares_with_the_last_pixel_repeated(kind: type) -> None:
    pixels: np.ndarray = RANDOM.integers(0, np.iinfo(kind).max, (7, 10, 3)).astype(kind)
    alpha = RANDOM.random((7, 10), np.float32)
    moments = empty_moments(2, 3)
    measure(pixels, alpha, moments, 4, [(slice(0, 7), slice(0, 10))])
    square = np.s_[:4, 4:8]
    for power, found in enumerate((moments.zeroth, moments.first, moments.second)):
        weight = alpha[square] ** power
        np.testing.assert_allclose(found[0, 1, 3], weight.mean(), rtol=1e-5)
        colors = (pixels[square] * weight[..., None]).mean(axis=(0, 1))
        np.testing.assert_allclose(found[0, 1, :3], colors, rtol=1e-5)
    edge = np.pad(alpha, ((0, 1), (0, 2)), mode="edge")[4:, 8:]
    np.testing.assert_allclose(moments.cube[1, 2], (edge**3).mean(), rtol=1e-5)


def test_the_short_way_is_right_where_a_matte_is_sure() -> None:
    pixels: np.ndarray = RANDOM.integers(0, 65536, (12, 8, 3), np.uint16)
    alpha = np.zeros((12, 8), np.float32)
    alpha[4:8] = 1
    short, long = empty_moments(3, 2), empty_moments(3, 2)
    measure(pixels, alpha, short, 4, [])
    measure(pixels, alpha, long, 4, [(slice(0, 12), slice(0, 8))])
    for name in ("zeroth", "first", "second", "cube"):
        found, expected = getattr(short, name), getattr(long, name)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=0.5)  # colours are rounded


def test_a_part_shares_the_memory_of_the_whole() -> None:
    whole = empty_moments(4, 4)
    part = whole.inside((slice(1, 3), slice(1, 3)))
    part.cube[:] = 7
    assert whole.cube[1, 1] == 7


def test_means_are_those_of_whole_squares_with_the_last_pixel_repeated() -> None:
    pixels: np.ndarray = RANDOM.integers(0, 256, (7, 10, 3), np.uint8)
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
    pixels: np.ndarray = RANDOM.integers(0, 65536, (90, 50, 3), np.uint16)
    cover = RANDOM.random((90, 50), np.float32)
    whole = weighed_means(pixels, cover, 3)
    monkeypatch.setattr(module, "CHUNK_PIXELS", 500)
    for one, other in zip(whole, weighed_means(pixels, cover, 3), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
