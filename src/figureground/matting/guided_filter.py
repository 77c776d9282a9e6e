"""Refine the small matte at the edges of the full-size image: a guided filter.

The network sees the image through its input, far smaller than the image. Around every pixel of
the input we learn how its matte follows the image's colours, alpha = a . colour + b, and apply
that to what the full image has and the input had not:

    alpha = enlarged matte + a . (image - input enlarged)

`a` is that of the guided filter, so this is He & Sun, "Fast Guided Filter", arXiv:1505.00996, 2015
(after He, Sun & Tang, "Guided Image Filtering", PAMI 2013), with one change: what the linear model
cannot explain of the small matte is kept, not smoothed away. Where colours say nothing, as with a
person in the colour of the wall, a is nought and the enlarged matte stays as it is.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import PRODUCT, Alpha, Depth

REACH = 2  # radius of the windows that the linear model is learnt in, pixels of the input
CALM = 1e-3  # variance of colours (white is 1) below which the model trusts them little
BLUR = 0.9  # how much a network blurs its matte, standard deviation in pixels of the input
TRUST = 0.1, 0.6  # share of the matte's variance explained: up to which not, from which fully
TILE = 16  # side of what is refined at once, pixels of the input
SURE = 0.03  # a matte this close to nought or one is left alone

Maps = NDArray[np.float32]


def learn(square: Maps, small: Alpha, *, blur: float = BLUR) -> Maps:
    """Return how the matte follows the image: a and -(a . input), float32 (4, h, w), nought if sure.

    The input is blurred as the network blurs its matte, so that the detail which `a` carries over
    makes good for that as well.

    Args:
        square: what the network saw of the image, float32 (h, w, 3), 0 to 1.
        small: what it found, float32 (h, w), 0 to 1.
        blur: standard deviation in pixels, above 0; 0 where `square` is blurred already.
    """
    unsure = ((small > SURE) & (small < 1 - SURE)).astype(np.uint8)
    near = cv2.dilate(unsure, np.ones((3, 3), np.uint8)) > 0
    detail = np.zeros((4, *small.shape), np.float32)
    part = _around(near)
    if part is None:
        return detail
    place = np.flatnonzero(near[part])
    seen = [
        np.asarray(cv2.GaussianBlur(channel, (0, 0), blur) if blur else channel, np.float32)
        for channel in cv2.split(square[part])
    ]
    slope = _slope(seen, np.ascontiguousarray(small[part]), place)
    there = np.stack([channel.ravel()[place] for channel in seen])
    everywhere = np.flatnonzero(near)
    for layer, values in zip(detail, [*slope, -(slope * there).sum(axis=0)], strict=True):
        layer.ravel()[everywhere] = values
    return detail


def _around(near: NDArray[np.bool_]) -> tuple[slice, slice] | None:
    """The part of a map outside which windows and blur see nothing of what is marked."""
    rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    if not rows.size:
        return None
    margin = REACH + 4  # the Gaussian ends there
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + margin + 1),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + margin + 1),
    )


def _slope(square: list[Maps], small: Alpha, place: NDArray[np.int64]) -> Maps:
    """`a` of the guided filter with a colour guide: (cov(I, I) + CALM)^-1 cov(I, alpha).

    square: three channels (h, w); small: (h, w); place: n pixels of those, counted row by row.
    Returns float32 (3, n). He's second average, of `a` over windows, changes nothing measurable
    here and is left out.
    """

    def average(maps: Maps) -> Maps:
        side = 2 * REACH + 1
        return np.take(np.asarray(cv2.blur(maps, (side, side)), np.float32).ravel(), place)

    mean, mean_alpha = [average(channel) for channel in square], average(small)
    pairs = np.stack(
        [
            average(square[first] * square[second]) - mean[first] * mean[second]
            for first, second in zip([0, 0, 0, 1, 1, 2], [0, 1, 2, 1, 2, 2], strict=True)
        ]
    )
    together = np.stack(
        [average(channel * small) - mean[i] * mean_alpha for i, channel in enumerate(square)]
    )
    slope = _solve(pairs, together)
    spread = average(small * small) - mean_alpha * mean_alpha
    return slope * _trust((slope * together).sum(axis=0), spread)


def _solve(pairs: Maps, right: Maps) -> Maps:
    """(M + CALM)^-1 r for symmetric M, by cofactors: numpy's solver is slow at 3 by 3.

    pairs: (6, n), the upper triangle of M row by row; right: (3, n). Returns float32 (3, n).
    """
    rr, rg, rb, gg, gb, bb = np.asarray(pairs, np.float64)
    rr, gg, bb = rr + CALM, gg + CALM, bb + CALM
    c0, c1, c2 = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    c3, c4, c5 = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    x, y, z = right
    solved = np.stack(
        [c0 * x + c1 * y + c2 * z, c1 * x + c3 * y + c4 * z, c2 * x + c4 * y + c5 * z]
    )
    return np.asarray(solved / (rr * c0 + rg * c1 + rb * c2), np.float32)


def _trust(explained: Alpha, spread: Alpha) -> Alpha:
    """Return how far to believe the model, 0 to 1, from how much of the matte's variance it explains.

    Three colours always explain some of 25 pixels, even those of a wallpaper.
    """
    none, full = TRUST
    share = explained / (spread + 1e-4)
    return np.asarray(np.clip((share - none) / (full - none), 0, 1), np.float32)


def add_detail(alpha: Alpha, rgb: NDArray[Depth], detail: Maps, *, start: int, height: int) -> None:
    """Add a . colour - (a . input), enlarged linearly, to rows of a matte, where it is not nought.

    Tile by tile of `detail`, and only where there is some: a person's outline crosses few.

    Args:
        alpha: float32 (n, W), 0 to 1; changed in place.
        rgb: uint8 or uint16 (n, W, 3).
        detail: what `learn` returned, for colours in the values of `rgb`.
        start: number of the first of the rows in the image.
        height: rows of the image.
    """
    across = _bands(alpha.shape[1], detail.shape[2])
    step = max(1, TILE * height // detail.shape[1])
    step = min(step, max(1, PRODUCT // max(wide.size for *_, wide in across)))
    for top in range(0, len(alpha), step):
        part = slice(top, min(top + step, len(alpha)))
        cells, tall = _mix(
            np.arange(start + part.start, start + part.stop), height, detail.shape[1]
        )
        strip = detail[:, cells]
        busy = np.asarray(strip.any(axis=(0, 1)))
        for columns, places, wide in across:
            if not busy[places].any():
                continue
            model = tall @ strip[:, :, places] @ wide.T  # (4, rows, columns)
            block = rgb[part, columns]
            change = model[3]
            for channel in range(3):
                change += model[channel] * block[..., channel]
            np.clip(alpha[part, columns] + change, 0, 1, out=alpha[part, columns])


Band = tuple[slice, slice, Maps]


@lru_cache(maxsize=4)
def _bands(length: int, samples: int) -> list[Band]:
    """Pixels of one axis in bands of about `TILE` samples: pixels, samples, their mixture."""
    step = max(1, TILE * length // samples)
    bands = []
    for first in range(0, length, step):
        pixels = np.arange(first, min(first + step, length))
        bands.append((slice(first, first + len(pixels)), *_mix(pixels, length, samples)))
    return bands


def _mix(pixels: NDArray[np.int64], length: int, samples: int) -> tuple[slice, Maps]:
    """Which samples neighbouring pixels of an axis are mixed of, and how, linearly, as OpenCV does.

    Returns: the samples; and their mixture, float32 (pixels, samples).
    """
    place = np.clip((pixels + 0.5) * samples / length - 0.5, 0, samples - 1)
    first, last = int(place[0]), min(int(place[-1]) + 2, samples)
    apart = np.abs(place[:, None] - np.arange(first, last))
    return slice(first, last), np.maximum(0, 1 - apart).astype(np.float32)
