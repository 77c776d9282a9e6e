"""A line around the person, a shadow behind it: layers between the person and the background."""

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Color, Depth
from figureground.chunks import row_chunks
from figureground.matting.background import flat
from figureground.matting.compositing import check_same_size
from figureground.matting.morphology import feather


def outline(
    pixels: NDArray[Depth], alpha: Alpha, *, width: float, color: Color
) -> tuple[NDArray[Depth], Alpha]:
    """Draw a line around the person, smooth at its outer edge.

    Args:
        pixels: the person's colours, uint8 or uint16 (H, W, 3).
        alpha: float32 (H, W), 0 to 1.
        width: of the line, pixels.
        color: of the line.
    Returns: colours and alpha of the person with its line.
    Raises:
        SizeError: `pixels` and `alpha` differ in height or width.
    """
    distance = cv2.distanceTransform((alpha < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    # From pixel centre to pixel centre: half a pixel to the person's edge, half to the line's.
    line = np.subtract(np.float32(width + 1), distance, out=np.asarray(distance, np.float32))
    np.clip(line, 0, 1, out=line)
    if not (alpha >= 0.5).any():
        line[:] = 0  # nobody is there to surround; the distance is then meaningless
    return _lay_over(pixels, alpha, line, color)


def shadow(
    pixels: NDArray[Depth],
    alpha: Alpha,
    *,
    offset: tuple[int, int],
    blur: float,
    opacity: float = 0.5,
    color: Color = (0, 0, 0),
) -> tuple[NDArray[Depth], Alpha]:
    """Let the person throw a soft shadow on the background.

    Args:
        pixels: the person's colours, uint8 or uint16 (H, W, 3).
        alpha: float32 (H, W), 0 to 1.
        offset: how far the shadow falls, pixels down and to the right.
        blur: standard deviation of its softness, pixels, above 0.
        opacity: of the shadow, 0 to 1.
        color: of the shadow.
    Returns: colours and alpha of the person with its shadow.
    Raises:
        SizeError: `pixels` and `alpha` differ in height or width.
    """
    move = np.array([[1, 0, offset[1]], [0, 1, offset[0]]], np.float32)
    moved = cv2.warpAffine(alpha, move, alpha.shape[::-1], flags=cv2.INTER_NEAREST)
    fallen = feather(np.asarray(moved, np.float32), radius=blur)
    del moved  # a large image's mattes are hundreds of megabytes each
    fallen *= np.float32(opacity)
    return _lay_over(pixels, alpha, fallen, color)


def _lay_over(
    pixels: NDArray[Depth], alpha: Alpha, layer: Alpha, color: Color
) -> tuple[NDArray[Depth], Alpha]:
    """The person over a layer of one colour, straight again: Porter & Duff's `over`.

    Works in strips, and makes `layer` the alpha that is returned, so that memory stays small.
    """
    check_same_size(pixels, alpha)
    paint = flat(color, (1, 1), depth=pixels.dtype.type)[0].astype(np.float32)
    result = pixels.copy()
    for rows in row_chunks(alpha.shape):
        behind = layer[rows] * (1 - alpha[rows])
        np.add(alpha[rows], behind, out=layer[rows])
        changed = np.nonzero(behind)
        share = (behind[changed] / layer[rows][changed])[:, None]
        person = pixels[rows][changed].astype(np.float32)
        result[rows][changed] = np.rint(person + share * (paint - person)).astype(pixels.dtype)
    return result, layer
