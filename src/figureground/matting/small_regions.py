"""Settle what a matte is unsure of, never along straight lines: small regions, and wide doubt.

An island is dropped if less than 30 % of it is sure, unless it is the only one; holes are filled
by the same rule on 1 - alpha. It is hysteresis (Canny, "A Computational Approach to Edge Detection",
PAMI 1986) for regions: soft edges touch what is sure, and stay. What lies between two regions goes
with the nearer one, with a soft seam.

Doubt that is wider than edges and strands of hair, such as a helmet before a suit, becomes person
or background as a whole, by its mean: log-odds of its pixels are moved, and less towards its rim,
so that its outline is that of the matte. In a video that choice would flicker, so frames keep such
doubt.

What is fainter than any region, and away from all, fades out: a gleam of something behind.

Where all that is found is a spot that is nowhere sure, there is nobody: a second look at a fold of
a curtain would make somebody of it.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha


class Rule(NamedTuple):
    """Which regions stay."""

    level: float  # above which a pixel belongs to a region
    sure: float  # above which it is sure
    island: float  # share of an island that has to be sure ...
    hole: float  # ... and of a hole


# Levels follow how mattes are stretched: both rules mean about the same of what a network says.
FRAMES = Rule(level=0.02, sure=0.8, island=0.3, hole=0.3)
IMAGES = Rule(level=0.127, sure=0.733, island=0.3, hole=0.2)
MIN_SURE_PIXELS = 10  # sure pixels up to which a region is debris all the same
SEAM = 2.0  # between what is dropped and what stays; standard deviation, pixels of the input
UNCERTAIN = 0.19, 0.81  # between these an image's matte is in doubt ...
UNCERTAIN_RADIUS = 8  # and uncertain if a disc of that radius fits in, pixels of the input
INSIDE = np.ones((11, 11), np.uint8)  # a square that lies within such a disc, corners too
UNCERTAIN_RIM = 6  # around uncertain regions, decided alike, pixels ...
RIM_BLUR = 3.0  # ... and how softly that ends, standard deviation
SHIFT = 8.0  # of log-odds at most
EVEN = 0.05  # distance of a region's mean from one half at which the shift is 3/4 of that
TRACES = 4.0, 8.0  # how far from a region traces stay in full, and stay at all, pixels
SPOT = 0.005  # share of the input that a spot covers at most, above half of its highest alpha ...
SPOT_ALPHA = 0.92  # ... and what that highest is below


def remove_small_regions(alpha: Alpha, rule: Rule = FRAMES) -> Alpha:
    """Drop unsure islands and fill unsure holes of a matte, float32 (rows, columns), 0 to 1."""
    without = _drop_islands(alpha, rule, rule.island)
    return 1 - _drop_islands(1 - without, rule, rule.hole)


def resolve_uncertain_regions(alpha: Alpha) -> Alpha:
    """Drop and fill in an image's matte, and make wide doubt person or background.

    alpha: float32 (rows, columns), 0 to 1; so is what is returned.
    """
    whole = remove_small_regions(alpha, IMAGES)
    decided = _decide_wide_doubt(whole)
    return _drop_traces(whole if decided is whole else remove_small_regions(decided, IMAGES))


def drop_spot(alpha: Alpha) -> Alpha:
    """Return an image's matte, or one of nobody where all of it is a spot in doubt.

    Whoever is large stays however faint, and whoever is small where some of them is sure.

    alpha: float32 (rows, columns), 0 to 1; so is what is returned.
    """
    highest = float(alpha.max())
    if highest >= SPOT_ALPHA or np.count_nonzero(alpha > highest / 2) > SPOT * alpha.size:
        return alpha
    return np.zeros_like(alpha)


def _drop_traces(alpha: Alpha) -> Alpha:
    """Let what is too faint to be a region fade out, away from those that are there."""
    regions = alpha > IMAGES.level
    if not regions.any():
        return alpha
    full, none = TRACES
    staying = np.clip((none - distance((~regions).view(np.uint8))) / (none - full), 0, 1)
    return np.asarray(alpha * staying, np.float32)


def _decide_wide_doubt(alpha: Alpha) -> Alpha:
    """Move the log-odds of each uncertain region; returns the same array where there is none."""
    doubt = ((alpha > UNCERTAIN[0]) & (alpha < UNCERTAIN[1])).view(np.uint8)
    if not cv2.erode(doubt, INSIDE).any():  # quicker to see, of most images
        return alpha
    middles = distance(doubt) > UNCERTAIN_RADIUS
    if not middles.any():
        return alpha
    away = distance((~middles).view(np.uint8))
    part = _box_of(away <= UNCERTAIN_RADIUS + UNCERTAIN_RIM, margin=round(3 * RIM_BLUR))
    decided = alpha.copy()
    decided[part] = _decide_regions(alpha[part], away[part])
    return decided if (decided > IMAGES.sure).any() else alpha  # better a faint person than none


def _decide_regions(alpha: Alpha, away: Alpha) -> Alpha:
    """Move the log-odds of each region of doubt, `away` from whose middles pixels are."""
    opened = (away <= UNCERTAIN_RADIUS).view(np.uint8)
    count, labels = cv2.connectedComponents(opened, connectivity=8)
    sums = np.bincount(labels.ravel(), alpha.ravel(), minlength=count)
    means = sums / np.maximum(1, np.bincount(labels.ravel(), minlength=count))
    shifts = (SHIFT * np.tanh((means - 0.5) / EVEN)).astype(np.float32)
    near = away <= UNCERTAIN_RADIUS + UNCERTAIN_RIM
    moved = np.where(near, shifts[nearest_label(np.asarray(labels, np.int32))], np.float32(0))
    odds = np.exp(_blur(moved, RIM_BLUR))
    return np.asarray(alpha * odds / (alpha * odds + (1 - alpha)), np.float32)


def _box_of(pixels: NDArray[np.bool_], *, margin: int) -> tuple[slice, slice]:
    """The smallest window that holds all true pixels, and a margin where there is room."""
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + 1 + margin),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + 1 + margin),
    )


def _drop_islands(alpha: Alpha, rule: Rule, share: float) -> Alpha:
    """Drop regions of which less than a share is sure, unless all are such: better than nobody."""
    count, labels = cv2.connectedComponents((alpha > rule.level).view(np.uint8), connectivity=8)
    if count <= 2:  # the rest, and one region at most
        return alpha
    sure = np.bincount(labels[alpha > rule.sure], minlength=count)
    area = np.bincount(labels.ravel(), minlength=count)
    kept = (sure > MIN_SURE_PIXELS) & (sure >= share * area)
    if kept[1:].all() or not kept[1:].any():
        return alpha
    part = _box_of(alpha > 0, margin=round(4 * SEAM))
    left = alpha.copy()
    left[part] *= _staying(np.asarray(labels[part], np.int32), kept)
    return left


def _staying(labels: NDArray[np.int32], kept: NDArray[np.bool_]) -> Alpha:
    """Return how much of each pixel stays: float32, 0 in regions that are dropped, 1 in the others.

    labels: of regions; 0 is between them. kept: by label.
    """
    members = labels > 0
    staying = kept[labels] & members
    nearer = distance((~staying).view(np.uint8)) <= distance((staying | ~members).view(np.uint8))
    stays = nearer.astype(np.float32)
    return np.where(members, stays, _blur(stays, SEAM))


def _blur(values: Alpha, deviation: float) -> Alpha:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), deviation), np.float32)


def distance(inside: NDArray[np.uint8]) -> Alpha:
    """Return how far each pixel is from the nearest that is 0, pixels, float32 (h, w)."""
    return np.asarray(cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_5), np.float32)


def nearest_label(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Give each pixel that is 0 the label of the nearest one that is not; there is one."""
    nobody = (labels == 0).view(np.uint8)
    _, places = cv2.distanceTransformWithLabels(
        nobody, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_place = np.zeros(int(places.max()) + 1, np.int32)
    there = nobody == 0
    of_place[places[there]] = labels[there]
    return of_place[places]
