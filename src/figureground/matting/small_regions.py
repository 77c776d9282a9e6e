"""Remove small regions of a matte that the network is unsure of: islands, holes, wide doubt.

An island is dropped if less than 30 % of it has alpha above 0.8, unless it is the only one; holes
are filled by the same rule on 1 - alpha. It is hysteresis (Canny, "A Computational Approach to Edge
Detection", PAMI 1986) for regions: soft edges touch what is sure, and stay.

An uncertain region is doubt wider than edges and hair are, such as a helmet before a suit. It
becomes person or background as a whole, by its mean. In a video that choice would flicker, so
frames keep such regions.
"""

import cv2
import numpy as np

from figureground.arrays import Alpha

REGION_LEVEL = 0.02  # above which a pixel belongs to an island
SURE_LEVEL = 0.8  # above which it is sure
MIN_SURE_PIXELS = 10  # sure pixels up to which an island is debris all the same ...
MIN_SURE_SHARE = 0.3  # ... and share of it
UNCERTAIN = 0.1, 0.9  # between these a matte is in doubt ...
MIN_UNCERTAIN_SIDE = 17  # and uncertain if a square of that side fits in, pixels
UNCERTAIN_RIM = 13  # side of the square around them that is decided alike where it is unsure


def remove_small_regions(alpha: Alpha) -> Alpha:
    """Drop unsure islands and fill unsure holes of a matte, float32 (rows, columns), 0 to 1."""
    return 1 - _drop_islands(1 - _drop_islands(alpha))


def resolve_uncertain_regions(alpha: Alpha) -> Alpha:
    """Also make uncertain regions person or background; for single pictures; float32 (h, w)."""
    whole = remove_small_regions(alpha)
    sharp = _harden_uncertain(whole)
    return whole if sharp is whole else remove_small_regions(sharp)


def _harden_uncertain(alpha: Alpha) -> Alpha:
    """Make each uncertain region 0 or 1; returns the same array where there is none."""
    doubt = ((alpha > UNCERTAIN[0]) & (alpha < UNCERTAIN[1])).view(np.uint8)
    opened = cv2.morphologyEx(
        doubt, cv2.MORPH_OPEN, np.ones((MIN_UNCERTAIN_SIDE, MIN_UNCERTAIN_SIDE), np.uint8)
    )
    count, labels = cv2.connectedComponents(np.asarray(opened, np.uint8), connectivity=8)
    if count == 1:
        return alpha
    sums = np.bincount(labels.ravel(), alpha.ravel(), minlength=count)
    means = sums / np.maximum(1, np.bincount(labels.ravel(), minlength=count))
    result = alpha.copy()
    for person in (0, 1):
        chosen = (means > 0.5) == person
        chosen[0] = False  # what is no uncertain region
        near = cv2.dilate(
            chosen[labels].view(np.uint8), np.ones((UNCERTAIN_RIM, UNCERTAIN_RIM), np.uint8)
        )
        unsure = alpha > UNCERTAIN[0] if person else alpha < UNCERTAIN[1]
        result[(near > 0) & unsure] = person
    return result if (result > SURE_LEVEL).any() else alpha  # better a faint person than none


def _drop_islands(alpha: Alpha) -> Alpha:
    count, labels = cv2.connectedComponents((alpha > REGION_LEVEL).view(np.uint8), connectivity=8)
    sure = np.bincount(labels[alpha > SURE_LEVEL], minlength=count)
    kept = (sure > MIN_SURE_PIXELS) & (
        sure >= MIN_SURE_SHARE * np.bincount(labels.ravel(), minlength=count)
    )
    if not kept[1:].any():  # better a faint person than none
        return alpha
    kept[0] = True  # what is no island at all
    return np.where(kept[labels], alpha, np.float32(0))
