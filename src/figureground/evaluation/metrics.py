"""Measures of a matte against the truth: pure functions of two arrays of one size."""

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Mask
from figureground.errors import SizeError
from figureground.evaluation import matting_metrics, saliency
from figureground.report.overlap import Pixels, iou

LONG_SIDE = 512  # masks' edges are no finer than this, and bands are comparable at one size
BAND = 0.01  # of the diagonal
OFFICIAL_BAND = 0.02  # that of Cheng et al.
THINNEST = 0.51  # pixels; rounds to one


def to_common_size(
    alpha: Alpha, truth: Mask, *, long_side: int | None = LONG_SIDE
) -> tuple[NDArray[np.uint8], Mask]:
    """Both as 8-bit levels, (h, w), at a long side of at most `long_side`; None keeps their size.

    Raises:
        SizeError: they differ in size.
    """
    if alpha.shape != truth.shape:
        raise SizeError(f"alpha is {alpha.shape} but its mask is {truth.shape} (rows, columns)")
    levels = np.rint(alpha * 255).astype(np.uint8)
    if long_side is None or max(truth.shape) <= long_side:
        return levels, truth
    scale = max(long_side / max(truth.shape), THINNEST / min(truth.shape))
    small = cv2.resize(levels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    shrunk = cv2.resize(truth, small.shape[::-1], interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8), shrunk.astype(np.uint8)


def dice(person: Pixels, truth: Pixels) -> float:
    """Twice the intersection over the sum of both sizes: 0 to 1; 1 where both are empty."""
    overlap = iou(person, truth)
    return 2 * overlap / (1 + overlap)


def precision(person: Pixels, truth: Pixels) -> float:
    """Share of the found pixels that are true: 0 to 1; 1 where both are empty, 0 where one is."""
    found = int(person.sum())
    if not found:
        return 0.0 if truth.any() else 1.0
    return int((person & truth).sum()) / found


def recall(person: Pixels, truth: Pixels) -> float:
    """Share of the true pixels that are found: 0 to 1; 1 where both are empty, 0 where one is."""
    return precision(truth, person)


def boundary(person: Pixels, *, band: float = BAND) -> Pixels:
    """The pixels of a set within `band` times the diagonal of its edge, bool (H, W).

    The image's border is an edge too. Steps are counted as an erosion by 3 x 3 takes them.
    Source: Cheng et al., "Boundary IoU", CVPR 2021.
    """
    width = max(1, round(band * float(np.hypot(*person.shape))))
    window = np.ones((2 * width + 1, 2 * width + 1), np.uint8)
    inside = cv2.erode(person.view(np.uint8), window, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    edge: Pixels = person & (inside == 0)
    return edge


def boundary_iou(person: Pixels, truth: Pixels, *, band: float = BAND) -> float:
    """Intersection over union of the boundaries of two sets: 0 to 1; 1 where both are empty."""
    return iou(boundary(person, band=band), boundary(truth, band=band))


def official_boundary_iou(alpha: Alpha, truth: Mask) -> float:
    """Boundary IoU as papers report it: a band of 2 % of the diagonal, at the mask's own size.

    alpha: float32 (H, W), 0 to 1; truth: uint8 (H, W), 0 to 255; both count above a half.
    Source: `mask_to_boundary` of the authors' boundary-iou-api, with its own ratio.
    """
    return boundary_iou(alpha > 0.5, truth > 127, band=OFFICIAL_BAND)


def score(
    alpha: Alpha, truth: Mask, *, band: float = BAND, long_side: int | None = LONG_SIDE
) -> dict[str, float]:
    """All measures of one matte, in 8 bits and at a long side of at most `long_side`.

    `official_boundary_iou` alone is taken at the mask's own size.
    `iou`, `boundary_iou`, `dice`, `precision` and `recall` are of pixels above 0.5, on both sides;
    `s_measure` and `weighted_f` are of the soft matte and the truth above 0.5; `mae`, `mse`, `sad`,
    `gradient` and `connectivity` are of soft mattes, the last three in thousands.

    Args:
        alpha: float32 (H, W), 0 to 1.
        truth: uint8 (H, W), 0 background to 255 person.
        band: width of the boundary as a share of the diagonal.
        long_side: pixels; None measures at the mask's own size.
    Raises:
        SizeError: they differ in size.
    """
    levels, mask = to_common_size(alpha, truth, long_side=long_side)
    found, wanted = levels > 127, mask > 127
    matte, ideal = _to_alpha(levels), _to_alpha(mask)
    return {
        "iou": iou(found, wanted),
        "boundary_iou": boundary_iou(found, wanted, band=band),
        "official_boundary_iou": official_boundary_iou(alpha, truth),
        "dice": dice(found, wanted),
        "precision": precision(found, wanted),
        "recall": recall(found, wanted),
        "mae": matting_metrics.mae(matte, ideal),
        "mse": matting_metrics.mse(matte, ideal),
        "sad": matting_metrics.sad(matte, ideal),
        "gradient": matting_metrics.gradient_error(matte, ideal),
        "connectivity": matting_metrics.connectivity_error(matte, ideal),
        "s_measure": saliency.s_measure(matte, wanted),
        "weighted_f": saliency.weighted_f_measure(matte, wanted),
    }


def _to_alpha(levels: NDArray[np.uint8]) -> Alpha:
    return levels.astype(np.float32) / np.float32(255)
