"""The sheet in docs/model-card.md: mattes, and where they differ from masks, without the images.

    python benchmarks/mattes.py val/ccp val/vs val/portraits --sheet docs/images/mattes.png

Of all images of the folders the six with the lowest IoU, worst first, and eighteen others drawn
by chance. Each is shown as its matte and, beside it, as what was kept though it is background by
its mask (orange) and what was lost though it is person (blue). The images themselves often may
not be passed on.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np

from figureground import Remover
from figureground.arrays import Rgb
from figureground.datasets.pairs import find_pairs
from figureground.evaluation.cases import Case, solve
from figureground.matting.compositing import composite
from figureground.matting.resize import fit, resize
from figureground.report.overlap import iou
from figureground.report.panels import TOO_LITTLE, TOO_MUCH

WORST, OTHERS, ACROSS = 6, 18, 6  # images of each kind, and in a row
CELL = 128, 192  # rows, and columns for matte and difference together, pixels
MARGIN = 4  # between cells, pixels


def draw(case: Case) -> Rgb:
    """A case as one cell."""
    size = fit(case.truth.shape, (CELL[0], CELL[1] // 2))
    truth = resize(case.truth, size).astype(np.float32) / np.float32(255)
    alpha = np.clip(resize(case.alpha, size), 0, 1)
    grey = np.repeat(np.rint(alpha * 255).astype(np.uint8)[..., None], 3, axis=2)
    much = composite(np.full_like(grey, TOO_MUCH), np.clip(alpha - truth, 0, 1), grey // 2)
    wrong = composite(np.full_like(grey, TOO_LITTLE), np.clip(truth - alpha, 0, 1), much)
    cell = np.full((CELL[0] + MARGIN, CELL[1] + MARGIN, 3), 255, np.uint8)
    for panel, left in ((grey, 0), (wrong, size[1])):
        cell[: size[0], left : left + size[1]] = panel
    return cell


def main() -> None:
    """Write the sheet, and print each image's IoU in its order."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--sheet", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    remover = Remover()
    found = []
    for pair in (pair for folder in arguments.folders for pair in find_pairs(folder)):
        case = solve(lambda rgb: remover.remove(rgb).alpha, pair)
        found.append((iou(case.alpha > 0.5, case.truth > 127), draw(case)))
    found.sort(key=lambda scored: scored[0])
    chance = np.random.default_rng(arguments.seed)
    others = chance.choice(np.arange(WORST, len(found)), OTHERS, replace=False)
    shown = [*found[:WORST], *(found[place] for place in others)]
    rows = [
        np.hstack([cell for _, cell in shown[first : first + ACROSS]])
        for first in range(0, len(shown), ACROSS)
    ]
    cv2.imwrite(str(arguments.sheet), np.vstack(rows)[..., ::-1])
    print(*(f"{fit:.2f}" for fit, _ in shown))


if __name__ == "__main__":
    main()
