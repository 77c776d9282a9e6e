"""Cutouts and people over new backgrounds."""

import numpy as np
import pytest

from figureground.errors import SizeError
from figureground.matting.compositing import composite, cutout, lay_over, mask, mask16, side_by_side

RANDOM = np.random.default_rng(7)
PERSON = RANDOM.integers(0, 256, (5, 7, 3), np.uint8)
OPAQUE = np.ones((5, 7), np.float32)


def test_composite_keeps_the_person_where_alpha_is_one() -> None:
    np.testing.assert_array_equal(composite(PERSON, OPAQUE, (9, 9, 9)), PERSON)


def test_composite_shows_the_background_where_alpha_is_nought() -> None:
    result = composite(PERSON, OPAQUE * 0, (1, 2, 3))
    np.testing.assert_array_equal(result, np.broadcast_to([1, 2, 3], result.shape))


def test_composite_is_porter_duff_over_to_the_nearest_value() -> None:
    alpha = RANDOM.random((5, 7), np.float32)
    background = RANDOM.integers(0, 256, (5, 7, 3), np.uint8)
    exact = PERSON * alpha[..., None] + background * (1.0 - alpha[..., None])
    assert np.abs(composite(PERSON, alpha, background) - exact).max() <= 0.501


def test_composite_in_16_bits_takes_colours_and_images_of_8_bits() -> None:
    person = PERSON.astype(np.uint16) * 257
    half = OPAQUE * np.float32(0.5)
    white = np.full((5, 7, 3), 255, np.uint8)
    expected = np.rint((person + 65535.0) / 2)
    for background in ((255, 255, 255), white):
        result = composite(person, half, background)
        assert result.dtype == np.uint16
        assert np.abs(result - expected).max() <= 1


def test_composite_in_8_bits_takes_images_of_16_bits() -> None:
    background = np.full((5, 7, 3), 200 * 257, np.uint16)
    np.testing.assert_array_equal(composite(PERSON, OPAQUE * 0, background), 200)


def test_composite_leaves_its_background_alone() -> None:
    background = np.full((5, 7, 3), 200, np.uint8)
    composite(PERSON, OPAQUE, background)
    assert (background == 200).all()


def test_a_matte_of_another_size_is_refused() -> None:
    with pytest.raises(SizeError, match="unletterbox"):
        composite(PERSON, OPAQUE[:3], (0, 0, 0))
    with pytest.raises(SizeError, match="unletterbox"):
        cutout(PERSON, OPAQUE[:3])


def test_a_background_of_another_size_is_refused() -> None:
    with pytest.raises(SizeError, match="cover"):
        composite(PERSON, OPAQUE, np.zeros((9, 9, 3), np.uint8))


def test_a_background_of_another_size_is_refused_before_anything_is_drawn() -> None:
    person, alpha = np.full((4, 5, 3), 200, np.uint8), np.ones((4, 5), np.float32)
    behind = np.zeros((6, 5, 3), np.uint8)
    with pytest.raises(SizeError, match=r"image is \(6, 5\) but alpha is \(4, 5\)"):
        lay_over(person, alpha, behind)
    assert not behind.any()


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_cutout_keeps_colours_straight_and_rounds_alpha(depth: type) -> None:
    white = np.iinfo(depth).max
    alpha = np.linspace(0, 1, 35, dtype=np.float32).reshape(5, 7)
    result = cutout(PERSON.astype(depth), alpha)
    assert result.dtype == depth
    np.testing.assert_array_equal(result[..., :3], PERSON)
    assert np.abs(result[..., 3] - alpha * float(white)).max() <= 0.51


def test_masks_use_the_whole_range() -> None:
    alpha = np.array([[0, 0.5, 1]], np.float32)
    np.testing.assert_array_equal(mask(alpha), [[0, 128, 255]])
    np.testing.assert_array_equal(mask16(alpha), [[0, 32768, 65535]])


def test_large_images_are_the_same_in_every_strip() -> None:
    person = np.full((700, 900, 3), 250, np.uint8)
    alpha = np.full((700, 900), 0.5, np.float32)
    assert (composite(person, alpha, (150, 150, 150)) == 200).all()
    assert (mask(alpha) == 128).all()


def test_side_by_side_is_the_image_a_grey_line_and_the_person_on_black() -> None:
    alpha = OPAQUE.copy()
    alpha[:, 3:] = 0
    result = side_by_side(PERSON, PERSON, alpha)
    assert result.shape == (5, 7 + 10 + 7, 3)
    np.testing.assert_array_equal(result[:, :7], PERSON)
    np.testing.assert_array_equal(result[:, 7:17], 128)
    np.testing.assert_array_equal(result[:, 17:20], PERSON[:, :3])
    np.testing.assert_array_equal(result[:, 20:], 0)
