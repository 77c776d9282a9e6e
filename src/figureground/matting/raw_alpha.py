"""The network's own matte of an image, with nothing done to it: as the Keras tutorial predicts."""

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Depth
from figureground.engines import Engine


def estimate_raw_alpha(rgb: NDArray[Depth], engine: Engine) -> Alpha:
    """Stretch an image to the network's input, and its matte back, bilinearly as OpenCV does.

    Neither levels nor edges are touched; `estimate_alpha` is better at all but comparing networks.

    Args:
        rgb: uint8 or uint16 (H, W, 3).
        engine: runs the network; see `figureground.engines`.
    Returns: float32 (H, W), 0 to 1.
    """
    rows, columns = engine.size
    small = cv2.resize(rgb, (columns, rows)).astype(np.float32)
    alpha = engine(small / np.float32(np.iinfo(rgb.dtype).max))
    whole = cv2.resize(alpha, (rgb.shape[1], rgb.shape[0]))
    return np.asarray(np.clip(whole, 0, 1), np.float32)
