"""Find label issues: masks that a network contradicts, or that miss people.

Source: Northcutt, Jiang & Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels",
JAIR 2021: where a network is sure of something else than a label says, the label is often wrong.
"""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Mask, Rgb
from figureground.datasets.masks import HALF
from figureground.engines import Engine
from figureground.matting.image_alpha import estimate_alpha
from figureground.matting.resize import resize
from figureground.report.overlap import iou

AGREE = 0.8  # IoU of mask and matte below which they contradict each other
BAND = 0.015  # of the longer side: how far beside a mask the matte is still about its edge
LEAST = 0.002  # of the image: less than this is nobody
SURE = 0.75  # mean matte of an area in which there is somebody, and no shadow


Doubt: TypeAlias = tuple[float, str]
"""How grave it is, the more the higher, and the same in words."""


def find_label_issues(rgb: Rgb, mask: Mask, engine: Engine) -> dict[str, Doubt]:
    """As `doubts`, by the matte that a network makes of the image.

    rgb: uint8 (H, W, 3); mask: uint8, of the same shape but perhaps of another size.
    """
    return label_issues(resize(mask, (rgb.shape[0], rgb.shape[1])), estimate_alpha(rgb, engine))


def label_issues(mask: Mask, alpha: Alpha) -> dict[str, Doubt]:
    """Return how much a matte contradicts a mask, by kind; nothing where they agree.

    `contradicted`: they agree on too little of the person. `more-people`: well away from the mask
    the matte has areas that are large and sure enough to be somebody.

    mask: uint8 (H, W), 0 background to 255 person; alpha: float32 (H, W), 0 to 1.
    """
    person, seen = mask >= HALF, alpha > 0.5
    found: dict[str, Doubt] = {}
    overlap, union = iou(person, seen), int((person | seen).sum())
    if union >= LEAST * mask.size and overlap < AGREE:
        found["contradicted"] = 1 - overlap, f"IoU {overlap:.2f}"
    if others := _others(person, np.where(seen, alpha, np.float32(0))):
        share = others / mask.size
        found["more-people"] = share, f"{100 * share:.1f} % of the image"
    return found


def _others(person: NDArray[np.bool_], seen: Alpha) -> int:
    """Pixels of areas away from a person in which there is somebody.

    person: bool (H, W); seen: the matte, 0 where it is not above a half.
    """
    distance = cv2.distanceTransform((~person).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    away = (seen > 0) & (distance > max(1.0, BAND * max(person.shape)))
    _, labels = cv2.connectedComponents(away.view(np.uint8), connectivity=8)
    labels = labels[away]
    areas, sums = np.bincount(labels), np.bincount(labels, seen[away])
    return int(areas[(areas >= LEAST * person.size) & (sums >= SURE * areas)].sum())
