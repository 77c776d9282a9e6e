"""Letterbox an image into the network's fixed input, and bring the matte back."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Depth, Size
from figureground.errors import SizeError
from figureground.matting.resize import resize

MAX_ASPECT = 2.0  # long side over short side; up to here an image is stretched, beyond it padded
# Mid-grey becomes nought once the network has scaled its input. That is what every convolution
# pads with, so the network already knows it as "the image ends here"; repeating the last row
# would instead draw stripes, and mirroring would add people.
PAD_GREY = 0.5
ROUNDING = 1e-6  # rounding error of an interpolated alpha


class Placement(NamedTuple):
    """Where an image lies in the network's input; rows and columns, pixels."""

    image: Size  # of the whole image
    square: Size  # of the network's input
    corner: Size  # first row and column of the input that the image covers
    inner: Size  # how much of the input the image covers


def plan_letterbox(image: Size, square: Size) -> Placement:
    """Decide where an image of one size goes in an input of another."""
    height, width = image
    rows = round(square[0] * min(1.0, MAX_ASPECT * height / width))
    columns = round(square[1] * min(1.0, MAX_ASPECT * width / height))
    inner = max(1, rows), max(1, columns)
    corner = (square[0] - inner[0]) // 2, (square[1] - inner[1]) // 2
    return Placement(image=image, square=square, corner=corner, inner=inner)


def letterbox(rgb: NDArray[Depth], size: Size) -> tuple[NDArray[np.float32], Placement]:
    """Stretch an image to the network's input, so that every pixel of the input sees image.

    An image more than twice as long as wide (or the reverse) is padded in the middle of the
    input instead, since people stretched further than that no longer look like people.

    Args:
        rgb: uint8 or uint16 (H, W, 3), 1 by 1 pixels or larger.
        size: rows and columns of the input.
    Returns: the input, float32 (rows, columns, 3), 0 to 1; and what `unletterbox` needs.
    Raises:
        SizeError: the image has no pixels, or is not (H, W, 3).
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.size == 0:
        raise SizeError(f"an image is (rows, columns, 3) with at least one pixel, got {rgb.shape}")
    placement = plan_letterbox((rgb.shape[0], rgb.shape[1]), size)
    inner = resize(rgb, placement.inner)
    square = np.full((*size, 3), PAD_GREY, np.float32)
    np.divide(inner, np.iinfo(rgb.dtype).max, out=square[window(placement)], dtype=np.float32)
    return square, placement


def unletterbox(alpha: Alpha, placement: Placement) -> Alpha:
    """Bring the network's matte back to the size of the image.

    Args:
        alpha: float32 (rows, columns), of the size that was given to `letterbox`.
        placement: what `letterbox` returned.
    Returns: float32 (H, W), 0 to 1.
    Raises:
        SizeError: `alpha` is not of that size.
    """
    grown = resize(inner_of(alpha, placement), placement.image, grow=cv2.INTER_CUBIC)
    return np.asarray(np.clip(grown, 0.0, 1.0, out=grown), np.float32)


def inner_of(alpha: Alpha, placement: Placement) -> Alpha:
    """What a matte says of the image, before it is enlarged and cut off at 0 and 1.

    The weights of an interpolation sum to 1 only nearly; a little more than the whole range, cut off
    again, keeps a sure matte at exactly 0 and 1.

    Raises:
        SizeError: `alpha` is not of the size of the network's input.
    """
    if alpha.shape != placement.square:
        raise SizeError(
            f"the matte is {alpha.shape} but the network's input was {placement.square} "
            "(rows, columns); give unletterbox the matte of the same square"
        )
    return alpha[window(placement)] * np.float32(1 + 2 * ROUNDING) - np.float32(ROUNDING)


def window(placement: Placement) -> tuple[slice, slice]:
    """The part of the network's input that the image covers: rows, columns."""
    top, left = placement.corner
    rows, columns = placement.inner
    return slice(top, top + rows), slice(left, left + columns)
