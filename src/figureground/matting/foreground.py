"""The person's own colours, where hair and soft edges let the old background shine through.

Blur fusion: Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021. The colours nearby
that belong to the person, and those that do not, are averaged with the matte as weight; what the
pixel itself shows beyond their mixture is shared out between the two. A first pass looks far, a
second close. Two changes measure better: the first pass weighs with the square of the matte, so
that half-covered pixels count little, and the background is sharpened along with the person.

The first pass blurs so far that it can work on a small copy of the picture. The second goes tile
by tile, and only where the matte is neither 0 nor 1.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.matting.coarse import Maps, weighed_means
from figureground.matting.strips import Depth, check_same_size

COARSE = 512  # longest side of the small copy that the first pass works on, pixels
FAR = 90  # side of the first pass's window, pixels of the picture: the paper's ...
FAREST = 45  # ... but at least this, pixels of the small copy
NEAR = 6  # side of the second pass's window, pixels: the paper's ...
NEAREST = 1 / 170  # ... but at least this share of the picture's longest side
TILE = 256  # side of a tile of the second pass, pixels
THREADS = 8  # that work on tiles
TINY = 1e-5  # keeps a mean over nothing from dividing by nought

Block = tuple[slice, slice]


def estimate_foreground(pixels: NDArray[Depth], alpha: Alpha) -> NDArray[Depth]:
    """What colour the person has, without the background that shows through.

    Where alpha is 1 the picture's own pixels come back bit for bit. Where it is 0 the result is
    black: it compresses best, and hides nothing of the background in a cutout.

    Args:
        pixels: uint8 or uint16 (H, W, 3).
        alpha: float32 (H, W), 0 to 1.
    Returns: (H, W, 3), in the depth of `pixels`.
    Raises:
        SizeError: `pixels` and `alpha` differ in height or width.
    """
    check_same_size(pixels, alpha)
    height, width = alpha.shape
    factor = -(-max(height, width) // COARSE)
    window = max(NEAR, round(NEAREST * max(height, width)))
    margin = factor * (window // 2 // factor + 2)  # whole coarse pixels, one more than is blurred
    coarse = _look_far(pixels, alpha, factor)
    result = np.zeros_like(pixels)

    def work(tile: Block) -> None:
        cv2.copyTo(pixels[tile], (alpha[tile] > 0).view(np.uint8), result[tile])
        soft = _soft_part(alpha, tile, factor)
        if soft is None:
            return
        around = _widen(soft, margin)
        far = [_enlarge(layer, around, factor) for layer in coarse]
        near = _look_near(pixels[around], alpha[around], far, window)
        shown = (alpha[soft] > 0).view(np.uint8)
        cv2.copyTo(_within(near, soft, around), shown, result[soft])

    tiles = list(_tiles((height, width), factor * max(1, TILE // factor)))
    with ThreadPoolExecutor(min(len(tiles), os.cpu_count() or 1, THREADS)) as pool:
        list(pool.map(work, tiles))
    return result


def _soft_part(alpha: Alpha, tile: Block, factor: int) -> Block | None:
    """The part of a tile, in whole coarse pixels, outside which alpha is 0 or 1; None if all is."""
    cover = alpha[tile]
    soft = (cover > 0) & (cover < 1)
    rows, columns = np.flatnonzero(soft.any(axis=1)), np.flatnonzero(soft.any(axis=0))
    if not rows.size:
        return None
    part = []
    for side, seen in zip(tile, (rows, columns), strict=True):
        first = side.start + int(seen[0]) // factor * factor
        part.append(slice(first, min(side.stop, side.start + int(seen[-1]) + 1)))
    return part[0], part[1]


def _look_far(pixels: NDArray[Depth], alpha: Alpha, factor: int) -> list[Maps]:
    """Colours of the person and of what is behind, from far around, `factor` times smaller.

    Returns two float32 (h, w, 3) in the values of `pixels`, with h = ceil(H / factor).
    """
    window = max(FAREST, FAR // factor)
    layers = []
    for cover in (alpha, 1 - alpha):
        colors, weight = weighed_means(pixels, cover, factor)
        layers.append(_blur(colors, window) / (_blur(weight, window) + TINY)[..., None])
    return layers


def _look_near(
    pixels: NDArray[Depth], cover: Alpha, far: list[Maps], window: int
) -> NDArray[Depth]:
    """The second pass on one tile; `far` is what the first found, at least as large as the tile."""
    height, width = cover.shape
    white = np.iinfo(pixels.dtype).max
    alpha = np.asarray(cv2.merge([cover] * 3), np.float32)  # numpy is slow at 1 by 3
    shares = alpha, 1 - alpha
    colors = pixels.astype(np.float32)
    first = [layer[:height, :width] for layer in far]
    rest = _unexplained(colors, shares, first)
    close = [
        _blur((color + share * rest).clip(0, white) * share, window) / (_blur(share, window) + TINY)
        for color, share in zip(first, shares, strict=True)
    ]
    person = close[0] + alpha * _unexplained(colors, shares, close)
    return np.where(alpha < 1, np.rint(person.clip(0, white)).astype(pixels.dtype), pixels)


def _unexplained(pixels: Maps, shares: tuple[Maps, Maps], colors: list[Maps]) -> Maps:
    """I - alpha F - (1 - alpha) B: what a pixel shows beyond the mixture of two colours."""
    return np.asarray(pixels - shares[0] * colors[0] - shares[1] * colors[1], np.float32)


def _blur(maps: Maps, side: int) -> Maps:
    return np.asarray(cv2.blur(maps, (side, side), borderType=cv2.BORDER_REPLICATE), np.float32)


def _tiles(size: Size, side: int) -> Iterator[Block]:
    for top in range(0, size[0], side):
        for left in range(0, size[1], side):
            yield slice(top, min(top + side, size[0])), slice(left, min(left + side, size[1]))


def _widen(tile: Block, margin: int) -> Block:
    """A tile with its surroundings; slicing ends where the picture does."""
    rows, columns = tile
    return (
        slice(max(0, rows.start - margin), rows.stop + margin),
        slice(max(0, columns.start - margin), columns.stop + margin),
    )


def _within(wide: NDArray[Depth], tile: Block, around: Block) -> NDArray[Depth]:
    """The tile, cut out of what was computed for its surroundings."""
    top, left = tile[0].start - around[0].start, tile[1].start - around[1].start
    height, width = tile[0].stop - tile[0].start, tile[1].stop - tile[1].start
    return wide[top : top + height, left : left + width]


def _enlarge(coarse: Maps, around: Block, factor: int) -> Maps:
    """A part of a coarse layer at full size; `around` starts at whole coarse pixels."""
    part = coarse[tuple(slice(side.start // factor, -(-side.stop // factor)) for side in around)]
    size = part.shape[1] * factor, part.shape[0] * factor
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_LINEAR), np.float32)
