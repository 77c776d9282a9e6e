"""The person's own colours, where hair and soft edges let the old background shine through.

Blur fusion: Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021. The colours nearby
that belong to the person, and those that do not, are averaged with the matte as weight; what the
pixel itself shows beyond their mixture is shared out between the two. A first pass looks far, a
second close. Two changes measure better: the first pass weighs with the square of the matte, so
that half-covered pixels count little, and the background is sharpened along with the person.

Both passes work on a small copy of the picture. For the first that is clear, since it blurs far.
The second averages, over a few pixels of that copy,

    alpha (F + alpha (I - alpha F - (1 - alpha) B))

with F and B from the first, hardly changing within a pixel of the copy; what is left to average are
powers of alpha, and alpha^2 I. Only the last step, what a pixel shows beyond the mixture, goes
through the whole picture, tile by tile and only where the matte is neither 0 nor 1.
"""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.matting.coarse import Maps, mean_cubes, times, weighed_means
from figureground.matting.strips import Depth, check_same_size

COARSE = 512  # longest side of the small copy that both passes work on, pixels
FAR = 90  # side of the first pass's window, pixels of the picture: the paper's ...
FAREST = 45  # ... but at least this, pixels of the small copy
NEAR = 6  # side of the second pass's window, pixels: the paper's ...
NEAREST = 1 / 170  # ... but at least this share of the picture's longest side
NARROWEST = 3  # pixels of the small copy
TILE = 256  # side of a tile of the last step, pixels
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
    factor = max(NEAR // NARROWEST, -(-max(height, width) // COARSE))
    coarse = _estimate(pixels, alpha, factor)
    result = np.zeros_like(pixels)

    def work(tile: Block) -> None:
        cv2.copyTo(pixels[tile], (alpha[tile] > 0).view(np.uint8), result[tile])
        soft = _soft_part(alpha, tile, factor)
        if soft is not None:
            _finish(
                pixels[soft], alpha[soft], [_enlarge(x, soft, factor) for x in coarse], result[soft]
            )

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


def _estimate(pixels: NDArray[Depth], alpha: Alpha, factor: int) -> tuple[Maps, Maps]:
    """Colours of the person and of what is behind, `factor` times smaller; see the module's text.

    Returns two float32 (h, w, 3) in the values of `pixels`, with h = ceil(H / factor).
    """
    height, width = alpha.shape
    seen, squares = weighed_means(pixels, alpha, factor)  # of alpha^2 I; of alpha^2
    behind, empty = weighed_means(pixels, 1 - alpha, factor)
    far = max(FAREST, FAR // factor)
    person, back = _divide(seen, squares, far), _divide(behind, empty, far)

    cubes = mean_cubes(alpha, factor)
    # The means of alpha, and of the cube of 1 - alpha, follow.
    cover = np.asarray((1 + squares - empty) / 2, np.float32)
    rest = np.asarray(1 - 3 * cover + 3 * squares - cubes, np.float32)
    window = max(NEAR, round(NEAREST * max(height, width)))
    near = max(NARROWEST, round(window / factor))
    white = np.iinfo(pixels.dtype).max
    return (
        _sharpen(person, back, seen, (cover, squares, cubes), near).clip(0, white),
        _sharpen(back, person, behind, (1 - cover, empty, rest), near).clip(0, white),
    )


def _divide(colors: Maps, weight: Maps, window: int) -> Maps:
    return _over(_blur(colors, window), _blur(weight, window) + TINY)


def _over(colors: Maps, weight: Maps) -> Maps:
    return np.asarray(cv2.divide(colors, cv2.merge([weight] * 3)), np.float32)


def _sharpen(
    own: Maps, other: Maps, seen: Maps, powers: tuple[Maps, Maps, Maps], window: int
) -> Maps:
    """The second pass, of the person or of what is behind.

    Args:
        own, other: colours of the first pass, (h, w, 3).
        seen: means of the share's square times the picture's colours, (h, w, 3).
        powers: means of the share, its square and its cube, (h, w) each.
        window: side of what is averaged.
    """
    share, square, cube = powers
    total = times(own, share - cube) + seen - times(other, square - cube)
    # Where there is next to nothing to average, the first pass has the word.
    return _over(_blur(total, window) + np.float32(TINY) * own, _blur(share, window) + TINY)


def _finish(
    pixels: NDArray[Depth], cover: Alpha, colors: list[Maps], result: NDArray[Depth]
) -> None:
    """F + alpha (I - alpha F - (1 - alpha) B) into `result`, where alpha is neither 0 nor 1."""
    height, width = cover.shape
    person, behind = (layer[:height, :width] for layer in colors)
    cover = np.ascontiguousarray(cover)
    mixture = cv2.blendLinear(person, behind, cover, 1 - cover)
    beyond = times(np.asarray(cv2.subtract(pixels, mixture, dtype=cv2.CV_32F)), cover)
    kind = cv2.CV_8U if pixels.dtype == np.uint8 else cv2.CV_16U
    soft = ((cover > 0) & (cover < 1)).view(np.uint8)
    cv2.copyTo(cv2.add(person, beyond, dtype=kind), soft, result)


def _blur(maps: Maps, side: int) -> Maps:
    return np.asarray(cv2.blur(maps, (side, side), borderType=cv2.BORDER_REPLICATE), np.float32)


def _tiles(size: Size, side: int) -> Iterator[Block]:
    for top in range(0, size[0], side):
        for left in range(0, size[1], side):
            yield slice(top, min(top + side, size[0])), slice(left, min(left + side, size[1]))


def _enlarge(coarse: Maps, around: Block, factor: int) -> Maps:
    """A part of a coarse layer at full size; `around` starts at whole coarse pixels."""
    part = coarse[tuple(slice(side.start // factor, -(-side.stop // factor)) for side in around)]
    size = part.shape[1] * factor, part.shape[0] * factor
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_LINEAR), np.float32)
