"""Settle what a matte is unsure of, never along straight lines: small regions, and wide doubt.

A region of alpha above 0.4 is an island, of 1 - alpha a hole. An island is dropped if less than
30 % of it has alpha above 0.8; a hole is filled up to what is around it if less than 10 % is as
sure of the background. What is too faint for a region goes where nothing sure hangs on it. It is
hysteresis (Canny, "A Computational Approach to Edge Detection", PAMI 1986) for regions: soft edges
touch what is sure, and stay. What lies between two regions goes with the nearer one, with a soft
seam.

Doubt that is wider than edges and strands of hair, such as a helmet before a suit, becomes person
or background as a whole, by its mean: log-odds of its pixels are moved, and less towards its rim,
so that its outline is that of the matte. In a video that choice would flicker, so frames keep such
doubt, and judge regions by a rule of their own.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha
from figureground.matting.morphology import nearest_label

FRAME_LEVEL, FRAME_SHARE = 0.02, 0.3  # of frames: above which a pixel belongs to a region, and ...
FAINT_LEVEL = 0.1  # of pictures: to one of which something has to be sure
REGION_LEVEL = 0.4  # to one of which much has to be sure
ISLAND_SHARE, HOLE_SHARE = 0.3, 0.1  # ... how much of it has to be sure
SURE_LEVEL = 0.8  # above which a pixel is sure
MIN_SURE_PIXELS = 10  # sure pixels up to which a region is debris all the same
SEAM = 2.0  # between what is dropped and what stays; standard deviation, pixels of the input
UNCERTAIN = 0.19, 0.81  # between these a matte is in doubt ...
MIN_UNCERTAIN_SIDE = 17  # and uncertain if a disc of that diameter fits in, pixels of the input
UNCERTAIN_RIM = 6  # around uncertain regions, decided alike, pixels ...
RIM_BLUR = 3.0  # ... and how softly that ends, standard deviation
SHIFT, EVEN = (
    8.0,
    0.05,
)  # of log-odds at most; distance of the mean from one half at which it is 3/4


def remove_small_regions(alpha: Alpha) -> Alpha:
    """Drop unsure islands and fill unsure holes of a frame's matte; float32 (rows, columns)."""
    without = _drop_islands(alpha, level=FRAME_LEVEL, share=FRAME_SHARE)
    return 1 - _drop_islands(1 - without, level=FRAME_LEVEL, share=FRAME_SHARE)


def resolve_uncertain_regions(alpha: Alpha) -> Alpha:
    """Drop and fill in a picture's matte, and make wide doubt person or background.

    alpha: float32 (rows, columns), 0 to 1; so is what is returned.
    """
    alpha = _drop_islands(alpha, level=FAINT_LEVEL)
    alpha = 1 - _drop_islands(1 - alpha, level=FAINT_LEVEL)
    alpha = _drop_islands(alpha, level=REGION_LEVEL, share=ISLAND_SHARE)
    _, kept = _judge(1 - alpha, level=REGION_LEVEL, share=HOLE_SHARE)
    if kept is not None:
        alpha = np.where(kept, alpha, np.maximum(alpha, np.float32(1 - REGION_LEVEL)))
    return _decide_wide_doubt(alpha)


def _decide_wide_doubt(alpha: Alpha) -> Alpha:
    """Move the log-odds of each uncertain region; returns the same array where there is none."""
    doubt = ((alpha > UNCERTAIN[0]) & (alpha < UNCERTAIN[1])).view(np.uint8)
    opened = cv2.morphologyEx(doubt, cv2.MORPH_OPEN, _disc(MIN_UNCERTAIN_SIDE))
    count, labels = cv2.connectedComponents(np.asarray(opened, np.uint8), connectivity=8)
    if count == 1:
        return alpha
    sums = np.bincount(labels.ravel(), alpha.ravel(), minlength=count)
    means = sums / np.maximum(1, np.bincount(labels.ravel(), minlength=count))
    shifts = (SHIFT * np.tanh((means - 0.5) / EVEN)).astype(np.float32)
    near = cv2.dilate(opened, _disc(2 * UNCERTAIN_RIM + 1)) > 0
    moved = np.where(near, shifts[nearest_label(np.asarray(labels, np.int32))], np.float32(0))
    odds = np.exp(_blur(moved, RIM_BLUR))
    decided = np.asarray(alpha * odds / (alpha * odds + (1 - alpha)), np.float32)
    return decided if (decided > SURE_LEVEL).any() else alpha  # better a faint person than none


def _drop_islands(alpha: Alpha, *, level: float, share: float = 0.0) -> Alpha:
    """Drop regions above a level of which less than a share is sure."""
    labels, kept = _judge(alpha, level=level, share=share)
    if kept is None:
        return alpha
    stays = np.where(labels > 0, kept, _blur(kept.astype(np.float32), SEAM))
    return np.asarray(alpha * stays, np.float32)


def _judge(
    alpha: Alpha, *, level: float, share: float
) -> tuple[NDArray[np.int32], NDArray[np.bool_] | None]:
    """Return the regions above a level, and which pixels are nearest to one that is sure enough.

    The latter is None where all regions are, or none is: better a faint person than none.
    """
    count, labels = cv2.connectedComponents((alpha > level).view(np.uint8), connectivity=8)
    sure = np.bincount(labels[alpha > SURE_LEVEL], minlength=count)
    area = np.bincount(labels.ravel(), minlength=count)
    kept = (sure > MIN_SURE_PIXELS) & (sure >= share * area)
    regions = np.asarray(labels, np.int32)
    if kept[1:].all() or not kept[1:].any():
        return regions, None
    return regions, kept[nearest_label(regions)]


def _blur(values: Alpha, deviation: float) -> Alpha:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), deviation), np.float32)


def _disc(side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
