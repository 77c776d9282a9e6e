"""Masks from files."""

from pathlib import Path

import numpy as np
from PIL import Image

from figureground.arrays import Mask
from figureground.errors import DataError


def read_mask(path: Path) -> Mask:
    """A mask, uint8 (H, W), 0 background to 255 person; soft masks stay soft.

    A mask whose highest level is 1 is understood as 0/1 and brought to 0/255.

    Raises:
        DataError: it cannot be read, or has colours.
    """
    try:
        with Image.open(path) as image:
            image.load()
            levels = np.asarray(image.convert("RGB") if image.mode == "P" else image)
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(f"cannot read the mask {str(path)!r}: {error}") from error
    if levels.dtype == bool:
        whole: Mask = levels.astype(np.uint8) * np.uint8(255)
        return whole
    if levels.ndim == 3:
        if levels.shape[2] < 3 or np.ptp(levels[..., :3], axis=2).any():
            raise DataError(f"the mask {str(path)!r} has colours; it must be grey, 0 to 255")
        levels = levels[..., 0]
    if levels.dtype != np.uint8:
        raise DataError(f"the mask {str(path)!r} has {levels.dtype} levels; save it with 8 bits")
    mask: Mask = levels * np.uint8(255) if levels.max(initial=0) == 1 else levels
    return mask
