"""Masks from files: the only place where ground truth is decoded."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figureground.arrays import Mask
from figureground.errors import DataError

OPAQUE = 255


def read_mask(path: Path) -> Mask:
    """A mask, uint8 (H, W), 0 background to 255 person; soft masks stay soft.

    Grey, black and white, palette and RGB files are understood, as long as they show grey only. A
    mask whose highest level is 1 is understood as 0/1 and brought to 0/255.

    Raises:
        DataError: it cannot be read, has colours or transparency, or is not 8 bits deep.
    """
    levels = _only_grey(_decode(path), path)
    mask: Mask = levels * np.uint8(255) if levels.max(initial=0) == 1 else levels
    return mask


def _decode(path: Path) -> NDArray[Any]:
    try:
        with Image.open(path) as image:
            image.load()
            if image.mode == "1":
                return np.asarray(image.convert("L"))
            if image.mode == "P":  # its numbers mean nothing without their colours
                return np.asarray(image.convert("RGBA"))
            return np.asarray(image)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"cannot read the mask {str(path)!r}: {error}") from error


def _only_grey(array: NDArray[Any], path: Path) -> Mask:
    if array.dtype != np.uint8:
        raise DataError(f"the mask {str(path)!r} has {array.dtype} levels; save it with 8 bits")
    if array.ndim == 2:
        return array
    colors, opacity = array[..., :3], array[..., 3:]
    if array.shape[2] == 2:  # grey and opacity
        colors, opacity = array[..., :1], array[..., 1:]
    if (opacity != OPAQUE).any():  # is the person what is opaque, or what is white?
        raise DataError(f"the mask {str(path)!r} has transparent pixels; save it as grey, 0 to 255")
    if np.ptp(colors, axis=2).any():
        raise DataError(f"the mask {str(path)!r} has colours; it must be grey, 0 to 255")
    return np.ascontiguousarray(colors[..., 0])
