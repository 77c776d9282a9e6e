"""From pairs on disk to squares, and the order in which they are shown.

Every pair is decoded once, brought to one square and kept in one file; an epoch reads
from it. Which pair comes when, and how it is augmented, follows from the seed and the number of the
sample alone, so that a run can go on from any step as if it had never stopped.
"""

import hashlib
import json
import math
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from figureground.arrays import Size
from figureground.counts import counted
from figureground.datasets.pairs import Pair, find_pairs, list_images
from figureground.datasets.shards import is_packed
from figureground.datasets.split import split_pairs
from figureground.errors import DataError, ImageError
from figureground.media.atomic import atomic
from figureground.media.memory_budget import in_turn
from figureground.training.sample_cache import CachedSquares, Files, cached_sample, is_cached

T = TypeVar("T")
SAMPLE_SCALE = 1.5  # a sample's side over the network's: crops still have detail to show
AHEAD = 4  # squares a core that are drawn or wait to be written


@dataclass(frozen=True, kw_only=True)
class Source:
    """Pairs that are drawn with one weight: 2 shows each twice an epoch, 0.5 every other one."""

    pairs: tuple[Pair, ...]
    weight: float = 1.0

    @property
    def draws(self) -> int:
        """Samples an epoch."""
        return max(1, round(len(self.pairs) * self.weight))


def parse_source(text: str) -> Source:
    """`DATA` or `DATA:WEIGHT`, a folder or manifest.

    Raises:
        DataError: it is neither, or packed, which has no company.
    """
    if is_packed(text):
        raise DataError(
            f"{text!r} is packed, and is learnt from alone; pack all data sets into one"
        )
    folder, colon, weight = text.rpartition(":")
    if not colon or Path(text).exists():
        return Source(pairs=tuple(find_pairs(Path(text))))
    try:
        value = float(weight)
    except ValueError:
        value = 0.0
    if not 0 < value < 1000:
        raise DataError(f"{text!r}: the weight after the colon must be a number above 0")
    return Source(pairs=tuple(find_pairs(Path(folder))), weight=value)


def list_scenes(folder: Path) -> list[Path]:
    """The images of a folder of backgrounds. Raises DataError where there are none."""
    found = list_images(folder) if folder.is_dir() else []
    if not found:
        raise DataError(f"there are no images in {str(folder)!r} to put people before")
    return found


def split_source(source: Source, share: float, seed: int) -> tuple[Source, tuple[Pair, ...]]:
    """Hold back a share of the pairs for validation, as `split_pairs` does; of one pair, none."""
    if not share or len(source.pairs) < 2:
        return source, ()
    kept, held = split_pairs(source.pairs, share=share, seed=seed)
    return Source(pairs=tuple(kept), weight=source.weight), tuple(held)


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Pairs as squares, and those that could not be read."""

    squares: np.ndarray  # uint8 (N, rows, columns, 4), without the unreadable ones
    unreadable: dict[int, str]  # positions in the files asked for, and why


def open_samples(
    files: Sequence[tuple[Path, Path | None]], size: Size, path: Path,
    progress: Callable[[int], None] = lambda done: None, *, cache: Path | None = None,
) -> Samples:  # fmt: skip
    """All pairs as squares in one memory-mapped file, uint8 (N, rows, columns, 4).

    A file that holds just these pairs already is used as it is. Pairs that cannot be read are left
    out, and tried again each time. What `cache`, a folder, holds of them need not be drawn.

    Raises:
        DataError: none can be read.
        RunError: the cache cannot be written.
        OSError, FileError: the disk is full.
    """
    stamp = [[str(f), f.stat().st_mtime_ns] for pair in files for f in pair if f is not None]
    wanted = hashlib.sha256(json.dumps([size, stamp]).encode()).hexdigest()
    note = path.with_suffix(".json")

    def draw(pair: tuple[Path, Path | None]) -> np.ndarray | str:
        try:
            return cached_sample(pair[0], pair[1], size, cache)
        except (DataError, ImageError) as error:
            return str(error)

    def shape(unreadable: dict[int, str]) -> tuple[int, ...]:
        return (len(files) - len(unreadable), *size, 4)

    unreadable = _read_note(note, wanted)
    if (
        unreadable is None
        or not path.exists()
        or path.stat().st_size != math.prod(shape(unreadable))
        or not all(isinstance(draw(files[number]), str) for number in unreadable)
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        note.unlink(missing_ok=True)
        drawn = in_turn(draw, lambda pair: [file for file in pair if file is not None])
        unreadable = _fill_samples(_in_order(drawn, files), path, progress)
        text = json.dumps({"key": wanted, "unreadable": unreadable})
        with atomic(note) as part:
            part.write_text(text)
    _demand_some(files, unreadable)
    squares = np.memmap(path, np.uint8, "r", shape=shape(unreadable))
    return Samples(squares=squares, unreadable=unreadable)


def open_cached(
    files: Sequence[Files], size: Size, cache: Path,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[CachedSquares, dict[int, str]]:  # fmt: skip
    """As `open_samples`, but squares stay in the cache; what it lacks is drawn first.

    Returns: the squares of what can be read, and positions of what cannot, and why.
    Raises:
        DataError: none can be read.
        RunError: the cache cannot be written.
    """

    def draw(pair: Files) -> str | None:
        try:
            cached_sample(*pair, size, cache)
        except (DataError, ImageError) as error:
            return str(error)
        return None

    draw_in_turn = in_turn(draw, lambda pair: [file for file in pair if file is not None])

    def see_to(pair: Files) -> str | None:
        return None if is_cached(*pair, size, cache) else draw_in_turn(pair)

    unreadable, readable = {}, []
    for number, why in enumerate(_in_order(see_to, files)):
        if why is None:
            readable.append(files[number])
        else:
            unreadable[number] = why
        progress(number + 1)
    _demand_some(files, unreadable)
    return CachedSquares(readable, size, cache), unreadable


def _demand_some(files: Sequence[Files], unreadable: Mapping[int, str]) -> None:
    if len(unreadable) == len(files):
        raise DataError(
            f"none of {counted(len(files), 'images')} can be read; {min(unreadable.values())}"
        )


def _read_note(note: Path, wanted: str) -> dict[int, str] | None:
    """Return which pairs a file of samples lacks, and why; None where it is of other pairs or cannot be trusted."""
    try:
        kept = json.loads(note.read_text())
        fits = kept["key"] == wanted
        return {int(n): reason for n, reason in kept["unreadable"].items()} if fits else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _in_order(draw: Callable[[Files], T], files: Sequence[Files]) -> Iterator[T]:
    """Yield what becomes of each pair, by several threads, a few ahead of whoever takes it."""
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor() as pool:
        for pair in files:
            if len(waiting) == AHEAD * (os.cpu_count() or 1):
                yield waiting.popleft().result()
            waiting.append(pool.submit(draw, pair))
        while waiting:
            yield waiting.popleft().result()


def _fill_samples(
    drawn: Iterator[np.ndarray | str], path: Path, progress: Callable[[int], None]
) -> dict[int, str]:
    """Squares one behind the other, written as a stream: a full disk is an error, not a crash."""
    unreadable = {}
    with path.open("wb") as file:
        for number, square in enumerate(drawn):
            if isinstance(square, str):
                unreadable[number] = square
            else:
                file.write(square.tobytes())
            progress(number + 1)
    return unreadable


def epoch_order(sources: Sequence[Source], seed: int, epoch: int) -> np.ndarray:
    """Return which pairs an epoch shows, in order: positions in the pairs of all sources, int64.

    Each source goes through all its pairs before it shows one again, over epochs too.
    """
    drawn, first = [], 0
    for number, source in enumerate(sources):
        count, total = len(source.pairs), source.draws
        draws = range(epoch * total, (epoch + 1) * total)
        rounds = {
            r: np.random.default_rng([seed, 1, number, r]).permutation(count)
            for r in range(draws[0] // count, draws[-1] // count + 1)
        }
        drawn.append([first + rounds[d // count][d % count] for d in draws])
        first += count
    order = np.concatenate(drawn)
    return np.random.default_rng([seed, 2, epoch]).permutation(order)
