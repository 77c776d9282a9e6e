"""The kinds of arrays that travel through figureground. Sizes are (rows, columns)."""

import mmap
from typing import TypeAlias, TypeVar

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

Depth = TypeVar("Depth", np.uint8, np.uint16)
"""Kind of number that an image holds: 8 or 16 bits a channel."""

Color: TypeAlias = tuple[int, int, int]
"""A flat colour: red, green, blue, each 0 to 255, sRGB."""

Size: TypeAlias = tuple[int, int]
"""Rows and columns, in pixels."""

PRODUCT = 1 << 18  # multiplications of a matrix product that OpenBLAS keeps in one thread
BUFFER = 40 << 20  # bytes of address space, more than OpenBLAS takes for a product (32 MiB)


def product(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """Multiply matrices, float32 (n, k) by (k, m), in this thread alone.

    OpenBLAS, which NumPy calls, shares larger products between threads of its own. These are ours
    to multiply in parts: its threads, once begun, wait at full speed for more.

    Raises:
        MemoryError: there is no room for it.
    """
    check_room()
    (rows, inner), columns = left.shape, right.shape[1]
    if rows * inner * columns <= PRODUCT:
        return np.asarray(left @ right, np.float32)
    result = np.empty((rows, columns), np.float32)
    if columns < rows:
        step = max(1, PRODUCT // (inner * columns))
        for top in range(0, rows, step):
            result[top : top + step] = left[top : top + step] @ right
        return result
    step = max(1, PRODUCT // (inner * rows))
    for first in range(0, columns, step):
        result[:, first : first + step] = left @ right[:, first : first + step]
    return result


def check_room() -> None:
    """See that OpenBLAS finds its buffer: up to NumPy 2.3 it asks for ever, then it ends the process.

    Raises:
        MemoryError: it would not.
    """
    try:
        mmap.mmap(-1, BUFFER).close()
    except OSError as error:
        raise MemoryError("no room to multiply matrices") from error
