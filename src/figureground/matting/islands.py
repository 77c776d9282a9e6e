"""Take out of a matte what the network is nowhere sure of: debris beside people, holes in them.

A flag behind a portrait, a strap, a bowl in the arms: where the network only wonders, its matte is
a half-transparent island, or such a hole. An island that holds no sure pixel is nobody where others
hold some, and a hole that holds no sure background is person: the hysteresis of Canny, "A
Computational Approach to Edge Detection", PAMI 1986, for regions. Soft edges touch what is sure and
stay. On 94 pictures held back from training it raised boundary IoU from 0.657 to 0.659 and lowered
MAE from 0.0235 to 0.0231, with the network of that day.
"""

import cv2
import numpy as np

from figureground.arrays import Alpha

FAINT = 0.02  # above which a pixel belongs to an island
SURE = 0.8  # above which it is sure
FEW = 10  # sure pixels up to which an island is debris all the same


def decide(alpha: Alpha) -> Alpha:
    """The matte without islands and holes that hold nothing sure, float32 (rows, columns)."""
    return 1 - _without_islands(1 - _without_islands(alpha))


def _without_islands(alpha: Alpha) -> Alpha:
    count, labels = cv2.connectedComponents((alpha > FAINT).view(np.uint8), connectivity=8)
    sure = np.bincount(labels[alpha > SURE], minlength=count)
    kept = sure > FEW
    if not kept[1:].any():  # better a faint person than none
        return alpha
    kept[0] = True  # what is no island at all
    return np.where(kept[labels], alpha, np.float32(0))
