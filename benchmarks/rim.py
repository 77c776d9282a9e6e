"""How well hair is cut out, and how often nobody is taken for a person.

    python benchmarks/rim.py --hair hair.csv --empty negatives-held.csv --rooms backgrounds
    python benchmarks/rim.py --hair hair.csv --model other.tflite

The rim is all that lies within 1 % of the diagonal of a pixel that the true matte has between 2
and 98 %. Inside it: MAE; the gradient and the connectivity error of Rhemann et al. 2009 as sums
for each thousand pixels of the rim, with the truth put outside it. IoU at 0.5 is of the whole
image. An image of nobody counts as called a person where mattes above one half cover more than
2 %. Of a folder of rooms 80 are looked at, evenly spread by name; one counts as left empty where
the matte is nowhere above one half.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from figureground import Remover
from figureground.arrays import Alpha
from figureground.datasets.masks import read_mask
from figureground.datasets.pairs import find_pairs, list_images
from figureground.evaluation.matting_metrics import connectivity_error, gradient_error, mae
from figureground.evaluation.metrics import iou

SOFT = 0.02, 0.98  # alpha
REACH = 0.01  # of the diagonal
CALLED = 0.02  # share of the image
ROOMS = 80
THOUSAND = 1000.0

AlphaOf = Callable[[Path], Alpha]


def find_rim(truth: Alpha) -> np.ndarray:
    """The pixels around soft ones, bool (H, W)."""
    soft = ((truth > SOFT[0]) & (truth < SOFT[1])).astype(np.uint8)
    reach = max(1, round(REACH * float(np.hypot(*truth.shape))))
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    rim: np.ndarray = cv2.dilate(soft, disk) > 0
    return rim


def judge_hair(alpha: Alpha, truth: Alpha) -> tuple[float, float, float, float]:
    """IoU, and MAE, gradient and connectivity error inside the rim, a thousand pixels of it."""
    rim = find_rim(truth)
    within = np.where(rim, alpha, truth)
    pixels = max(1, int(rim.sum())) / THOUSAND  # thousands of pixels, as errors are in thousands
    return (
        iou(alpha > 0.5, truth > 0.5),
        mae(alpha[rim], truth[rim]) if rim.any() else 0.0,
        gradient_error(within, truth) * THOUSAND / pixels,
        connectivity_error(within, truth) * THOUSAND / pixels,
    )


def report_hair(place: Path, alpha_of: AlphaOf) -> None:
    """Print the means over pairs with soft mattes."""
    scores = [
        judge_hair(alpha_of(pair.image), read_mask(pair.mask).astype(np.float32) / 255)
        for pair in find_pairs(place)
    ]
    overlap, error, steep, apart = np.mean(scores, axis=0)
    print(f"hair, {len(scores)} images: IoU {overlap:.4f}, in the rim MAE {error:.4f}, "
          f"gradient {steep:.2f}, connectivity {apart:.2f}")  # fmt: skip


def report_empty(place: Path, alpha_of: AlphaOf) -> None:
    """Print how many images of nobody are called a person."""
    shares = [float((alpha_of(pair.image) > 0.5).mean()) for pair in find_pairs(place)]
    called = sum(share > CALLED for share in shares)
    print(f"nobody: {called} of {len(shares)} called a person, mean cover {np.mean(shares):.4f}")


def report_rooms(place: Path, alpha_of: AlphaOf) -> None:
    """Print how many rooms are not left empty."""
    images = list_images(place)
    chosen = [images[int(at * len(images) / ROOMS)] for at in range(min(ROOMS, len(images)))]
    left = sum(not (alpha_of(image) > 0.5).any() for image in chosen)
    print(f"rooms: {len(chosen) - left} of {len(chosen)} not left empty")


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hair", type=Path, help="folder or manifest of soft mattes")
    parser.add_argument("--empty", type=Path, help="folder or manifest without people")
    parser.add_argument("--rooms", type=Path, help="folder of images without people")
    parser.add_argument("--model", default="lite")
    given = parser.parse_args()
    remover = Remover(given.model)
    jobs = (given.hair, report_hair), (given.empty, report_empty), (given.rooms, report_rooms)
    for place, report in jobs:
        if place is not None:
            report(place, remover.alpha)


if __name__ == "__main__":
    main()
