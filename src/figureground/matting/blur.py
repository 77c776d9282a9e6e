"""The image's own background out of focus, with the person still sharp in front of it."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Depth
from figureground.matting.compositing import check_same_size
from figureground.matting.moments import Maps, weighed_means

FINE = 2  # a blur this wide, standard deviation in pixels, hides that its image was enlarged
MOST = 1 << 22  # pixels of the copy that is blurred, so that huge images fit into memory
LITTLE = 1e-2  # share of background below which colours come from further away


def blur_behind(pixels: NDArray[Depth], alpha: Alpha, *, radius: float) -> NDArray[Depth]:
    """Blur what is behind the person, as if the person were not there.

    The person's colours do not take part, so that no halo surrounds the person when it is laid
    over the result; where the person stood, the background is continued from all sides.

    Args:
        pixels: uint8 or uint16 (H, W, 3).
        alpha: float32 (H, W), 0 to 1.
        radius: standard deviation of the Gaussian, pixels, as in CSS `blur()`; above 0.
    Returns: (H, W, 3), in the depth of `pixels`.
    Raises:
        SizeError: `pixels` and `alpha` differ in height or width.
    """
    check_same_size(pixels, alpha)
    height, width = alpha.shape
    factor = max(1, int(radius / FINE), math.isqrt(height * width // MOST))
    colors, weight = weighed_means(pixels, 1 - alpha, factor)
    behind = _continue(_soften(colors, radius / factor), _soften(weight, radius / factor))
    small = np.rint(behind.clip(0, np.iinfo(pixels.dtype).max)).astype(pixels.dtype)
    large = cv2.resize(small, (small.shape[1] * factor, small.shape[0] * factor))
    return np.ascontiguousarray(large[:height, :width], pixels.dtype)


def _soften(maps: Maps, deviation: float) -> Maps:
    return np.asarray(
        cv2.GaussianBlur(maps, (0, 0), deviation, borderType=cv2.BORDER_REPLICATE), np.float32
    )


def _continue(colors: Maps, weight: Maps) -> Maps:
    """Divide by the weight; where there is little, take the answer of half the resolution.

    The pull-push of Gortler et al., "The Lumigraph", SIGGRAPH 1996.
    """
    height, width = weight.shape
    if height * width == 1:
        return np.asarray(colors / np.maximum(weight, 1e-6), np.float32).reshape(1, 1, 3)
    half = (width + 1) // 2, (height + 1) // 2
    coarser = _continue(
        np.asarray(cv2.resize(colors, half, interpolation=cv2.INTER_AREA), np.float32),
        np.asarray(cv2.resize(weight, half, interpolation=cv2.INTER_AREA), np.float32),
    )
    around = cv2.resize(coarser, (width, height)).reshape(height, width, 3)
    filled = (colors + LITTLE * around) / (weight + LITTLE)[..., None]
    return np.asarray(filled, np.float32)
