"""Small copies of large pictures, in which only the pixels of a matte count."""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha
from figureground.matting.strips import Depth

Maps = NDArray[np.float32]
STRIP = 1 << 20  # pixels; about 30 MB of float32
TILE = 64  # side of what is averaged exactly at once, pixels of the small copy


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
    parts = [_means(pixels[rows], cover[rows], factor) for rows in _strips(cover, factor)]
    colors, weight = (np.concatenate(part) for part in zip(*parts, strict=True))
    return colors, weight


def _strips(cover: Alpha, factor: int) -> Iterator[slice]:
    """Slices of rows, whole squares each but the last."""
    height, width = cover.shape
    step = factor * max(1, STRIP // (factor * width))
    for top in range(0, height, step):
        yield slice(top, top + step)


def times(colors: NDArray[Any], share: Maps) -> Maps:
    """colors (H, W, 3) times share (H, W), float32: numpy is slow at 1 by 3."""
    return np.asarray(cv2.multiply(colors, cv2.merge([share] * 3), dtype=cv2.CV_32F), np.float32)


def shrink(maps: NDArray[np.float32], factor: int) -> Maps:
    """Means over squares of `factor` pixels; of float32 (H, W) or (H, W, 3)."""
    whole = cv2.copyMakeBorder(maps, *_missing(maps, factor), cv2.BORDER_REPLICATE)
    size = whole.shape[1] // factor, whole.shape[0] // factor
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.float32)


def _missing(array: NDArray[Any], factor: int) -> tuple[int, int, int, int]:
    """What repeating the last row and column must add to make whole squares."""
    return 0, -array.shape[0] % factor, 0, -array.shape[1] % factor


def _means(pixels: NDArray[Depth], cover: Alpha, factor: int) -> tuple[Maps, Maps]:
    """Where all of a square counts, or nothing does, its plain mean will do, to half a level."""
    missing = _missing(cover, factor)
    if any(missing):
        cover = np.asarray(cv2.copyMakeBorder(cover, *missing, cv2.BORDER_REPLICATE), np.float32)
        pixels = np.asarray(cv2.copyMakeBorder(pixels, *missing, cv2.BORDER_REPLICATE))
    weight = shrink(cover * cover, factor)
    rows, columns = weight.shape
    plain = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    colors = times(plain, weight)
    if factor > 1:
        for tile in _mixed_tiles(weight):
            block = tuple(slice(side.start * factor, side.stop * factor) for side in tile)
            colors[tile] = shrink(times(pixels[block], cover[block] * cover[block]), factor)
    return colors, weight


def _mixed_tiles(weight: Maps) -> Iterator[tuple[slice, slice]]:
    """Parts of a small copy that hold all its squares of which a part counts, each cut tight."""
    mixed = (weight > 0) & (weight < 1)
    for top in range(0, mixed.shape[0], TILE):
        for left in range(0, mixed.shape[1], TILE):
            part = mixed[top : top + TILE, left : left + TILE]
            rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
            if rows.size:
                yield (
                    slice(top + int(rows[0]), top + int(rows[-1]) + 1),
                    slice(left + int(columns[0]), left + int(columns[-1]) + 1),
                )
