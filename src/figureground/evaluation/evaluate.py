"""A network's score on pictures with masks, through the same road that users' pictures take."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np

from figureground.arrays import Alpha, Rgb
from figureground.datasets.find import Pair
from figureground.datasets.masks import read_mask
from figureground.evaluation.metrics import BAND, score
from figureground.media.atomic import write_whole
from figureground.media.pictures import read_picture

RESAMPLES = 1000


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was measured on one picture."""

    name: str
    scores: dict[str, float]
    seconds: float  # from picture to matte, reading not counted


def evaluate(
    alpha_of: Callable[[Rgb], Alpha], pairs: Sequence[Pair], *, band: float = BAND
) -> Iterator[Row]:
    """Measure each pair, at its mask's own resolution.

    Args:
        alpha_of: picture, uint8 (H, W, 3), to matte, float32 (H, W).
        pairs: what to measure on.
        band: width of the boundary as a share of the diagonal.
    Raises:
        DataError, PictureError: a file cannot be read.
    """
    for pair in pairs:
        rgb, truth = read_picture(pair.picture).rgb, read_mask(pair.mask)
        began = perf_counter()
        alpha = alpha_of(rgb)
        seconds = perf_counter() - began
        if alpha.shape != truth.shape:  # some sets keep masks at another size than pictures
            size = truth.shape[::-1]
            alpha = np.clip(cv2.resize(alpha, size, interpolation=cv2.INTER_LINEAR), 0, 1)
        yield Row(name=pair.name, scores=score(alpha, truth, band=band), seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Mean:
    """A mean with its 95 % confidence interval."""

    value: float
    low: float
    high: float


def mean(values: Sequence[float], *, seed: int = 0) -> Mean:
    """Mean and percentile bootstrap interval (Efron & Tibshirani, 1993) of 1000 resamples."""
    sample = np.asarray(values, np.float64)
    picks = np.random.default_rng(seed).integers(0, len(sample), (RESAMPLES, len(sample)))
    low, high = np.quantile(sample[picks].mean(axis=1), [0.025, 0.975])
    return Mean(value=float(sample.mean()), low=float(low), high=float(high))


def summarise(rows: Sequence[Row]) -> dict[str, Mean]:
    """Means of all measures, and the share of pictures below 0.8 and above 0.95 IoU."""
    means = {name: mean([row.scores[name] for row in rows]) for name in rows[0].scores}
    overlaps = [row.scores["iou"] for row in rows]
    means["below_0.8"] = mean([float(value < 0.8) for value in overlaps])
    means["above_0.95"] = mean([float(value > 0.95) for value in overlaps])
    return means


def write_csv(rows: Sequence[Row], path: Path) -> None:
    """One line a picture. Raises PictureError where the file cannot be written."""

    def write(temporary: Path) -> None:
        with temporary.open("w", newline="") as file:
            table = csv.writer(file)
            table.writerow(["name", *rows[0].scores, "seconds"])
            for row in rows:
                scores = [f"{value:.5f}" for value in row.scores.values()]
                table.writerow([row.name, *scores, f"{row.seconds:.4f}"])

    write_whole(path, write)
