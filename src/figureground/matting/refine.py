"""Give the network's small matte the edges of the large picture.

The network sees the picture through its input, far smaller than the picture. Around every pixel of
the input we learn how its matte follows the picture's colours, alpha = a . colour + b, and apply
that to what the full picture has and the input had not:

    alpha = enlarged matte + a . (picture - input enlarged)

`a` is that of the guided filter, so this is He & Sun, "Fast Guided Filter", arXiv:1505.00996, 2015
(after He, Sun & Tang, "Guided Image Filtering", PAMI 2013), with one change: what the linear model
cannot explain of the small matte is kept, not smoothed away. Where colours say nothing, as with a
person in the colour of the wall, a is nought and the enlarged matte stays as it is.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha
from figureground.matting.framing import Placement, unfit, window
from figureground.matting.strips import Depth

REACH = 2  # radius of the windows that the linear model is learnt in, pixels of the input
CALM = 1e-3  # variance of colours (white is 1) below which the model trusts them little
BLUR = 0.9  # how much a network blurs its matte, standard deviation in pixels of the input
TRUST = 0.1, 0.6  # share of the matte's variance explained: up to which not, from which fully
SURE = 0.03  # a matte this close to nought or one is left alone

Maps = NDArray[np.float32]


def refine(small: Alpha, rgb: NDArray[Depth], *, square: Maps, placement: Placement) -> Alpha:
    """The matte at the size of the picture, with the edges of the picture.

    Args:
        small: what the network found, float32 (rows, columns), 0 to 1.
        rgb: uint8 or uint16 (H, W, 3).
        square: what the network saw, float32 (rows, columns, 3), 0 to 1.
        placement: how `framing.fit` made `square` from `rgb`.
    Returns: float32 (H, W), 0 to 1.
    Raises:
        SizeError: `small` is not of the size of `square`.
    """
    alpha = unfit(small, placement)
    inner = window(placement)
    detail = _learn(square[inner], small[inner])
    detail[..., :3] /= np.iinfo(rgb.dtype).max
    _add_detail(alpha, rgb, detail)
    return alpha


def _learn(square: Maps, small: Alpha) -> Maps:
    """How the matte follows the picture: a and -(a . input), float32 (h, w, 4), nought if sure.

    The input is blurred as the network blurs its matte, so that the detail which `a` carries over
    makes good for that as well.
    """
    seen = np.asarray(cv2.GaussianBlur(square, (0, 0), BLUR), np.float32)
    unsure = ((small > SURE) & (small < 1 - SURE)).astype(np.uint8)
    near = cv2.dilate(unsure, np.ones((3, 3), np.uint8)) > 0
    slope = _slope(seen, small, near)
    detail = np.zeros((*small.shape, 4), np.float32)
    detail[near] = np.column_stack([slope, -(slope * seen[near]).sum(axis=1)])
    return detail


def _slope(square: Maps, small: Alpha, near: NDArray[np.bool_]) -> Maps:
    """`a` of the guided filter with a colour guide: (cov(I, I) + CALM)^-1 cov(I, alpha).

    square: (h, w, 3); small, near: (h, w). Returns float32 (n, 3) for the n pixels of `near`.
    He's second average, of `a` over windows, changes nothing measurable here and is left out.
    """
    first, second = [0, 0, 0, 1, 1, 2], [0, 1, 2, 1, 2, 2]  # the six pairs of three channels
    mean, mean_alpha = _average(square)[near], _average(small)[near]
    together = _average(square * small[..., None])[near] - mean * mean_alpha[:, None]
    pairs = _average(square[..., first] * square[..., second])[near]
    pairs -= mean[:, first] * mean[:, second]
    covariance = pairs[:, [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(-1, 3, 3)
    covariance += CALM * np.eye(3, dtype=np.float32)
    slope = np.asarray(np.linalg.solve(covariance, together[..., None])[..., 0], np.float32)
    spread = _average(small * small)[near] - mean_alpha * mean_alpha
    return slope * _trust((slope * together).sum(axis=1), spread)[:, None]


def _trust(explained: Alpha, spread: Alpha) -> Alpha:
    """How far to believe the model, 0 to 1, from how much of the matte's variance it explains.

    Three colours always explain some of 25 pixels, even those of a wallpaper.
    """
    none, full = TRUST
    share = explained / (spread + 1e-4)
    return np.asarray(np.clip((share - none) / (full - none), 0, 1), np.float32)


def _average(maps: Maps) -> Maps:
    """Mean over the window around each pixel, channel by channel."""
    side = 2 * REACH + 1
    layers = [cv2.blur(layer, (side, side)) for layer in np.moveaxis(np.atleast_3d(maps), 2, 0)]
    return np.asarray(np.stack(layers, axis=-1).reshape(maps.shape), np.float32)


def _add_detail(alpha: Alpha, rgb: NDArray[Depth], detail: Maps) -> None:
    """Add a . colour - (a . input), enlarged linearly, to `alpha` where it is not nought.

    Row by row of `detail`: a person's outline crosses few columns of each, and memory stays small.
    """
    height, width = alpha.shape
    rows = detail.shape[0]
    wide = np.stack([cv2.resize(layer, (width, rows)) for layer in np.moveaxis(detail, 2, 0)])
    busy = np.asarray(wide.any(axis=0))
    above, share = _between(height, rows)
    starts = np.searchsorted(above, np.arange(rows + 1))
    for row in range(rows):
        below = min(row + 1, rows - 1)
        columns = np.flatnonzero(busy[row] | busy[below])
        block = slice(starts[row], starts[row + 1])
        first, last = wide[:, row][:, None, columns], wide[:, below][:, None, columns]
        model = first + share[block, None] * (last - first)  # (4, rows of the block, columns)
        colors = np.moveaxis(rgb[block][:, columns], 2, 0)
        blend = alpha[block][:, columns] + model[3]
        for slope, color in zip(model[:3], colors, strict=True):
            blend += slope * color
        alpha[block, columns] = np.clip(blend, 0, 1)


def _between(height: int, rows: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Where each of `height` pixels lies among `rows` samples: after which, and how far after."""
    place = np.clip((np.arange(height) + 0.5) * rows / height - 0.5, 0, rows - 1)
    above = place.astype(np.int64)
    return above, (place - above).astype(np.float32)
