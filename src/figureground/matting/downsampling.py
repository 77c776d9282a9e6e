"""Downsample large images, counting only the pixels that a matte covers."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha
from figureground.matting.row_chunks import Depth

Maps = NDArray[np.float32]
CHUNK_PIXELS = 1 << 20  # pixels; about 30 MB of float32


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
