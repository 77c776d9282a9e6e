"""Refine the small matte at the edges of the full-size image, by the colours on both sides of them.

The network sees the image through its input, far smaller than the image. Around every place of the
input the colours of the person, F, and of what is behind, B, are averaged with its matte as weight.
A pixel that shows some of both lies on the line between the two, and how far along it is its alpha:

    alpha = (pixel - B) . (F - B) / |F - B|^2

This is taken where the enlarged matte is unsure, as far as F and B lie farther apart than either
varies. Where they do not, as with a person in the colour of the wall, the enlarged matte stays.

Source: estimate and confidence are those of Wang & Cohen, "Optimized Color Sampling for Robust
Matting", CVPR 2007, with means over windows in place of samples.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import PRODUCT, Alpha, Depth, Size, check_room
from figureground.matting.resize import resize

CELL = 4  # side of what colours are averaged over, pixels of the input ...
WINDOW = 5, 5  # ... and then twice in windows of so many cells
SCARCE = 0.02  # share of a window that has to be person, and background, for their means to count
VARIED = 4.0  # how much the variances of F and B count against their distance
ALIKE = 0.02  # squared distance of F and B (white is 1) at which it counts as half
UNSURE = 4  # times alpha (1 - alpha), up to 1: how far a matte is moved
TILE = 8  # side of what is refined at once, cells

Maps = NDArray[np.float32]


def learn(square: Maps, small: Alpha) -> Maps:
    """Return how colours tell alpha: four layers that give it, and how far to trust it.

    With layers a, b, c, d: alpha = a . red + b . green + c . blue - d.

    Args:
        square: what the network saw of the image, float32 (h, w, 3), 0 to 1.
        small: what it found, float32 (h, w), 0 to 1.
    Returns: float32 (5, rows, columns) of cells; nought where no pixel around is unsure.
    """
    cells = -(-small.shape[0] // CELL), -(-small.shape[1] // CELL)
    model = np.zeros((5, *cells), np.float32)
    near = _near(small, cells)
    if not near.any():
        return model
    half = max(1, small.shape[0] // 2), max(1, small.shape[1] // 2)
    square, small = resize(square, half), resize(small, half)
    person, varied, some = _side(square, small, cells)
    behind, restless, rest = _side(square, 1 - small, cells)
    across = person - behind
    apart = (across * across).sum(axis=2)
    slope = across / (apart + np.float32(1e-6))[..., None]
    model[:3] = slope.transpose(2, 0, 1)
    model[3] = (slope * behind).sum(axis=2)
    trust = apart / (apart + VARIED * (varied + restless) + ALIKE)
    model[4] = trust * np.clip(some / SCARCE, 0, 1) * np.clip(rest / SCARCE, 0, 1)
    model *= near
    return model


def _near(small: Alpha, cells: Size) -> NDArray[np.bool_]:
    """Mark cells that are mixed into pixels which are neither sure person nor sure background."""
    around = np.ones((3, 3), np.uint8)
    unsure = (cv2.dilate(small, around) > 0) & (cv2.erode(small, around) < 1)
    some = resize(unsure.astype(np.float32), cells) > 0
    return cv2.dilate(some.view(np.uint8), around) > 0


def _side(square: Maps, cover: Alpha, cells: Size) -> tuple[Maps, Maps, Maps]:
    """Mean colours of what is covered, their variance (of all three), and how much of it is near."""
    weight = cover * cover
    weight *= weight
    colors = square * weight[..., None]
    squares = (colors * square).sum(axis=2)
    some, mean, energy = (_average(resize(layer, cells)) for layer in (weight, colors, squares))
    some += np.float32(1e-4)
    mean /= some[..., None]
    variance = energy / some - (mean * mean).sum(axis=2)
    return mean, np.maximum(variance, 0), some


def _average(layer: Maps) -> Maps:
    return np.asarray(cv2.blur(cv2.blur(layer, WINDOW), WINDOW), np.float32)


def mix_in(alpha: Alpha, rgb: NDArray[Depth], model: Maps, *, start: int, height: int) -> None:
    """Move unsure rows of an enlarged matte towards what their colours tell.

    Tile by tile of `model`, and only where there is some: a person's outline crosses few.

    Args:
        alpha: float32 (n, W), 0 to 1; changed in place.
        rgb: uint8 or uint16 (n, W, 3).
        model: what `learn` returned, for colours in the values of `rgb`.
        start: number of the first of the rows in the image.
        height: rows of the image.
    Raises:
        MemoryError: there is no room for it.
    """
    check_room()
    across = _bands(alpha.shape[1], model.shape[2])
    step = max(1, TILE * height // model.shape[1])
    step = min(step, max(1, PRODUCT // max(wide.size for *_, wide in across)))
    for top in range(0, len(alpha), step):
        part = slice(top, min(top + step, len(alpha)))
        cells, tall = _mix(np.arange(start + part.start, start + part.stop), height, model.shape[1])
        strip = model[:, cells]
        busy = np.asarray(strip[4].any(axis=0))
        for columns, places, wide in across:
            if busy[places].any():
                layers = np.asarray(tall @ strip[:, :, places] @ wide.T, np.float32)
                _mix_tile(alpha[part, columns], rgb[part, columns], layers)


def _mix_tile(alpha: Alpha, rgb: NDArray[Depth], layers: Maps) -> None:
    told = -layers[3]
    for channel in range(3):
        told += layers[channel] * rgb[..., channel]
    np.clip(told, 0, 1, out=told)
    told -= alpha
    told *= np.minimum(UNSURE * alpha * (1 - alpha), 1)
    told *= layers[4]
    alpha += told


Band = tuple[slice, slice, Maps]


@lru_cache(maxsize=4)
def _bands(length: int, samples: int) -> list[Band]:
    """Pixels of one axis in bands of about `TILE` cells: pixels, cells, their mixture."""
    step = max(1, TILE * length // samples)
    bands = []
    for first in range(0, length, step):
        pixels = np.arange(first, min(first + step, length))
        bands.append((slice(first, first + len(pixels)), *_mix(pixels, length, samples)))
    return bands


def _mix(pixels: NDArray[np.int64], length: int, samples: int) -> tuple[slice, Maps]:
    """Which cells neighbouring pixels of an axis are mixed of, and how, linearly, as OpenCV does.

    Returns: the cells; and their mixture, float32 (pixels, cells).
    """
    place = np.clip((pixels + 0.5) * samples / length - 0.5, 0, samples - 1)
    first, last = int(place[0]), min(int(place[-1]) + 2, samples)
    apart = np.abs(place[:, None] - np.arange(first, last))
    return slice(first, last), np.maximum(0, 1 - apart).astype(np.float32)
