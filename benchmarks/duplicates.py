"""How many altered copies of images are recognised, and how many others are taken for copies.

    python benchmarks/duplicates.py DIR [DIR ...] [--images 200]

Takes images evenly from all data sets, alters each in several ways, and counts the copies that
`figureground data check` would call near-duplicates of their originals; then the pairs of different
originals that it would call so too: look at those before you call them wrong.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from figureground.arrays import Rgb
from figureground.datasets.near_duplicates import find_near_duplicates, hash_image
from figureground.datasets.pairs import find_pairs
from figureground.media.images import read_image


def packed(rgb: Rgb) -> Rgb:
    """As JPEG of quality 30."""
    return cv2.imdecode(cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, 30])[1], 1)


def trimmed(rgb: Rgb, share: float) -> Rgb:
    """Without a share of each side."""
    rows, columns = (round(side * share) for side in rgb.shape[:2])
    return np.ascontiguousarray(rgb[rows : rgb.shape[0] - rows, columns : rgb.shape[1] - columns])


ALTERED: dict[str, Callable[[Rgb], Rgb]] = {
    "JPEG of quality 30": packed,
    "half the size": lambda rgb: cv2.resize(rgb, None, fx=0.5, fy=0.5, interpolation=3),
    "60 % as bright": lambda rgb: (rgb * 0.6).astype(np.uint8),
    "125 % as bright": lambda rgb: np.clip(rgb * 1.25, 0, 255).astype(np.uint8),
    "without colour": lambda rgb: cv2.cvtColor(cv2.cvtColor(rgb, 7), cv2.COLOR_GRAY2RGB),
    "mirrored": lambda rgb: np.ascontiguousarray(rgb[:, ::-1]),
    "3 % off each side": lambda rgb: trimmed(rgb, 0.03),
    "6 % off each side": lambda rgb: trimmed(rgb, 0.06),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--images", type=int, default=200)
    arguments = parser.parse_args()
    paths = [pair.image for folder in arguments.folders for pair in find_pairs(folder)]
    paths = paths[:: max(1, len(paths) // arguments.images)][: arguments.images]
    images = [read_image(path).rgb for path in paths]
    originals = [hash_image(rgb) for rgb in images]
    for what, alter in ALTERED.items():
        pairs = zip(originals, images, strict=True)
        found = sum(bool(find_near_duplicates([own, hash_image(alter(rgb))])) for own, rgb in pairs)
        print(f"{what:20} {found} of {len(paths)} found")
    ties = find_near_duplicates(originals)
    print(f"{len(ties)} pairs of originals are called alike")
    for tie in ties:
        print(f"  {paths[tie.first]}  {paths[tie.second]}")


if __name__ == "__main__":
    main()
