"""Estimate foreground colours where the matte was edited, or the image was cut out before.

How much of a pixel's colour is the person's is told by the matte as it was estimated. A matte that
is made harder, softer or wider afterwards changes what is shown, and not what was mixed.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Depth
from figureground.matting.blur import blur_behind
from figureground.matting.foreground import estimate_foreground

REACH = 1 / 340  # share of the longest side: how far around colours are averaged that are continued


def edited_foreground(
    pixels: NDArray[Depth], matte: Alpha, *, shown: Alpha | None, opacity: Alpha | None
) -> NDArray[Depth]:
    """As `estimate_foreground`, which it is where neither `shown` nor `opacity` is given.

    Args:
        pixels: uint8 or uint16 (H, W, 3).
        matte: how much of each pixel is the person's, as it was found; float32 (H, W), 0 to 1.
        shown: the same with another outline, where that is what is to be seen. Where it goes beyond
            the matte, the person's colours are continued.
        opacity: the image's own transparency, float32 (H, W), 0 to 1. Where it is below 1 the
            person was cut out before, and the image's colours are the person's.
    Returns: (H, W, 3), in the depth of `pixels`; black where nothing is shown.
    Raises:
        SizeError: `pixels` and `matte` differ in height or width.
    """
    colors = estimate_foreground(pixels, matte)
    if opacity is not None:
        cv2.copyTo(pixels, ((opacity < 1) & (matte > 0)).view(np.uint8), colors)
    if shown is None:
        return colors
    beyond = (shown > 0) & (matte == 0)
    if beyond.any():
        around = blur_behind(colors, 1 - matte, radius=max(1.0, REACH * max(matte.shape)))
        cv2.copyTo(around, beyond.view(np.uint8), colors)
    colors[shown == 0] = 0
    return colors
