"""Means of an image's colours, weighted with powers of its matte, over small squares.

Colours travel with their weight as fourth channel: what is done to the one is done to the other,
and dividing by it at the end gives the mean.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha
from figureground.matting.downsampling import Maps, shrink
from figureground.matting.row_chunks import Depth

Block = tuple[slice, slice]


class Moments(NamedTuple):
    """Means over squares of pixels, of colours and 1, float32 (h, w, 4), weighted with alpha."""

    zeroth: Maps  # not weighted
    first: Maps  # weighted with alpha
    second: Maps  # weighted with its square
    cube: Maps  # the cube of alpha alone, (h, w)

    def inside(self, part: Block) -> "Moments":
        """The same of a part; shares its memory."""
        return Moments(
            zeroth=self.zeroth[part],
            first=self.first[part],
            second=self.second[part],
            cube=self.cube[part],
        )


def empty_moments(height: int, width: int) -> Moments:
    """Moments to be filled in, of so many squares down and across."""
    weighted = [np.empty((height, width, 4), np.float32) for _ in range(3)]
    cube = np.empty((height, width), np.float32)
    return Moments(zeroth=weighted[0], first=weighted[1], second=weighted[2], cube=cube)


def measure_sure(pixels: NDArray[Depth], alpha: Alpha, moments: Moments, factor: int) -> None:
    """Fill in moments where alpha is all 0 or all 1 in each square: its powers are itself.

    Args:
        pixels: uint8 or uint16 (H, W, 3).
        alpha: float32 (H, W).
        moments: what to fill in, of ceil(H / factor) by ceil(W / factor) squares.
        factor: side of a square, pixels; at the edges the last pixel is repeated.
    """
    colors = shrink(pixels, factor).astype(np.float32)
    moments.zeroth[:] = cv2.cvtColor(colors, cv2.COLOR_RGB2RGBA)
    moments.cube[:] = shrink(alpha, factor)
    moments.first[:] = cv2.multiply(moments.zeroth, cv2.merge([moments.cube] * 4))
    moments.second[:] = moments.first


def measure_soft(pixels: NDArray[Depth], alpha: Alpha, moments: Moments, factor: int) -> None:
    """As `measure_sure`, for any matte."""
    share = cv2.merge([alpha] * 4)
    weighted = cv2.cvtColor(pixels.astype(np.float32), cv2.COLOR_RGB2RGBA)
    moments.zeroth[:] = shrink(weighted, factor)
    weighted = cv2.multiply(weighted, share, dst=weighted)
    moments.first[:] = shrink(weighted, factor)
    moments.second[:] = shrink(cv2.multiply(weighted, share, dst=weighted), factor)
    moments.cube[:] = shrink(alpha * alpha * alpha, factor)
