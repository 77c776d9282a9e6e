"""Bring an array to another size, without aliasing and without moving it."""

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
