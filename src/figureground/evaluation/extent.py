"""Where in an image there is anything to measure: all else adds nothing to a sum of errors."""

import cv2
import numpy as np
from numpy.typing import NDArray


def extent(pixels: NDArray[np.bool_], *, margin: int) -> tuple[slice, slice]:
    """Rows and columns of the smallest box around all pixels of a set, (H, W), and a margin.

    The box stays within the image. Around no pixels at all it is the image.

    margin: pixels on each side.
    """
    left, top, width, height = cv2.boundingRect(pixels.view(np.uint8))
    if not width:
        return slice(None), slice(None)
    return (
        slice(max(0, top - margin), top + height + margin),
        slice(max(0, left - margin), left + width + margin),
    )
