"""A network's score on pictures with masks, through the same road that users' pictures take.

pairs ──evaluate──▶ rows ──summarise──▶ means
                    two of them ──compare──▶ mean differences
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from figureground.datasets.find import Pair
from figureground.errors import DataError
from figureground.evaluation.cases import AlphaOf, solve
from figureground.evaluation.metrics import BAND, LONG_SIDE, score
from figureground.media.atomic import write_whole

RESAMPLES = 1000
POOR, GOOD = 0.8, 0.95  # IoU
TIME = "milliseconds"
NOTHING = "nothing was measured: there are no pictures"


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was measured on one picture."""

    name: str
    scores: dict[str, float]
    milliseconds: float  # from picture to matte, reading not counted


@dataclass(frozen=True, kw_only=True)
class Mean:
    """A mean with its 95 % confidence interval."""

    value: float
    low: float
    high: float


def evaluate(
    alpha_of: AlphaOf,
    pairs: Sequence[Pair],
    *,
    band: float = BAND,
    long_side: int | None = LONG_SIDE,
) -> Iterator[Row]:
    """Measure each pair, one at a time; nothing of a picture is kept but its numbers.

    Args:
        alpha_of: picture, uint8 (H, W, 3), to matte, float32 (H, W), 0 to 1.
        pairs: what to measure on.
        band: width of the boundary as a share of the diagonal.
        long_side: longest side at which all is measured, pixels; None is the mask's own.
    Raises:
        DataError: a file cannot be read, or a mask has not the shape of its picture.
        ModelError, SizeError: `alpha_of` returned something else than a matte of the picture.
    """
    for pair in pairs:
        case = solve(alpha_of, pair)
        scores = score(case.alpha, case.truth, band=band, long_side=long_side)
        yield Row(name=case.name, scores=scores, milliseconds=case.milliseconds)


def mean(values: Sequence[float], *, seed: int = 0) -> Mean:
    """Mean and percentile bootstrap interval (Efron & Tibshirani, 1993) of 1000 resamples.

    Raises:
        DataError: there are no values.
    """
    if not len(values):
        raise DataError(NOTHING)
    sample = np.asarray(values, np.float64)
    picks = np.random.default_rng(seed).integers(0, len(sample), (RESAMPLES, len(sample)))
    low, high = np.quantile(sample[picks].mean(axis=1), [0.025, 0.975])
    return Mean(value=float(sample.mean()), low=float(low), high=float(high))


def summarise(rows: Sequence[Row]) -> dict[str, Mean]:
    """Means of all measures, shares of pictures below 0.8 and above 0.95 IoU, and the time.

    Raises:
        DataError: there are no rows.
    """
    overlaps = [row.scores["iou"] for row in rows]
    shares = {
        f"below_{POOR}": mean([float(value < POOR) for value in overlaps]),
        f"above_{GOOD}": mean([float(value > GOOD) for value in overlaps]),
    }
    measures = {name: mean([row.scores[name] for row in rows]) for name in rows[0].scores}
    return measures | shares | {TIME: mean([row.milliseconds for row in rows])}


def compare(before: Sequence[Row], after: Sequence[Row]) -> dict[str, Mean]:
    """How much more `after` has of each measure than `before`, picture by picture.

    The differences of pairs are resampled, not the means: pictures that are hard for both do not
    widen the interval. One that leaves out 0 is a difference that other pictures would show too.

    Raises:
        DataError: they are not of the same pictures in the same order, or share no measure.
    """
    names, others = [row.name for row in before], [row.name for row in after]
    if names != others:
        odd = sorted(set(names) ^ set(others))
        what = f"only one has {odd[0]!r}" if odd else "their order differs"
        raise DataError(f"two results can be compared only on the same pictures; {what}")
    if not names:
        raise DataError(NOTHING)
    shared = [measure for measure in before[0].scores if measure in after[0].scores]
    if not shared:
        raise DataError("the two results have no measure in common")
    pairs = list(zip(before, after, strict=True))
    differences = {
        measure: mean([new.scores[measure] - old.scores[measure] for old, new in pairs])
        for measure in shared
    }
    return differences | {TIME: mean([new.milliseconds - old.milliseconds for old, new in pairs])}


def write_csv(rows: Sequence[Row], path: Path) -> None:
    """One line a picture: name, measures, milliseconds.

    Raises:
        DataError: there are no rows.
        PictureError: the file cannot be written.
    """
    if not rows:
        raise DataError(NOTHING)

    def write(temporary: Path) -> None:
        with temporary.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(["name", *rows[0].scores, TIME])
            for row in rows:
                scores = [f"{value:.6f}" for value in row.scores.values()]
                table.writerow([row.name, *scores, f"{row.milliseconds:.2f}"])

    write_whole(path, write)


def read_csv(path: Path) -> list[Row]:
    """What `write_csv` wrote.

    Raises:
        DataError: the file is missing or something else.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            table = csv.DictReader(file, strict=True)
            if not {"name", "iou", TIME} <= set(table.fieldnames or ()):
                raise ValueError(f"it has no columns name, iou and {TIME}")
            return [_row(line) for line in table]
    except (OSError, TypeError, ValueError, csv.Error) as error:
        raise DataError(f"{str(path)!r} is no result of an evaluation: {error}") from error


def _row(line: dict[str, str]) -> Row:
    name, milliseconds = line.pop("name"), float(line.pop(TIME))
    scores = {measure: float(value) for measure, value in line.items()}
    return Row(name=name, scores=scores, milliseconds=milliseconds)
