"""Split large images into chunks of rows, to bound memory, and work on several cores."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import cv2

CHUNK_PIXELS = 1 << 18  # pixels; a float32 RGB strip (3 MB) then stays in the processor's cache
CHUNK_BYTES = 1 << 20  # bytes; long enough for compression to learn, short enough for caches
CORES = 8  # more do not help: the rest of the road is not shared out so finely

Result = TypeVar("Result")


def row_chunks(size: tuple[int, int]) -> Iterator[slice]:
    """Slices of rows, top to bottom, that together cover an image of `size`."""
    height, width = size
    step = max(1, CHUNK_PIXELS // max(1, width))
    for top in range(0, height, step):
        yield slice(top, min(top + step, height))


def byte_chunks(rows: int, row_bytes: int) -> list[slice]:
    """Neighbouring strips of about a megabyte, together all `rows`, each of `row_bytes`."""
    step = max(1, CHUNK_BYTES // max(1, row_bytes))
    return [slice(top, min(top + step, rows)) for top in range(0, rows, step)]


def map_chunks(work: Callable[[slice], Result], strips: Sequence[slice]) -> list[Result]:
    """Results of `work` for every strip, in order; it should release Python's lock to gain time."""
    workers = _workers(strips)
    if workers == 1:
        return list(map(work, strips))
    from concurrent.futures import ThreadPoolExecutor  # takes a while to load

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, strips))


def in_turn(work: Callable[[slice], Result], strips: Sequence[slice]) -> Iterator[Result]:
    """Yield results of `work` in order, few of them before their turn, so that memory stays small."""
    workers = _workers(strips)
    if workers == 1:
        yield from map(work, strips)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers) as pool:
        waiting = deque(pool.submit(work, rows) for rows in strips[:workers])
        for rows in strips[workers:]:
            done = waiting.popleft().result()
            waiting.append(pool.submit(work, rows))
            yield done
        while waiting:
            yield waiting.popleft().result()


def _workers(strips: Sequence[slice]) -> int:
    """How many work on strips at once: one, where a job keeps OpenCV to one thread an image."""
    return min(len(strips), cv2.getNumThreads(), CORES)
