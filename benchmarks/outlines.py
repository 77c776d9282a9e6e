"""Where masks draw outlines: on them, or beside them.

    python benchmarks/outlines.py ccp picsart vs

Colours change most where a person ends. Prints, for each data set, how strongly they change at so
many pixels beside the masks' outline (below 0 inside), 1 being the mean, and where most: of masks
that are too large below 0. Images are scaled to a longer side of 512 pixels.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.datasets.pairs import find_pairs
from figureground.datasets.read import read_pair
from figureground.matting.resize import resize

SIDE = 512  # longer side at which images are compared, pixels
FAR = 7  # how far beside an outline, pixels
STRONG = 400  # a change of colours above counts as this: a few would outweigh all others
LEAST = 2000  # pixels that a person covers, below which a mask is left out


def profile(rgb: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.float64] | None:
    """How strongly colours change at -FAR to FAR pixels from a mask's outline; mean 1."""
    scale = SIDE / max(rgb.shape[:2])
    size = round(rgb.shape[0] * scale), round(rgb.shape[1] * scale)
    seen = resize(rgb, size, grow=cv2.INTER_CUBIC).astype(np.float32)
    person = (resize(mask.astype(np.float32), size) >= 127.5).view(np.uint8)
    if person.sum() < LEAST or person.mean() > 0.95:
        return None
    sides = (1 - person, person)
    outside, inside = (cv2.distanceTransform(s, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) for s in sides)
    beside = np.rint(np.where(person, 0.5 - inside, outside - 0.5)).astype(int)[FAR:-FAR, FAR:-FAR]
    slopes = (cv2.Sobel(seen, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1)))
    change = np.sqrt(sum((slope**2).sum(axis=2) for slope in slopes))
    change = np.minimum(change, STRONG)[FAR:-FAR, FAR:-FAR]
    places = range(-FAR, FAR + 1)
    found = np.array(
        [change[beside == place].mean() for place in places if (beside == place).any()]
    )
    return found / found.mean() if len(found) == len(places) else None


def peak(values: NDArray[np.float64]) -> float:
    """Where between the places a parabola through the three highest is highest, pixels."""
    top = int(np.clip(np.argmax(values), 1, len(values) - 2))
    before, at, after = values[top - 1 : top + 2]
    return top - FAR + (before - after) / 2 / (before - 2 * at + after)


def main() -> None:
    """Print a line for each data set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--count", type=int, default=150, help="images of each, drawn by chance")
    arguments = parser.parse_args()
    for place in arguments.sets:
        pairs = find_pairs(place)
        picks = np.random.default_rng(0).permutation(len(pairs))[: arguments.count]
        drawn = (read_pair(pairs[pick].image, pairs[pick].mask) for pick in picks)
        found = [one for rgb, mask in drawn if (one := profile(rgb, mask)) is not None]
        mean = np.mean(found, axis=0)
        print(f"{place}: {len(found)} images, most at {peak(mean):+.2f} pixels")
        print("  " + " ".join(f"{value:.2f}" for value in mean), flush=True)


if __name__ == "__main__":
    main()
