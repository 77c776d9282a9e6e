"""Small copies of large pictures, in which only the pixels of a matte count."""

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha
from figureground.matting.strips import Depth

Maps = NDArray[np.float32]
STRIP = 1 << 20  # pixels; about 30 MB of float32


def weighed_means(pixels: NDArray[Depth], cover: Alpha, factor: int) -> tuple[Maps, Maps]:
    """Means over squares of `factor` pixels: of colour times cover squared, of cover squared.

    Squared, so that half-covered pixels, which show a mixture, count little. The first divided by
    the second is a mean colour; blur both first, and it is the mean from further around.

    Args:
        pixels: uint8 or uint16 (H, W, 3).
        cover: float32 (H, W), 0 to 1.
        factor: pixels per pixel of the result, along each axis.
    Returns: float32 (h, w, 3) in the values of `pixels`, and float32 (h, w); h = ceil(H / factor).
    """
    height, width = cover.shape
    step = factor * max(1, STRIP // (factor * width))
    strips = [slice(top, top + step) for top in range(0, height, step)]
    parts = [_means(pixels[rows], cover[rows], factor) for rows in strips]
    colors, weight = (np.concatenate(part) for part in zip(*parts, strict=True))
    return colors, weight


def _means(pixels: NDArray[Depth], cover: Alpha, factor: int) -> tuple[Maps, Maps]:
    height, width = cover.shape
    edges = (0, -height % factor, 0, -width % factor)  # repeat the last pixel to whole squares
    weight = cv2.copyMakeBorder(cover * cover, *edges, cv2.BORDER_REPLICATE)
    colors = cv2.copyMakeBorder(pixels, *edges, cv2.BORDER_REPLICATE)
    weighed = cv2.multiply(colors, cv2.merge([weight] * 3), dtype=cv2.CV_32F)
    size = weight.shape[1] // factor, weight.shape[0] // factor
    return (
        np.asarray(cv2.resize(weighed, size, interpolation=cv2.INTER_AREA), np.float32),
        np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), np.float32),
    )
