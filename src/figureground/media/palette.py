"""The 255 colours, or fewer, that show an image best, and which of them each pixel takes.

Colours are counted in cells of 64 levels a channel, and cells are split into boxes in OKLab, where
distances are those that an eye sees: time and again the box whose colours differ most, at the mean
of the axis that they differ most along. Each cell then takes the nearest of the boxes' means, which
a step of Lloyd has moved. A flat drawing keeps its own colours where they suffice.

Source: variance-based splitting, Wan, Wong & Prusinkiewicz, "An algorithm for multidimensional data
clustering", TOMS 1988; OKLab, B. Ottosson, "A perceptual color space for image processing", 2020.
"""

from heapq import heapify, heappush, heapreplace
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Rgb, product

BITS = 6  # of each channel that tell a cell
CELLS = 1 << 3 * BITS
PIXELS = 1 << 18  # pixels that are counted at once
STEPS = 1  # of Lloyd, which make good for boxes with straight sides
SAME = 1e-4  # summed distance in a box below which its colours are one
TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)

Colors = NDArray[np.float32]  # (N, 3)
Counts = NDArray[np.float32]  # (N,): pixels of each


class Palette(NamedTuple):
    """Colours, and which of them each pixel takes."""

    colors: Rgb  # uint8 (K, 3)
    indices: NDArray[np.uint8]  # (N,)


def choose_palette(pixels: Rgb, most: int) -> Palette:
    """Choose the colours of an image, and map its pixels to them.

    Args:
        pixels: uint8 (N, 3), sRGB, one at least.
        most: colours, 2 to 256.
    """
    strips = [pixels[start : start + PIXELS] for start in range(0, len(pixels), PIXELS)]
    counts = np.zeros(CELLS, np.int64)
    sums = np.zeros((3, CELLS))
    for strip in strips:
        cells = _cells(strip)
        counts += np.bincount(cells, minlength=CELLS)
        for channel, total in enumerate(sums):
            total += np.bincount(cells, strip[:, channel], minlength=CELLS)
    used = np.flatnonzero(counts)
    if len(used) <= most:
        return _few_colors(pixels, most)
    weights = counts[used].astype(np.float32)
    colors, nearest = _cluster(np.asarray((sums[:, used] / weights).T, np.float32), weights, most)
    table = np.zeros(CELLS, np.uint8)
    table[used] = nearest
    return Palette(colors=colors, indices=np.concatenate([table[_cells(one)] for one in strips]))


def _cells(pixels: Rgb) -> NDArray[np.int32]:
    """The number of each pixel's cell."""
    red, green, blue = (pixels[:, channel] >> (8 - BITS) for channel in range(3))
    number = red.astype(np.int32)
    for channel in (green, blue):
        number <<= BITS
        number |= channel
    return number


def _few_colors(pixels: Rgb, most: int) -> Palette:
    """As `choose_palette`, counting each colour by itself."""
    wide = pixels.astype(np.int32)
    codes = wide[:, 0] << 16 | wide[:, 1] << 8 | wide[:, 2]
    found, places, counts = np.unique(codes, return_inverse=True, return_counts=True)
    own = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    if len(found) <= most:
        return Palette(colors=own.astype(np.uint8), indices=places.astype(np.uint8))
    colors, nearest = _cluster(own.astype(np.float32), counts.astype(np.float32), most)
    return Palette(colors=colors, indices=nearest.astype(np.uint8)[places])


def _cluster(colors: Colors, counts: Counts, most: int) -> tuple[Rgb, NDArray[np.intp]]:
    """At most so many colours for many, uint8 (K, 3), and which of them each takes."""
    seen = to_oklab(colors)
    means = _split(seen, counts, most)
    for _ in range(STEPS):
        nearest = _nearest(seen, means)
        means = _means(seen, counts, nearest, len(means))
    nearest = _nearest(seen, means)
    chosen = _means(colors, counts, nearest, len(means))
    return np.rint(chosen).clip(0, 255).astype(np.uint8), nearest


def _nearest(seen: Colors, means: Colors) -> NDArray[np.intp]:
    """Which of the means each colour is nearest to."""
    nearest: NDArray[np.intp] = np.argmax(
        product(seen, 2 * means.T) - (means * means).sum(axis=1), axis=1
    )
    return nearest


def _means(colors: Colors, counts: Counts, groups: NDArray[np.intp], number: int) -> Colors:
    """The mean of each group of colours; 0 where a group has none."""
    weights = np.bincount(groups, counts, minlength=number)
    sums = [np.bincount(groups, counts * channel, minlength=number) for channel in colors.T]
    return np.asarray(np.stack(sums, axis=1) / np.maximum(weights, 1)[:, None], np.float32)


def _split(seen: Colors, counts: Counts, most: int) -> Colors:
    """The means of the boxes that colours are split into."""
    numbers = count()  # so that no two boxes compare equal

    def box(inside: NDArray[np.intp]) -> Box:
        own, weights = seen[inside], counts[inside]
        total = weights.sum()
        mean = (weights[:, None] * own).sum(axis=0) / total
        spread = (weights[:, None] * (own - mean) ** 2).sum(axis=0)
        axis = int(spread.argmax())
        return -float(np.sqrt(spread.sum() * total)), next(numbers), axis, mean, inside

    boxes = [box(np.arange(len(seen)))]
    heapify(boxes)
    while len(boxes) < most and boxes[0][0] < -SAME:
        _, _, axis, mean, inside = boxes[0]
        above = seen[inside, axis] > mean[axis]
        heapreplace(boxes, box(inside[above]))
        heappush(boxes, box(inside[~above]))
    return np.stack([mean for *_, mean, _ in boxes])


Box = tuple[float, int, int, Colors, NDArray[np.intp]]
"""Less its summed distance from the mean, a number, the axis of the widest spread, the mean, and the colours in it."""


def to_oklab(colors: Colors) -> Colors:
    """Colours of sRGB, float32 (N, 3), 0 to 255, in OKLab."""
    levels = colors / np.float32(255)
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    cones = np.cbrt(product(linear.astype(np.float32), TO_LMS.T))
    return product(cones, TO_OKLAB.T)
