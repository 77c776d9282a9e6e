"""Take out of a matte what the network is nowhere sure of: debris beside people, holes, veils.

A flag behind a portrait, a strap, a bowl in the arms: where the network only wonders, its matte is
a half-transparent island, or such a hole. An island of which little is sure is nobody where others
are, and a hole of which little is sure background is person: much like the hysteresis of Canny,
"A Computational Approach to Edge Detection", PAMI 1986, for regions. Soft edges touch what is sure
and stay. On 94 pictures held back from training it raised boundary IoU from 0.657 to 0.659 and
lowered MAE from 0.0235 to 0.0231, with the network of that day; that a share has to be sure, not
just some pixels, later raised IoU from 0.9582 to 0.9589, boundary IoU from 0.6853 to 0.6874.

A veil is doubt that is wider than edges and hair are: a helmet before a suit, dark curls before a
dark wall. As a whole it is either person or not, by the mean of its matte: on the same pictures,
with later weights, boundary IoU rose from 0.7114 to 0.7142, turned by a quarter from 0.642 to
0.652, and IoU stayed. From frame to frame such a choice would flicker, so videos keep their veils.
"""

import cv2
import numpy as np

from figureground.arrays import Alpha

REGION_LEVEL = 0.02  # above which a pixel belongs to an island
SURE_LEVEL = 0.8  # above which it is sure
MIN_SURE_PIXELS = 10  # sure pixels up to which an island is debris all the same ...
MIN_SURE_SHARE = 0.3  # ... and share of it; 0.2 measured the same, 0.6 worse
UNCERTAIN = 0.1, 0.9  # between these a matte is in doubt ...
MIN_UNCERTAIN_SIDE = (
    17  # and a veil if a square of that side fits in, pixels; 13 to 25 measured the same
)
UNCERTAIN_RIM = (
    13  # side of the square around a veil's pixels that goes with it, where not sure otherwise
)


def remove_small_regions(alpha: Alpha) -> Alpha:
    """The matte without islands and holes of which little is sure, float32 (rows, columns)."""
    return 1 - _drop_islands(1 - _drop_islands(alpha))


def resolve_uncertain_regions(alpha: Alpha) -> Alpha:
    """The matte without veils either: of single pictures; float32 (rows, columns), 0 to 1."""
    whole = remove_small_regions(alpha)
    sharp = _harden_uncertain(whole)
    return whole if sharp is whole else remove_small_regions(sharp)


def _harden_uncertain(alpha: Alpha) -> Alpha:
    """Each veil made person or not; the same array where there is none to decide."""
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
        chosen[0] = False  # what is no veil
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
