"""Intersection over union, the measure that everything here is judged by."""

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.bool_]


def iou(person: Pixels, truth: Pixels) -> float:
    """Intersection over union of two sets of pixels: 0 to 1.

    Like all overlaps here, 1 where both sets are empty and 0 where only one is: an image without
    people is answered rightly by an empty matte.
    """
    union = int((person | truth).sum())
    return int((person & truth).sum()) / union if union else 1.0
