"""List what the next `lite` learns from, with one edge convention, and what judges it.

    python tools/prepare_lite.py DATA LISTS
    python tools/prepare_lite.py DATA LISTS --most 150

DATA holds `train/SET/images` and `train/SET/masks`, and `rims/SET/NAME.png`: soft outlines that
stand in for the masks of the same names. LISTS receives manifests for `figureground train`:
`SET.csv` to learn from, `val.csv` to be judged by, and `hair.csv` and `negatives-held.csv` for
`benchmarks/rim.py`. Hashes of the names decide what is held back. Masks of picsart without a soft
outline are drawn inwards by what brings the old masks of the others nearest to their soft ones;
that distance is printed. vs has no soft outlines to search by, and keeps its masks.
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from figureground.arrays import Mask
from figureground.datasets.manifest import write_manifest
from figureground.datasets.masks import read_mask
from figureground.datasets.pairs import Pair, find_pairs

PEOPLE = ("ccp", "ccp-teacher", "ccp-teacher-2", "picsart", "vs", "web-teacher", "web-teacher-2")
NOBODY = "negatives"
HAIR, HAIR_HELD = "portraits-cc0", 20  # images held back
EMPTY, EMPTY_HELD = "negatives-2", 30  # images held back
JUDGING = 0.03  # share of each set of PEOPLE held back
LEFT_OUT = {("web-teacher", "w0115")}  # a dummy's head
SHIFTS = np.arange(0, 2.01, 0.25)  # pixels inwards
BAND = 6  # pixels on each side of the old outline that the search counts
SEARCHED = 200  # pairs


def by_hash(pairs: Sequence[Pair]) -> list[Pair]:
    """Pairs in an order that only their names decide."""
    return sorted(pairs, key=lambda pair: hashlib.sha256(pair.name.encode()).hexdigest())


def find_set(data: Path, name: str) -> list[Pair]:
    """The pairs of a set by hash, without those known to be wrong, with soft outlines if any."""
    pairs = [
        pair for pair in find_pairs(data / "train" / name) if (name, pair.name) not in LEFT_OUT
    ]
    return [
        Pair(name=pair.name, image=pair.image, mask=soft if soft.is_file() else pair.mask)
        for pair in by_hash(pairs)
        for soft in [data / "rims" / name / f"{pair.name}.png"]
    ]


def depth(mask: Mask) -> np.ndarray:
    """How far each pixel lies inside the outline, in pixels, below 0 outside; float32 (H, W)."""
    person = (mask > 127).astype(np.uint8)
    inside = cv2.distanceTransform(person, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    outside = cv2.distanceTransform(1 - person, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return inside - outside + np.where(person, np.float32(-0.5), np.float32(0.5))


def shift_inwards(mask: Mask, shift: float) -> Mask:
    """A mask whose outline lies `shift` pixels farther inside, one pixel soft."""
    return np.rint(np.clip(depth(mask) - shift + 0.5, 0, 1) * 255).astype(np.uint8)


def search_shift(data: Path, name: str) -> tuple[float, dict[float, float]]:
    """The shift that brings old masks nearest to their soft ones, and each shift's mean error."""
    errors: dict[float, list[float]] = {float(shift): [] for shift in SHIFTS}
    soft_only = [pair for pair in find_set(data, name) if pair.mask.parent.parent.name == "rims"]
    for pair in soft_only[:SEARCHED]:
        old = read_mask(data / "train" / name / "masks" / f"{pair.name}.png")
        soft = read_mask(pair.mask).astype(np.float32) / 255
        rim = np.abs(depth(old)) < BAND
        for shift, found in errors.items():
            moved = shift_inwards(old, shift).astype(np.float32) / 255
            if rim.any():
                found.append(float(np.abs(moved - soft)[rim].mean()))
    means = {shift: float(np.mean(found)) for shift, found in errors.items()}
    return min(means, key=means.__getitem__), means


def draw_inwards(pairs: Sequence[Pair], shift: float, folder: Path) -> list[Pair]:
    """Pairs whose masks without soft outline are replaced by ones drawn inwards in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    for pair in pairs:
        mask = pair.mask
        if mask.parent.parent.name != "rims":
            mask = folder / f"{pair.name}.png"
            cv2.imwrite(str(mask), shift_inwards(read_mask(pair.mask), shift))
        drawn.append(Pair(name=pair.name, image=pair.image, mask=mask))
    return drawn


def write(pairs: Sequence[Pair], path: Path) -> None:
    """Write a manifest, and print what it holds."""
    write_manifest([(pair.image, pair.mask) for pair in pairs], path)
    soft = sum(pair.mask.parent.parent.name == "rims" for pair in pairs)
    sys.stdout.write(f"{path.name}: {len(pairs)} pairs, {soft} with soft outlines from rims\n")


def main() -> None:
    """Write the manifests."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("lists", type=Path)
    parser.add_argument("--most", type=int, help="pairs to learn from of each set (default all)")
    given = parser.parse_args()
    given.lists.mkdir(parents=True, exist_ok=True)
    shift, means = search_shift(given.data, "picsart")
    told = ", ".join(f"{moved:.2f} px {error:.4f}" for moved, error in means.items())
    sys.stdout.write(f"picsart inwards by {shift:.2f} px; error in the rim by shift: {told}\n")
    judging: list[Pair] = []
    for name in PEOPLE:
        pairs = find_set(given.data, name)
        held = max(1, round(JUDGING * len(pairs)))
        kept = pairs[: None if given.most is None else held + given.most]
        if name == "picsart":
            kept = draw_inwards(kept, shift, given.lists / "picsart" / "masks")
        judging += kept[:held]
        write(kept[held:], given.lists / f"{name}.csv")
    write(judging, given.lists / "val.csv")
    for name, held, left in ((HAIR, HAIR_HELD, "hair"), (EMPTY, EMPTY_HELD, "negatives-held")):
        pairs = find_set(given.data, name)
        write(pairs[:held], given.lists / f"{left}.csv")
        write(pairs[held:][: given.most], given.lists / f"{name}.csv")
    write(find_set(given.data, NOBODY)[: given.most], given.lists / f"{NOBODY}.csv")


if __name__ == "__main__":
    main()
