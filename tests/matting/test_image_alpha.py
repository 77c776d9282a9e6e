"""The one road."""

import numpy as np
import pytest
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.matting.image_alpha import (
    EDGE_LEVELS,
    IMAGE_LEVELS,
    estimate_alpha,
    soften_edges,
    stretch_levels,
)


class Brightness:
    """An engine that takes whatever is bright for a person."""

    size: Size = (64, 64)

    def __call__(self, image: NDArray[np.float32]) -> Alpha:
        return image.mean(axis=2)

    def resized(self, size: Size) -> "Brightness":
        """Itself: its size is fixed."""
        return self


@pytest.mark.parametrize("size", [(1, 1), (64, 64), (150, 101), (40, 300)])
def test_the_matte_has_the_size_of_the_image_and_lies_over_the_person(size: Size) -> None:
    rgb = np.zeros((*size, 3), np.uint8)
    rgb[: (size[0] + 1) // 2] = 255
    alpha = estimate_alpha(rgb, Brightness())
    assert alpha.shape == size
    assert alpha.dtype == np.float32
    assert ((alpha > 0.5) == (rgb[..., 0] > 0)).mean() > 0.97


def test_what_is_nearly_sure_counts_as_sure_and_the_middle_stays() -> None:
    settled = stretch_levels(np.array([[0.0, 0.03, 0.5, 0.97, 1.0]], np.float32), IMAGE_LEVELS)
    assert settled.dtype == np.float32
    np.testing.assert_allclose(settled, [[0, 0, 0.5, 1, 1]], atol=1e-6)


def test_doubt_beside_a_person_is_drawn_at_the_first_look_and_the_closer_one() -> None:
    """Grey of 110 is a brightness of 0.43, stretched 0.42."""
    filling, small = np.zeros((64, 64, 3), np.uint8), np.zeros((128, 128, 3), np.uint8)
    filling[:, :34] = filling[:, 60:] = 255
    filling[17:47, 34:60] = 110
    assert estimate_alpha(filling, Brightness())[25:40, 40:55].max() < 0.4
    small[30:100, 30:100] = 255
    small[45:75, 60:100] = 110  # too narrow for wide doubt where the whole image is seen
    alpha = estimate_alpha(small, Brightness())
    assert alpha[52:68, 70:92].max() < 0.4 and alpha[35:40, 40:90].min() > 0.9


def test_a_spot_in_doubt_is_not_looked_at_again_and_a_sure_one_is() -> None:
    """Grey of 180 is a brightness of 0.71; of the spot's edges a closer look would see more."""
    for grey, found in ((180, 0.0), (255, 1.0)):
        rgb = np.zeros((640, 640, 3), np.uint8)
        rgb[300:330, 300:330] = grey
        assert estimate_alpha(rgb, Brightness()).max() == pytest.approx(found, abs=0.01)


def ramp(*, width: int, place: float) -> Alpha:
    """Rows that fall from 1 to 0 linearly within `width` columns, from `place` on, of 64."""
    return np.tile(np.clip(1 - (np.arange(64) - place) / width, 0, 1).astype(np.float32), (64, 1))


def test_edges_keep_more_of_their_transparency_than_what_is_settled_and_no_outline_moves() -> None:
    found = ramp(width=50, place=5.3)
    stretched = stretch_levels(found, IMAGE_LEVELS)
    soft = soften_edges(stretched, stretched, found)
    np.testing.assert_allclose(soft, stretch_levels(found, EDGE_LEVELS), atol=1e-6)
    assert soft[0, 9] < stretched[0, 9] and soft[0, 52] > stretched[0, 52]
    np.testing.assert_array_equal(soft > 0.5, stretched > 0.5)


def test_what_was_decided_and_what_is_far_from_edges_stay_as_they_were() -> None:
    found = ramp(width=6, place=20)
    found[:, 29:33] = 0.6  # is dropped, beside the edge
    found[:, 56:], found[:, :8] = 0.07, 0.93  # a veil far from any edge, and a thin place
    stretched = stretch_levels(found, IMAGE_LEVELS)
    settled = stretched.copy()
    settled[:, 29:33] = 0
    soft = soften_edges(settled, stretched, found)
    assert soft[:, 29:33].max() == 0 and soft[:, 40:].max() == 0 and soft[:, :8].min() == 1
    assert soft[:, 20:26].tolist() != settled[:, 20:26].tolist()


def test_nobody_is_given_no_edges() -> None:
    found = np.full((64, 64), 0.07, np.float32)
    nobody = np.zeros((64, 64), np.float32)
    assert soften_edges(nobody, nobody, found) is nobody
