"""Means of an image's colours, weighted with powers of its matte, over small squares of pixels.

Colours travel with their weight as fourth channel: what is done to the one is done to the other,
and dividing by it at the end gives the mean.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Depth

Maps = NDArray[np.float32]
Block = tuple[slice, slice]
CHUNK_PIXELS = 1 << 20  # pixels; about 30 MB of float32


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


def measure(
    pixels: NDArray[Depth], alpha: Alpha, moments: Moments, factor: int, soft: Iterable[Block]
) -> None:
    """Fill in moments of an image.

    Args:
        pixels: uint8 or uint16 (H, W, 3).
        alpha: float32 (H, W).
        moments: what to fill in, of ceil(H / factor) by ceil(W / factor) squares.
        factor: side of a square, pixels; at the edges the last pixel is repeated.
        soft: parts of the image, in whole squares, outside which alpha is 0 or 1.
    """
    _measure_sure(pixels, alpha, moments, factor)  # soft ones are written over
    for part in soft:
        rows, columns = (slice(side.start // factor, -(-side.stop // factor)) for side in part)
        _measure_soft(pixels[part], alpha[part], moments.inside((rows, columns)), factor)


def _measure_sure(pixels: NDArray[Depth], alpha: Alpha, moments: Moments, factor: int) -> None:
    """As `measure`, where alpha is all 0 or all 1 in each square: its powers are itself."""
    colors = shrink(pixels, factor).astype(np.float32)
    moments.zeroth[:] = cv2.cvtColor(colors, cv2.COLOR_RGB2RGBA)
    moments.cube[:] = shrink(alpha, factor)
    moments.first[:] = cv2.multiply(moments.zeroth, cv2.merge([moments.cube] * 4))
    moments.second[:] = moments.first


def _measure_soft(pixels: NDArray[Depth], alpha: Alpha, moments: Moments, factor: int) -> None:
    """As `measure`, for any matte."""
    share = cv2.merge([alpha] * 4)
    weighted = cv2.cvtColor(pixels.astype(np.float32), cv2.COLOR_RGB2RGBA)
    moments.zeroth[:] = shrink(weighted, factor)
    weighted = cv2.multiply(weighted, share, dst=weighted)
    moments.first[:] = shrink(weighted, factor)
    moments.second[:] = shrink(cv2.multiply(weighted, share, dst=weighted), factor)
    moments.cube[:] = shrink(alpha * alpha * alpha, factor)


def weighed_means(pixels: NDArray[Depth], cover: Alpha, factor: int) -> tuple[Maps, Maps]:
    """Means over squares of `factor` pixels: of colour times cover squared, of cover squared.

    Squared, so that half-covered pixels, which show a mixture, count little. The first divided by
    the second is a mean colour; blur both first, and it is the mean from further around.

    Args:
        pixels: uint8 or uint16 (H, W, 3).
        cover: float32 (H, W), 0 to 1.
        factor: pixels per pixel of the result, along each axis.
    Returns: float32 (h, w, 3) in the values of `pixels`, and float32 (h, w); h = ceil(H / factor).
    """
    height, width = cover.shape
    step = factor * max(1, CHUNK_PIXELS // (factor * width))
    strips = [slice(top, top + step) for top in range(0, height, step)]
    parts = [_means(pixels[rows], cover[rows], factor) for rows in strips]
    colors, weight = (np.concatenate(part) for part in zip(*parts, strict=True))
    return colors, weight


def _means(pixels: NDArray[Depth], cover: Alpha, factor: int) -> tuple[Maps, Maps]:
    weight = cover * cover
    weighed = cv2.multiply(pixels, cv2.merge([weight] * 3), dtype=cv2.CV_32F)
    return shrink(np.asarray(weighed, np.float32), factor), shrink(weight, factor)


def shrink(array: NDArray[Any], factor: int) -> NDArray[Any]:
    """Means over squares of `factor` pixels, in the kind of number of `array`.

    array: (H, W) or (H, W, C); at the edges the last row and column are repeated to whole squares.
    """
    height, width = array.shape[:2]
    if min(height, width) < factor:  # filled up to a square, a line would cost its length squared
        rows, columns = min(factor, height), min(factor, width)
        down, across = -height % rows, -width % columns
        if down or across:
            array = cv2.copyMakeBorder(array, 0, down, 0, across, cv2.BORDER_REPLICATE)
        size = array.shape[1] // columns, array.shape[0] // rows
        return cv2.resize(array, size, interpolation=cv2.INTER_AREA)
    down, across = (-side % factor for side in array.shape[:2])
    if down or across:
        array = cv2.copyMakeBorder(array, 0, down, 0, across, cv2.BORDER_REPLICATE)
    size = array.shape[1] // factor, array.shape[0] // factor
    return cv2.resize(array, size, interpolation=cv2.INTER_AREA)
