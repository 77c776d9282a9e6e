"""Settle what a matte is unsure of, never along straight lines: small regions, and wide doubt.

A region of alpha above 0.4 is an island, of 1 - alpha a hole. An island is dropped if less than
30 % of it has alpha above 0.8, a hole filled if less than 10 % is as sure of the background; what
is too faint for a region goes where nothing sure hangs on it. It is hysteresis (Canny, "A
Computational Approach to Edge Detection", PAMI 1986) for regions: soft edges touch what is sure,
and stay. What lies between two regions goes with the nearer one, with a soft seam.

Doubt that is wider than edges and strands of hair, such as a helmet before a suit, is drawn
towards person or background by what lies around it, each pixel from its own alpha: its outline
stays that of the matte. In a video that would flicker, so frames keep such doubt, and judge
regions by a rule of their own.
"""

from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np

from figureground.arrays import Alpha
from figureground.matting.morphology import nearest_label

Rule: TypeAlias = tuple[float, float, float]
# Level above which a pixel belongs to a region, and how much of an island and of a hole has to be
# sure: first of what is faint at all, then of what is half sure; frames by a rule that flickers less.
PICTURE_RULES = (0.1, 0.0, 0.0), (0.4, 0.3, 0.1)
FRAME_RULES = ((0.02, 0.3, 0.3),)
SURE_LEVEL = 0.8  # above which it is sure
MIN_SURE_PIXELS = 10  # sure pixels up to which a region is debris all the same
SEAM = 2.0  # between what is dropped and what stays; standard deviation, pixels of the input
UNCERTAIN = 0.1, 0.9  # between these a matte is in doubt ...
ONSET = 0.05  # ... and begins to be within so much of both
TINY = np.float32(1e-3)  # keeps a mean over nothing from dividing by nought
AROUND = 10.0  # how far around counts, standard deviation, pixels of the input
WIDE = 0.4, 0.7  # share of doubt around, from which on it is wide, and from which on fully so
DRAW = 12.0  # added to log-odds for each that the mean of the doubt around lies above a half


def remove_small_regions(alpha: Alpha) -> Alpha:
    """Drop unsure islands and fill unsure holes of a frame's matte; float32 (rows, columns)."""
    return _remove(alpha, FRAME_RULES)


def resolve_uncertain_regions(alpha: Alpha) -> Alpha:
    """Drop and fill in a picture's matte, and draw wide doubt to person or background.

    alpha: float32 (rows, columns), 0 to 1; so is what is returned.
    """
    return _draw_wide_doubt(_remove(alpha, PICTURE_RULES))


def _remove(alpha: Alpha, rules: Sequence[Rule]) -> Alpha:
    for level, island, hole in rules:
        without = _drop_islands(alpha, level=level, share=island)
        alpha = 1 - _drop_islands(1 - without, level=level, share=hole)
    return alpha


def _draw_wide_doubt(alpha: Alpha) -> Alpha:
    """Add to the log-odds of each pixel what the doubt around it says, the more the wider that is."""
    low, high = UNCERTAIN
    inside = np.minimum(alpha - low, high - alpha) / (2 * ONSET) + 0.5
    doubt = np.clip(inside, 0, 1).astype(np.float32)
    near = _mean_around(doubt, AROUND)
    width = np.clip((near - WIDE[0]) / (WIDE[1] - WIDE[0]), 0, 1)
    if not width.any():
        return alpha
    width = width * width * (3 - 2 * width)  # smoothly
    mean = _mean_around(alpha * doubt, AROUND) / (near + TINY)
    odds = np.exp(DRAW * width * (mean - 0.5))
    drawn = np.asarray(alpha * odds / (alpha * odds + (1 - alpha)), np.float32)
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
