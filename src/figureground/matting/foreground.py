"""The person's own colours, where hair and soft edges let the old background shine through.

Blur fusion: Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021. The colours nearby
that belong to the person, and those that do not, are averaged with the matte as weight; what the
pixel itself shows beyond their mixture is shared out between the two. A first pass looks far, a
second close. Two changes measure better: the first pass weighs with the square of the matte, so
that half-covered pixels count little, and the background is sharpened along with the person.

Both passes average over more than a pixel of a small copy of the image, so both work on the
small copy, and only the last sharing out on the image itself. All goes tile by tile, the costly
part only where the matte is neither 0 nor 1.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Depth, Size
from figureground.chunks import map_chunks
from figureground.matting.compositing import check_same_size
from figureground.matting.moments import (
    Block,
    Maps,
    Moments,
    empty_moments,
    measure,
)

COARSE = 340  # longest side of the small copy that both passes work on, pixels
FAR = 90  # side of the first pass's window, pixels of the image: the paper's ...
FAREST = 30  # ... but at least this, pixels of the small copy
NEAR = 6  # side of the second pass's window, pixels: the paper's ...
NEAREST = 1 / 170  # ... but at least this share of the image's longest side
TILE = 192  # side of a tile, pixels ...
STRIP = 96  # ... and its rows in large images, so that strips take less memory
LARGE = 1 << 23  # pixels
MANY = 100  # tiles, from which on threads gain more than they cost
TINY = 1e-5  # keeps a mean over nothing from dividing by nought
SOFT = float(np.nextafter(np.float32(0), 1)), float(np.nextafter(np.float32(1), 0))  # within 0 to 1


def estimate_foreground(pixels: NDArray[Depth], alpha: Alpha) -> NDArray[Depth]:
    """Estimate the person's colours without the background that shows through; see `Foreground`.

    Args:
        pixels: uint8 or uint16 (H, W, 3).
        alpha: float32 (H, W), 0 to 1.
    Returns: (H, W, 3), in the depth of `pixels`.
    Raises:
        SizeError: `pixels` and `alpha` differ in height or width.
    """
    check_same_size(pixels, alpha)
    foreground = Foreground((alpha.shape[0], alpha.shape[1]), pixels.dtype.type)
    result = np.empty(pixels.shape, pixels.dtype)

    def draw(rows: slice) -> None:
        result[rows] = foreground.colors(rows, pixels[rows], alpha[rows])

    _side_by_side(lambda rows: foreground.measure(rows, pixels[rows], alpha[rows]), foreground)
    foreground.settle()
    _side_by_side(draw, foreground)
    return result


class Foreground:
    """The person's colours, strip by strip: `measure` each, `settle`, then ask for `colors`.

    Where alpha is 1 the image's own pixels come back bit for bit. Where it is 0 the result is
    black: it compresses best, and hides nothing of the background in a cutout.
    """

    def __init__(self, size: Size, depth: type[np.uint8] | type[np.uint16]) -> None:
        """Begin with an image of `size`, rows and columns, in 8 or 16 bits a channel."""
        longest = max(size)
        self._factor = max(2, -(-longest // COARSE))
        self._side = self._factor * max(1, TILE // self._factor)
        self._moments = empty_moments(*(-(-side // self._factor) for side in size))
        self._window = max(NEAR, NEAREST * longest) / self._factor
        self._white = float(np.iinfo(depth).max)
        self._far: list[Maps] = []
        self._soft: dict[int, list[Block]] = {}  # parts of strips, by their first row
        tall = TILE if size[0] * size[1] < LARGE else STRIP
        step = self._factor * max(1, tall // self._factor)
        ends = range(step, size[0] - self._factor + 1, step)  # no strip is very thin
        tops = [0, *(end for end in ends if end < size[0])]
        self.strips = [slice(*rows) for rows in zip(tops, [*tops[1:], size[0]], strict=True)]
        self.tiles = len(self.strips) * -(-size[1] // self._side)

    def measure(self, rows: slice, pixels: NDArray[Depth], alpha: Alpha) -> None:
        """Count in one of the `strips`: uint8 or uint16 (n, W, 3), and float32 (n, W), 0 to 1."""
        above, end = rows.start // self._factor, -(-rows.stop // self._factor)
        moments = Moments(*(layer[above:end] for layer in self._moments))
        self._soft[rows.start] = self._soft_parts(alpha)
        measure(pixels, alpha, moments, self._factor, self._soft[rows.start])

    def settle(self) -> None:
        """Look far around, once all strips are measured."""
        self._far = _look_far(self._moments, max(FAREST, FAR // self._factor))

    def colors(self, rows: slice, pixels: NDArray[Depth], alpha: Alpha) -> NDArray[Depth]:
        """The colours of one of the `strips`, (n, W, 3) in the depth of `pixels`; as measured."""
        result = cv2.copyTo(pixels, (alpha > 0).view(np.uint8)).reshape(pixels.shape)
        for soft in self._soft[rows.start]:
            place = slice(soft[0].start + rows.start, soft[0].stop + rows.start), soft[1]
            around = _cells(place, self._factor, margin=2 + round(self._window / 2))
            far = [layer[around] for layer in self._far]
            moments = Moments(*(layer[around] for layer in self._moments))
            near = _look_near(moments, far, self._window)
            person, behind = (
                _enlarge(layer.clip(0, self._white), place, around, self._factor) for layer in near
            )
            cover = alpha[soft]
            unsure = ((cover > 0) & (cover < 1)).view(np.uint8)
            cv2.copyTo(_share_out(pixels[soft], cover, person, behind), unsure, result[soft])
        return np.asarray(result, pixels.dtype)

    def _soft_parts(self, alpha: Alpha) -> list[Block]:
        """The parts of a strip's tiles where alpha is neither 0 nor 1."""
        lefts = range(0, alpha.shape[1], self._side)
        tiles = (slice(left, min(left + self._side, alpha.shape[1])) for left in lefts)
        parts = (_soft_part(alpha, (slice(0, len(alpha)), tile), self._factor) for tile in tiles)
        return [part for part in parts if part is not None]


def _side_by_side(work: Callable[[slice], None], foreground: Foreground) -> None:
    if foreground.tiles >= MANY:
        map_chunks(work, foreground.strips)
        return
    for rows in foreground.strips:
        work(rows)


def _soft_part(alpha: Alpha, tile: Block, factor: int) -> Block | None:
    """The part of a tile, in whole coarse pixels, outside which alpha is 0 or 1; None if all is."""
    left, top, width, height = cv2.boundingRect(cv2.inRange(alpha[tile], *SOFT))
    if not width:
        return None
    rows, columns = (
        slice(side.start + first // factor * factor, side.start + first + length)
        for side, first, length in zip(tile, (top, left), (height, width), strict=True)
    )
    return rows, columns


def _look_far(moments: Moments, window: int) -> list[Maps]:
    """Mean colours of the person and of what is behind, from far around: two (h, w, 4)."""
    blurred = [
        cv2.blur(weighted, (window, window), borderType=cv2.BORDER_REPLICATE)
        for weighted in (moments.second, _behind(moments))
    ]
    return [_mean(np.asarray(layer, np.float32)) for layer in blurred]


def _behind(moments: Moments) -> Maps:
    """Colours and 1, weighted with the square of 1 - alpha."""
    either = moments.zeroth + moments.second
    return np.asarray(cv2.scaleAdd(moments.first, -2, either), np.float32)


def _look_near(moments: Moments, far: list[Maps], window: float) -> list[Maps]:
    """The same from close around, the pixels being cleared by what the first pass found.

    A pixel's own colour of the person is F + alpha (I - alpha F - (1 - alpha) B), with F and B
    what the first pass found, and of what is behind likewise. Weighted with alpha and averaged
    over a square, that is a sum of products of F, B and the moments.
    """
    one, two, three = moments.first[..., 3], moments.second[..., 3], moments.cube
    person, behind = far
    weighted = (
        _plus(moments.second, person, one - three, behind, two - three),
        _plus(_behind(moments), behind, 2 * one - 3 * two + three, person, one - 2 * two + three),
    )
    row = _window(window)
    blurred = [
        cv2.sepFilter2D(layer, -1, row, row, borderType=cv2.BORDER_REPLICATE) for layer in weighted
    ]
    return [_mean(np.asarray(layer, np.float32)) for layer in blurred]


def _plus(layer: Maps, more: Maps, share: Maps, less: Maps, part: Maps) -> Maps:
    """layer + share * more - part * less."""
    added = cv2.add(layer, cv2.multiply(more, cv2.merge([share] * 4)))
    return np.asarray(cv2.subtract(added, cv2.multiply(less, cv2.merge([part] * 4))), np.float32)


def _window(width: float) -> Maps:
    """Weights of a mean over `width` pixels, 1 or more, the outermost counted in part."""
    reach = max(1, int(np.ceil((width - 1) / 2)))
    weights = np.ones(2 * reach + 1, np.float32)
    weights[[0, -1]] = (width - (2 * reach - 1)) / 2
    return weights / np.float32(width)


def _mean(weighted: Maps) -> Maps:
    """Colours divided by their weight, the fourth channel."""
    weight = cv2.extractChannel(weighted, 3) + np.float32(TINY)
    return np.asarray(cv2.divide(weighted, cv2.merge([weight] * 4)), np.float32)


def _share_out(pixels: NDArray[Depth], alpha: Alpha, person: Maps, behind: Maps) -> NDArray[Depth]:
    """F + alpha (I - alpha F - (1 - alpha) B), rounded and cut off at black and white."""
    share = cv2.merge([alpha] * 3)
    rest = pixels.astype(np.float32)
    rest -= behind
    behind -= person
    behind *= share
    rest += behind
    rest *= share
    kind = cv2.CV_8U if pixels.dtype == np.uint8 else cv2.CV_16U
    return np.asarray(cv2.add(rest, person, dtype=kind), pixels.dtype)


def _cells(part: Block, factor: int, *, margin: int) -> Block:
    """The squares that a part of the image lies in, and so many around it."""
    rows, columns = (
        slice(max(0, side.start // factor - margin), -(-side.stop // factor) + margin)
        for side in part
    )
    return rows, columns


def _enlarge(coarse: Maps, part: Block, around: Block, factor: int) -> Maps:
    """Colours of a part of the image, linearly between those of the squares around it."""
    rows, columns = (
        slice(side.start - cells.start * factor, side.stop - cells.start * factor)
        for side, cells in zip(part, around, strict=True)
    )
    # Enlarge one square more than is needed on each side, no more.
    inner = _cells((rows, columns), factor, margin=1)
    colors = cv2.cvtColor(coarse[inner], cv2.COLOR_RGBA2RGB)
    size = colors.shape[1] * factor, colors.shape[0] * factor
    large = np.asarray(cv2.resize(colors, size, interpolation=cv2.INTER_LINEAR), np.float32)
    top, left = rows.start - inner[0].start * factor, columns.start - inner[1].start * factor
    return large[top : top + rows.stop - rows.start, left : left + columns.stop - columns.start]
