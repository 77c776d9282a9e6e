"""Another look at pictures that the first leaves in doubt.

A sure matte goes from nobody to somebody within a pixel or two of the network's input. Where the
way is longer on the whole, the network hesitates: over a bag, a flag, a second person. Then it is
shown the mirrored picture, smaller, and both answers count, as in test-time augmentation over flips
and scales (Chen et al., "DeepLab", TPAMI 2018). The smaller look knows less of edges: only where
its answer differs over an area, it counts.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha
from figureground.engines import Engine
from figureground.matting.resize import resize

# Mean way from nobody to somebody above which there is doubt, pixels of the input. Of pictures held
# back from training a quarter is beyond; the others gain nothing from another look.
WIDTH = 4.5
SMALLER = 5 / 6  # side of the other look's input
AREA = 4  # standard deviation of the mean over an area, pixels of the input
SQUARE = np.ones((3, 3), np.uint8)


def is_doubtful(alpha: Alpha) -> bool:
    """Whether a matte of the network's size, float32 (rows, columns), 0 to 1, deserves it."""
    people = (alpha > 0.5).view(np.uint8)
    length = np.count_nonzero(cv2.dilate(people, SQUARE) != cv2.erode(people, SQUARE)) / 2
    # Across a straight slope of width w, 6 alpha (1 - alpha) sums to w.
    return float(np.sum(6 * alpha * (1 - alpha))) > WIDTH * max(length, 1)


def look_again(first: Alpha, square: NDArray[np.float32], engine: Engine) -> Alpha:
    """What the network says of a picture after two looks.

    Args:
        first: its answer to `square`, float32 (rows, columns), 0 to 1.
        square: float32 (rows, columns, 3), 0 to 1, of the engine's size.
        engine: runs the network.
    Returns: float32 (rows, columns), 0 to 1.
    """
    rows, columns = engine.size
    other = engine.resized((round(rows * SMALLER), round(columns * SMALLER)))
    mirrored = np.asarray(cv2.flip(resize(square, other.size), 1), np.float32)
    second = resize(np.ascontiguousarray(other(mirrored)[:, ::-1]), engine.size)
    apart = cv2.GaussianBlur(second - first, (0, 0), AREA)
    return np.asarray(np.clip(first + apart / 2, 0, 1), np.float32)
