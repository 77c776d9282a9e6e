"""Measures of a matte against the truth: pure functions of two arrays of one size."""

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Mask
from figureground.errors import SizeError

LONG_SIDE = 512  # masks' edges are no finer than this, and bands are comparable at one size
BAND = 0.01  # of the diagonal; Cheng et al. use 0.02


def to_common_size(alpha: Alpha, truth: Mask) -> tuple[NDArray[np.uint8], Mask]:
    """Both as 8-bit levels at a long side of at most 512 pixels.

    Raises:
        SizeError: they differ in size.
    """
    if alpha.shape != truth.shape:
        raise SizeError(f"alpha is {alpha.shape} but its mask is {truth.shape} (rows, columns)")
    levels = np.rint(alpha * 255).astype(np.uint8)
    scale = LONG_SIDE / max(truth.shape)
    if scale >= 1:
        return levels, truth
    small = cv2.resize(levels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    shrunk = cv2.resize(truth, small.shape[::-1], interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8), shrunk.astype(np.uint8)


def iou(person: NDArray[np.bool_], truth: NDArray[np.bool_]) -> float:
    """Intersection over union of two sets of pixels; 1 where both are empty."""
    union = int((person | truth).sum())
    return int((person & truth).sum()) / union if union else 1.0


def boundary(person: NDArray[np.bool_], *, band: float = BAND) -> NDArray[np.bool_]:
    """The pixels of a set within `band` times the diagonal of its edge, (H, W).

    Source: Cheng et al., "Boundary IoU", CVPR 2021.
    """
    width = max(1, round(band * float(np.hypot(*person.shape))))
    padded = np.pad(person.astype(np.uint8), 1)  # the picture's border is an edge too
    inner = cv2.erode(padded, np.ones((3, 3), np.uint8), iterations=width)[1:-1, 1:-1]
    edge: NDArray[np.bool_] = person & (inner == 0)
    return edge


def score(alpha: Alpha, truth: Mask, *, band: float = BAND) -> dict[str, float]:
    """IoU and boundary IoU at 0.5, Dice, and the mean absolute error of the soft matte.

    Args:
        alpha: float32 (H, W), 0 to 1.
        truth: uint8 (H, W), 0 background to 255 person.
        band: width of the boundary as a share of the diagonal.
    Raises:
        SizeError: they differ in size.
    """
    levels, truth = to_common_size(alpha, truth)
    person, wanted = levels > 127, truth > 127
    overlap = iou(person, wanted)
    edges = boundary(person, band=band), boundary(wanted, band=band)
    return {
        "iou": overlap,
        "boundary_iou": iou(*edges),
        "dice": 2 * overlap / (1 + overlap),
        "mae": float(np.abs(levels / 255 - truth / 255).mean()),
    }
