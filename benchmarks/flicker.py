"""How much a film's mattes flicker and how well they fit, frame by frame and held steady.

    python benchmarks/flicker.py DIR

DIR holds the frames of one film, `images/NAME.jpg`, with `masks/NAME.png`, in the order of their
names. Printed are dtSSD (Erofeev et al. 2015, times 100) and the mean IoU at 0.5 of the mattes as
`figureground remove` makes them.
"""

import argparse
from pathlib import Path

import numpy as np

from figureground.datasets.find import find_pairs
from figureground.datasets.masks import read_mask
from figureground.engines import open_engine
from figureground.evaluation.metrics import iou
from figureground.evaluation.video import dtssd
from figureground.matting.film import film_alpha
from figureground.media.pictures import read_picture
from figureground.models.shipped import find_model


def main() -> None:
    """Print one line for each way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--model", default="lite")
    arguments = parser.parse_args()
    engine = open_engine(find_model(arguments.model))
    pairs = find_pairs(arguments.folder)
    truths = [read_mask(pair.mask) for pair in pairs]
    for still in (False, True):
        memory, alphas = None, []
        for pair in pairs:
            rgb = read_picture(pair.picture).rgb
            alpha, memory = film_alpha(rgb, engine, memory, still=still)
            alphas.append(alpha)
        fit = np.mean([iou(a > 0.5, t > 127) for a, t in zip(alphas, truths, strict=True)])
        name = "held steady" if still else "frame by frame"
        print(f"{name:15} dtSSD {dtssd(alphas, truths):6.3f}  IoU {fit:.4f}", flush=True)


if __name__ == "__main__":
    main()
