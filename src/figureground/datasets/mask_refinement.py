"""Give the masks of a data set the edges that a network sees, where both agree on the rest.

Masks of small images are coarse, those drawn by hand cut across hair, those of simple tools
spray. A network that learnt edges elsewhere sees them better, but must not decide who counts: so
its matte replaces a mask near the mask's edge only, and only where the two agree on nearly all of
the person.
Source: the idea of self-training with one's own labels, kept where they are sure (Xie et al.,
"Self-training with Noisy Student", CVPR 2020).
"""

from functools import partial
from pathlib import Path

import cv2
import numpy as np

from figureground.arrays import Alpha, Mask, Rgb
from figureground.datasets.items import Item
from figureground.datasets.pairs import Pair, find_pairs
from figureground.datasets.read import read_pair
from figureground.engines import Engine
from figureground.matting.image_alpha import estimate_alpha
from figureground.matting.resize import resize
from figureground.report.overlap import iou

AGREE = 0.9  # IoU of matte and mask below which the mask stays as it is
REACH = 0.02  # of the image's diagonal: how far from a mask's edge the matte has a say


def refined_pairs(place: Path, engine: Engine, *, inwards: float = 0.0) -> list[Item]:
    """The pairs of a data set, to be written with polished masks by `convert`.

    inwards: by how much every mask is drawn in then; see `draw_in`.
    Raises:
        DataError: see `find_pairs`.
    """
    return [
        Item(name=pair.name, source=pair.image, draw=partial(_draw, pair, engine, inwards))
        for pair in find_pairs(place)
    ]


def refine_mask(mask: Mask, alpha: Alpha) -> Mask:
    """A mask with the edges of a matte; the same array where they contradict each other.

    Within half of `REACH` of the mask's edge the matte stands, from there on it fades out.

    mask: uint8 (H, W), 0 background to 255 person; alpha: float32 (H, W), 0 to 1.
    """
    person, seen = mask >= 128, alpha >= 0.5
    if not (person | seen).any() or iou(person, seen) < AGREE:
        return mask
    inside, outside = (
        cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        for side in (person, ~person)
    )
    reach = max(2.0, REACH * float(np.hypot(*mask.shape)))
    say = np.clip(2 - 2 * np.maximum(inside, outside) / reach, 0, 1)
    return np.asarray(np.rint(mask + say * (255 * alpha - mask)), np.uint8)


def draw_in(mask: Mask, pixels: float) -> Mask:
    """A mask whose outline lies further inside; grey tells parts of a pixel.

    mask: uint8 (H, W), 0 background to 255 person; pixels: 0 to 1.
    """
    within = cv2.erode(mask, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.addWeighted(mask, 1 - pixels, within, pixels, 0), np.uint8)


def _draw(pair: Pair, engine: Engine, inwards: float) -> tuple[Rgb | None, Mask]:
    rgb, mask = read_pair(pair.image, pair.mask)
    mask = resize(mask, (rgb.shape[0], rgb.shape[1]))
    mirrored = estimate_alpha(np.ascontiguousarray(rgb[:, ::-1]), engine)[:, ::-1]
    both = (estimate_alpha(rgb, engine) + mirrored) / np.float32(2)
    return None, draw_in(refine_mask(mask, np.asarray(both, np.float32)), inwards)
