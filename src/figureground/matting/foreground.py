"""The person's own colours, where hair and soft edges let the old background shine through.

Blur fusion: Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021. The colours nearby
that surely belong to the person, and those that surely do not, are averaged with the matte as
weight; what the pixel itself shows beyond their mixture is then given to the person. A first pass
looks far, a second close.

The paper's first pass blurs over 90 pixels; such a blur has no detail, so we compute it on a small
copy of the picture. The second goes tile by tile, and only where the matte is neither 0 nor 1.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.matting.strips import Depth, check_same_size

COARSE = 512  # longest side of the small copy that the first pass works on, pixels
FAR = 45  # side of the first pass's window, pixels of the small copy
NEAR = 1 / 170  # side of the second pass's window, as a share of the picture's longest side ...
NEAREST = 6  # ... but at least this, pixels: the paper's 90 and 6, at the paper's picture sizes
TILE = 256  # side of a tile of the second pass, pixels

Maps = NDArray[np.float32]
Block = tuple[slice, slice]


def estimate_foreground(pixels: NDArray[Depth], alpha: Alpha) -> NDArray[Depth]:
    """What colour the person has, without the background that shows through.

    Where alpha is 1 the picture's own pixels come back bit for bit. Where it is 0 the result is
    black, which compresses best, but for a seam of a few pixels along the person: programs that
    scale a straight (not premultiplied) cutout mix those colours into its edge.

    Args:
        pixels: uint8 or uint16 (H, W, 3).
        alpha: float32 (H, W), 0 to 1.
    Returns: (H, W, 3), in the depth of `pixels`.
    Raises:
        SizeError: `pixels` and `alpha` differ in height or width.
    """
    check_same_size(pixels, alpha)
    longest = max(alpha.shape)
    factor = -(-longest // COARSE)
    person, behind = _look_far(pixels, alpha, factor)
    window = max(NEAREST, round(NEAR * longest))
    margin = factor * (window // 2 // factor + 2)  # whole coarse pixels, one more than is blurred
    result = np.zeros_like(pixels)
    for tile in _tiles(alpha.shape, factor * max(1, TILE // factor)):
        around = _widen(tile, margin, alpha.shape)
        cover = alpha[around]
        if cover.max() > 0:
            core = _inside(tile, around)
            if cover.min() == 1:
                result[tile] = pixels[tile]
                continue
            near = _enlarge(person, around, factor), _enlarge(behind, around, factor)
            colors = _look_near(pixels[around], cover, near, window)
            result[tile] = colors[core]
    return result
