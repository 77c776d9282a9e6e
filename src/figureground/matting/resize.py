"""Bring an array to another size, without aliasing and without moving it."""

from functools import lru_cache
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Size

Number = TypeVar("Number", np.uint8, np.uint16, np.float32)


def resize(array: NDArray[Number], size: Size, *, grow: int = cv2.INTER_LINEAR) -> NDArray[Number]:
    """Average where an axis shrinks, interpolate where it grows.

    OpenCV's area average works only if neither axis grows, so each axis gets its own turn; both
    steps keep the corners of the image, not the centres of its outer pixels, in place.

    Args:
        array: (H, W) or (H, W, C) of uint8, uint16 or float32.
        size: rows and columns of the result, pixels.
        grow: how to interpolate, as OpenCV names it.
    Returns: array of `size`, same type and channels.
    """
    height, width = array.shape[:2]
    rows, columns = min(height, size[0]), min(width, size[1])
    result = array
    if (rows, columns) != (height, width):
        result = _keep(cv2.resize(array, (columns, rows), interpolation=cv2.INTER_AREA), array)
    if (rows, columns) != size:
        result = _keep(cv2.resize(result, size[::-1], interpolation=grow), array)
    return result


def fit(shape: tuple[int, ...], box: Size) -> Size:
    """Rows and columns of what has the proportions of `shape` and fits into `box`, in pixels."""
    scale = min(1.0, box[0] / shape[0], box[1] / shape[1])
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


def _keep(resized: object, array: NDArray[Number]) -> NDArray[Number]:
    return np.asarray(resized, array.dtype)


@lru_cache(maxsize=512)  # every strip is asked for twice: measured, then drawn
def mix_cubic(
    start: int, stop: int, length: int, samples: int
) -> tuple[slice, NDArray[np.float32]]:
    """How some rows of an enlarged array are mixed, as OpenCV's INTER_CUBIC does it.

    Args:
        start, stop: which rows are wanted, the last left out.
        length: rows of the whole result.
        samples: rows of what is enlarged, fewer than `length`.
    Returns: which of them are needed, n rows, and their weights, float32 (wanted, n).
    """
    place = (np.arange(start, stop) + 0.5) * (samples / length) - 0.5
    before = np.floor(place).astype(np.int64)
    after = (place - before).astype(np.float32)
    sharp = np.float32(-0.75)
    outer = ((sharp * (after + 1) - 5 * sharp) * (after + 1) + 8 * sharp) * (after + 1) - 4 * sharp
    near = ((sharp + 2) * after - (sharp + 3)) * after * after + 1
    rest = 1 - after
    next_one = ((sharp + 2) * rest - (sharp + 3)) * rest * rest + 1
    taps = (outer, near, next_one, 1 - outer - near - next_one)
    first, last = max(0, int(before[0]) - 1), min(samples, int(before[-1]) + 3)
    weights = np.zeros((len(place), last - first), np.float32)
    for offset, tap in enumerate(taps, -1):  # beyond its ends the array goes on as it ends
        np.add.at(
            weights, (np.arange(len(place)), (before + offset).clip(0, samples - 1) - first), tap
        )
    return slice(first, last), weights
