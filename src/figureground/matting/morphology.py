"""Change the outline of a matte: feather, grow, threshold, drop specks."""

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Mask
from figureground.matting.resize import resize

SEEN = 0.05  # alpha from which a pixel counts as part of somebody
FINE = 4  # a blur this wide, standard deviation in pixels, can be made in a smaller copy


def feather(alpha: Alpha, *, radius: float) -> Alpha:
    """Soften the outline by a Gaussian of standard deviation `radius`, pixels, above 0."""
    factor = max(1, int(radius / FINE))
    height, width = alpha.shape
    small = resize(alpha, (-(-height // factor), -(-width // factor)))
    soft = cv2.GaussianBlur(small, (0, 0), radius / factor, borderType=cv2.BORDER_REPLICATE)
    large = resize(np.asarray(soft, np.float32), (height, width))
    return np.asarray(np.clip(large, 0, 1, out=large), np.float32)  # weights sum to 1 only nearly


def grow(alpha: Alpha, *, pixels: int) -> Alpha:
    """Move the outline outwards by `pixels`, or inwards if negative; it stays as soft as it is."""
    side = 2 * abs(pixels) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    change = cv2.dilate if pixels > 0 else cv2.erode
    return np.asarray(change(alpha, disc), np.float32)


def threshold(alpha: Alpha, *, level: float = 0.5) -> Alpha:
    """A hard matte: 1 where alpha is `level` or more, 0 elsewhere."""
    return (alpha >= level).astype(np.float32)


def drop_small(alpha: Alpha, *, area: int) -> Alpha:
    """Without what covers fewer than `area` pixels; everything else stays."""
    labels, areas = _people(alpha)
    return _only(alpha, labels, areas >= area)


def trimap(alpha: Alpha, *, width: int) -> Mask:
    """Make a trimap of sure and unsure pixels: uint8 (H, W), 0 background, 255 person, 128 unknown.

    Unknown is what is half covered, and all within `width` pixels of it.
    """
    person = (alpha >= 0.5).astype(np.uint8)
    edge = cv2.morphologyEx(person, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) > 0
    unsure = (edge | ((alpha > SEEN) & (alpha < 1 - SEEN))).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1))
    result: Mask = person * np.uint8(255)
    result[cv2.dilate(unsure, disc) > 0] = 128
    return result


def _people(alpha: Alpha) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Label of each pixel, and area of each label, pixels; label 0 is the background, area 0."""
    seen = (alpha >= SEEN).astype(np.uint8)
    _, labels, statistics, _ = cv2.connectedComponentsWithStats(seen, connectivity=8)
    areas = np.array(statistics[:, cv2.CC_STAT_AREA], np.int32)
    areas[0] = 0
    return np.asarray(labels, np.int32), areas


def _only(alpha: Alpha, labels: NDArray[np.int32], kept: NDArray[np.bool_]) -> Alpha:
    kept[0] = False
    return np.asarray(alpha * kept[labels], np.float32)
