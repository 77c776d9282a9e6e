"""Refine the small matte of a video at the edges of the full-size frame: a guided filter.

The network sees the frame through its input, far smaller than the frame. Around every pixel of
the input we learn how its matte follows the frame's colours, alpha = a . colour + b, and apply
that to what the full frame has and the input had not:

    alpha = enlarged matte + a . (frame - input enlarged)

`a` is that of the guided filter, so this is He & Sun, "Fast Guided Filter", arXiv:1505.00996, 2015
(after He, Sun & Tang, "Guided Image Filtering", PAMI 2013), with one change: what the linear model
cannot explain of the small matte is kept, not smoothed away. Where colours say nothing, as with a
person in the colour of the wall, a is nought and the enlarged matte stays as it is.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha

REACH = 2  # radius of the windows that the linear model is learnt in, pixels of the input
CALM = 1e-3  # variance of colours (white is 1) below which the model trusts them little
BLUR = 0.9  # how much a network blurs its matte, standard deviation in pixels of the input
TRUST = 0.1, 0.6  # share of the matte's variance explained: up to which not, from which fully
SURE = 0.03  # a matte this close to nought or one is left alone

Maps = NDArray[np.float32]


def learn_slope(square: Maps, small: Alpha) -> Maps:
    """Return `a`, how the matte follows the frame, float32 (3, h, w), nought where it is sure.

    Args:
        square: what the network saw, blurred by `BLUR` as the network blurs its matte, so that the
            detail which `a` carries over makes good for that as well; float32 (h, w, 3), 0 to 1.
        small: what it found, float32 (h, w), 0 to 1.
    """
    unsure = ((small > SURE) & (small < 1 - SURE)).astype(np.uint8)
    near = cv2.dilate(unsure, np.ones((3, 3), np.uint8)) > 0
    slope = np.zeros((3, *small.shape), np.float32)
    part = _around(near)
    if part is not None:
        seen = [np.asarray(channel, np.float32) for channel in cv2.split(square[part])]
        place = np.flatnonzero(near[part])
        slope[:, near] = _slope(seen, np.ascontiguousarray(small[part]), place)
    return slope


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
