"""Process large images in chunks of rows, so that memory stays small."""

from collections.abc import Iterator
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.errors import SizeError

Depth = TypeVar("Depth", np.uint8, np.uint16)
"""Kind of number that an image holds: 8 or 16 bits per channel."""

CHUNK_PIXELS = 1 << 18  # pixels; a float32 RGB strip (3 MB) then stays in the processor's cache


def row_chunks(size: Size) -> Iterator[slice]:
    """Slices of rows, top to bottom, that together cover an image of `size`."""
    height, width = size
    step = max(1, CHUNK_PIXELS // max(1, width))
    for top in range(0, height, step):
        yield slice(top, min(top + step, height))


def check_same_size(pixels: NDArray[Depth], alpha: Alpha) -> None:
    """Refuse an image and a matte that do not belong together.

    Raises:
        SizeError: they differ in height or width.
    """
    if pixels.shape[:2] != alpha.shape:
        raise SizeError(
            f"image is {pixels.shape[:2]} but alpha is {alpha.shape} (rows, columns); "
            "bring alpha to the image's size with framing.unfit(alpha, placement)"
        )


def to_depth(pixels: NDArray[np.uint8] | NDArray[np.uint16], depth: type[Depth]) -> NDArray[Depth]:
    """A copy of an image in 8 or 16 bits; white stays white."""
    if pixels.dtype == depth:
        return np.array(pixels, depth)
    if depth is np.uint16:
        return np.asarray(pixels.astype(np.uint16) * np.uint16(257), depth)
    return np.asarray(cv2.convertScaleAbs(pixels, alpha=1 / 257), depth)
