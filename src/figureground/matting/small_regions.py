"""Settle what a matte is unsure of, never along straight lines: small regions, and wide doubt.

A region of alpha above 0.4 is an island, of 1 - alpha a hole. An island is dropped if less than
30 % of it has alpha above 0.8, a hole filled if less than 10 % is as sure of the background; what
is too faint to be a region goes too where nothing sure hangs on it. It is hysteresis (Canny, "A
Computational Approach to Edge Detection", PAMI 1986) for regions: soft edges touch what is sure,
and stay. What lies between two regions goes with the nearer one, with a soft seam.

Doubt that is wider than edges and strands of hair, such as a helmet before a suit, is drawn
towards person or background by what lies around it, each pixel by its own alpha: its outline stays
that of the matte, and a veil of hair stays a veil. In a video that would flicker, so frames keep
such doubt.
"""

import cv2
import numpy as np

from figureground.arrays import Alpha
from figureground.matting.morphology import nearest_label

FAINT_LEVEL = 0.1  # above which a pixel belongs to a region of which something has to be sure
REGION_LEVEL = 0.4  # above which it belongs to one of which much has to be sure
SURE_LEVEL = 0.8  # above which it is sure
MIN_SURE_PIXELS = 10  # sure pixels up to which a region is debris all the same ...
ISLAND_SURE_SHARE, HOLE_SURE_SHARE = 0.3, 0.1  # ... and shares of it
SEAM = 2.0  # between what is dropped and what stays; standard deviation, pixels of the input
UNCERTAIN = 0.1, 0.9  # between these a matte is in doubt ...
ONSET = 0.05  # ... and begins to be within so much of both
TINY = np.float32(1e-3)  # keeps a mean over nothing from dividing by nought
AROUND = 10.0  # how far around counts, standard deviation, pixels of the input
WIDE = 0.4, 0.7  # share of doubt around, from which on it is wide, and from which on fully so
DRAW = 2.0  # alpha that is added for each that the mean of the doubt around lies above one half


def remove_small_regions(alpha: Alpha) -> Alpha:
    """Drop unsure islands and fill unsure holes of a matte, float32 (rows, columns), 0 to 1."""
    for level, island, hole in (
        (FAINT_LEVEL, 0.0, 0.0),
        (REGION_LEVEL, ISLAND_SURE_SHARE, HOLE_SURE_SHARE),
    ):
        without = _drop_islands(alpha, level=level, share=island)
        alpha = 1 - _drop_islands(1 - without, level=level, share=hole)
    return alpha


def resolve_uncertain_regions(alpha: Alpha) -> Alpha:
    """Also draw wide doubt to person or background; for single pictures; float32 (h, w)."""
    return _draw_wide_doubt(remove_small_regions(alpha))


def _draw_wide_doubt(alpha: Alpha) -> Alpha:
    """Add to each pixel what the doubt around it says, the more the wider that is."""
    low, high = UNCERTAIN
    inside = np.minimum(alpha - low, high - alpha) / (2 * ONSET) + 0.5
    doubt = np.clip(inside, 0, 1).astype(np.float32)
    near = _mean_around(doubt, AROUND)
    width = np.clip((near - WIDE[0]) / (WIDE[1] - WIDE[0]), 0, 1)
    if not width.any():
        return alpha
    width = width * width * (3 - 2 * width)  # smoothly
    mean = _mean_around(alpha * doubt, AROUND) / (near + TINY)
    drawn = np.clip(alpha + DRAW * width * (mean - 0.5), 0, 1).astype(np.float32)
    return drawn if (drawn > SURE_LEVEL).any() else alpha  # better a faint person than none


def _mean_around(values: Alpha, deviation: float) -> Alpha:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), deviation), np.float32)


def _drop_islands(alpha: Alpha, *, level: float, share: float) -> Alpha:
    """Drop regions above a level of which less than a share is sure.

    Unless all are such: better a faint person than none.
    """
    count, labels = cv2.connectedComponents((alpha > level).view(np.uint8), connectivity=8)
    sure = np.bincount(labels[alpha > SURE_LEVEL], minlength=count)
    area = np.bincount(labels.ravel(), minlength=count)
    kept = (sure > MIN_SURE_PIXELS) & (sure >= share * area)
    if kept[1:].all() or not kept[1:].any():
        return alpha
    stays = kept[nearest_label(np.asarray(labels, np.int32))].astype(np.float32)
    soft = _mean_around(stays, SEAM)
    return np.asarray(alpha * np.where(labels > 0, stays, soft), np.float32)
