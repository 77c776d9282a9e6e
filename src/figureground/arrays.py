"""The kinds of arrays that travel through figureground. Sizes are (rows, columns)."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Rgb: TypeAlias = NDArray[np.uint8]
"""An image or a frame: uint8 (H, W, 3), upright, sRGB."""

Mask: TypeAlias = NDArray[np.uint8]
"""Ground truth, hard or soft: uint8 (H, W), 0 background to 255 person."""

Alpha: TypeAlias = NDArray[np.float32]
"""A matte, the share of each pixel that the person covers: float32 (H, W), 0 to 1."""

Cutout: TypeAlias = NDArray[np.uint8]
"""Estimated foreground colour and alpha: uint8 (H, W, 4), straight, not premultiplied."""

Color: TypeAlias = tuple[int, int, int]
"""A flat colour: red, green, blue, each 0 to 255, sRGB."""

Size: TypeAlias = tuple[int, int]
"""Rows and columns, in pixels."""
