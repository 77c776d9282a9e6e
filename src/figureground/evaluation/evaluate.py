"""A network's score on images with masks, through the same road that users' images take.

pairs ──evaluate──▶ rows ──summarise──▶ means
                    two of them ──compare──▶ mean differences
"""

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

import numpy as np

from figureground.datasets.pairs import Pair
from figureground.datasets.read import read_pair
from figureground.errors import DataError
from figureground.evaluation.cases import AlphaOf, answer
from figureground.evaluation.metrics import BAND, LONG_SIDE, score
from figureground.media.atomic import atomic
from figureground.media.memory_budget import in_turn

T = TypeVar("T")
S = TypeVar("S")
SPARE = 2  # threads that read and measure while each network is at work
RESAMPLES = 1000
AT_ONCE = 1_000_000  # values drawn in one step, which bounds the memory it takes
POOR, GOOD = 0.8, 0.95  # IoU
TIME = "seconds"
NOTHING = "nothing was measured: there are no images"


@dataclass(frozen=True, kw_only=True)
class Row:
    """What was measured on one image."""

    name: str
    scores: dict[str, float]
    seconds: float  # from image to matte by one network, reading not counted


@dataclass(frozen=True, kw_only=True)
class Mean:
    """A mean with its 95 % confidence interval."""

    value: float
    low: float
    high: float


def evaluate(
    networks: Sequence[AlphaOf],
    pairs: Sequence[Pair],
    *,
    band: float = BAND,
    long_side: int | None = LONG_SIDE,
) -> Iterator[Row]:
    """Measure each pair; nothing of an image is kept but its numbers.

    Args:
        networks: image, uint8 (H, W, 3), to matte, float32 (H, W), 0 to 1: one and the same, once
            for each image that goes through it at once. Each is called by one thread at a time.
        pairs: what to measure on.
        band: width of the boundary as a share of the diagonal.
        long_side: longest side at which all but the official boundary IoU is measured, pixels;
            None is the mask's own.
    Raises:
        DataError: a file cannot be read, or a mask has not the shape of its image.
        ModelError, SizeError: a network returned something else than a matte of the image.
    """
    for found in evaluate_readable(networks, pairs, band=band, long_side=long_side):
        if isinstance(found, DataError):
            raise found
        yield found


def evaluate_readable(
    networks: Sequence[AlphaOf],
    pairs: Sequence[Pair],
    *,
    band: float = BAND,
    long_side: int | None = LONG_SIDE,
) -> Iterator[Row | DataError]:
    """As `evaluate`, but yield why a pair cannot be read in place of its row."""
    idle: SimpleQueue[AlphaOf] = SimpleQueue()
    for network in networks:
        idle.put(network)

    def work(pair: Pair) -> Row | DataError:
        try:
            rgb, truth = read_pair(pair.image, pair.mask)
        except DataError as error:
            return error
        alpha_of = idle.get()
        try:
            case = answer(alpha_of, pair.name, rgb, truth)
        finally:
            idle.put(alpha_of)
        scores = score(case.alpha, case.truth, band=band, long_side=long_side)
        return Row(name=case.name, scores=scores, seconds=case.seconds)

    threads = max(len(networks), 1 + SPARE)
    with ThreadPoolExecutor(threads) as pool:
        measured = in_turn(work, lambda pair: (pair.image, pair.mask))
        yield from _in_order(pool, measured, pairs, ahead=threads)


def _in_order(
    pool: Executor, work: Callable[[T], S], items: Iterable[T], *, ahead: int
) -> Iterator[S]:
    """Yield what becomes of each item, some being worked on ahead."""
    waiting: deque[Future[S]] = deque()
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def mean(values: Sequence[float], *, seed: int = 0) -> Mean:
    """Mean and percentile bootstrap interval (Efron & Tibshirani, 1993) of 1000 resamples.

    Raises:
        DataError: there are no values.
    """
    if not len(values):
        raise DataError(NOTHING)
    sample = np.asarray(values, np.float64)
    random, count = np.random.default_rng(seed), len(sample)
    rows = max(1, AT_ONCE // count)
    means = [
        sample[random.integers(0, count, (min(rows, RESAMPLES - first), count))].mean(axis=1)
        for first in range(0, RESAMPLES, rows)
    ]
    low, high = np.quantile(np.concatenate(means), [0.025, 0.975])
    return Mean(value=float(sample.mean()), low=float(low), high=float(high))


def summarise(rows: Sequence[Row]) -> dict[str, Mean]:
    """Means of all measures, shares of images below 0.8 and above 0.95 IoU, and the time.

    Raises:
        DataError: there are no rows.
    """
    if not rows:
        raise DataError(NOTHING)
    values = [_values(row) for row in rows]
    return {name: mean([value[name] for value in values]) for name in values[0]}


def _values(row: Row) -> dict[str, float]:
    """All that means are taken of."""
    overlap = row.scores["iou"]
    shares = {f"below_{POOR}": float(overlap < POOR), f"above_{GOOD}": float(overlap > GOOD)}
    return row.scores | shares | {TIME: row.seconds}


def compare(before: Sequence[Row], after: Sequence[Row]) -> dict[str, Mean]:
    """Return how much more `after` has of each measure than `before`, image by image.

    The differences of pairs are resampled, not the means: images that are hard for both do not
    widen the interval. One that leaves out 0 is a difference that other images would show too.

    Raises:
        DataError: they are not of the same images in the same order, or there are none.
    """
    names, others = [row.name for row in before], [row.name for row in after]
    if names != others:
        odd = sorted(set(names) ^ set(others))
        what = f"only one has {odd[0]!r}" if odd else "their order differs"
        raise DataError(f"two results can be compared only on the same images; {what}")
    if not names:
        raise DataError(NOTHING)
    pairs = [(_values(old), _values(new)) for old, new in zip(before, after, strict=True)]
    return {name: mean([new[name] - old[name] for old, new in pairs]) for name in pairs[0][0]}


def write_csv(rows: Sequence[Row], path: Path) -> None:
    """One line an image: name, measures, seconds.

    Raises:
        DataError: there are no rows.
        FileError: the file cannot be written.
    """
    if not rows:
        raise DataError(NOTHING)

    with atomic(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["name", *rows[0].scores, TIME])
        for row in rows:
            scores = [f"{value:.6f}" for value in row.scores.values()]
            table.writerow([row.name, *scores, f"{row.seconds:.4f}"])
