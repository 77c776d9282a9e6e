"""Samples from packed data sets: read, in an order, without all of a set being read first.

An epoch goes through the shards in a random order, a few of them at a time, and shows the pairs of
these in a random order: the shuffle by shards and a buffer of data sets that are too large for
another. Which pair comes when follows from the seed and the number of the sample alone.
"""

import io
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache

import cv2
import numpy as np
import tensorflow as tf

from figureground.arrays import Size
from figureground.datasets.shards import OpenShard, Shards
from figureground.errors import DataError, FiguregroundError, RunError
from figureground.matting.resize import resize
from figureground.media.images import read_image
from figureground.training.sample_cache import CachedSquares

WINDOW = 4  # shards whose pairs are shown in one random order
KEPT = 3 * WINDOW  # shards that stay open; those of a store are in memory


@contextmanager
def naming_shards(squares: object) -> Iterator[None]:
    """Say what is wrong with a shard or a file, where TensorFlow tells only that its thread has failed.

    squares: what a network learns from, packed or not.
    Raises:
        RunError: a pair, packed or cached, could not be read.
    """
    try:
        yield
    except tf.errors.OpError as error:
        if isinstance(squares, PackedSquares | CachedSquares) and squares.failure:
            raise RunError(str(squares.failure)) from error
        raise


class PackedSquares:
    """Pairs of a packed set as squares, uint8 (rows, columns, 4), each drawn when asked for."""

    def __init__(self, shards: Shards, size: Size, *, seed: int) -> None:
        self.shards, self.size, self.seed = shards, size, seed
        counts = [shard.pairs for shard in shards.shards]
        self.firsts = np.concatenate([[0], np.cumsum(counts)])  # positions of shards' first pairs
        self.failure: FiguregroundError | None = None  # what ended a pipeline
        self._open: OrderedDict[int, Future[OpenShard]] = OrderedDict()
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="shards")
        self._windows = lru_cache(maxsize=4)(self._window)
        self._orders = lru_cache(maxsize=2)(self._order)

    def __len__(self) -> int:
        return int(self.firsts[-1])

    def __getitem__(self, position: int) -> np.ndarray:
        """Draw one pair. Raises DataError where it cannot be read."""
        shard, number = self._place(int(position))
        try:
            return self._draw(*self._ask(shard).result().read(number))
        except (FiguregroundError, OSError) as error:
            self.failure = error if isinstance(error, DataError) else DataError(str(error))
            raise self.failure from error

    def near(self, position: int, share: float) -> int:
        """Return the position of a pair in the same shard; share: 0 to below 1, which of them."""
        shard, _ = self._place(int(position))
        first, after = self.firsts[shard : shard + 2]
        return int(first + share * (after - first))

    def position(self, epoch: int, index: int) -> int:
        """Return which pair an epoch shows at an index; the shards that come next are opened."""
        ends = self._orders(epoch)[1]
        window = int(np.searchsorted(ends, index, side="right"))
        begin = int(ends[window - 1]) if window else 0
        return int(self._windows(epoch, window)[index - begin])

    def _order(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """The shards in an epoch's order, and how many pairs are shown by each window's end."""
        order = np.random.default_rng([self.seed, 3, epoch]).permutation(len(self.shards.shards))
        counts = np.diff(self.firsts)[order]
        ends = np.cumsum(counts)[WINDOW - 1 :: WINDOW]
        whole = len(self)
        return order, ends if len(ends) and ends[-1] == whole else np.append(ends, whole)

    def _window(self, epoch: int, window: int) -> np.ndarray:
        order = self._orders(epoch)[0]
        here = order[window * WINDOW : (window + 1) * WINDOW]
        for shard in order[window * WINDOW : (window + 2) * WINDOW]:
            self._ask(int(shard))
        positions = np.concatenate([np.arange(*self.firsts[s : s + 2]) for s in here])
        return np.random.default_rng([self.seed, 4, epoch, window]).permutation(positions)

    def _place(self, position: int) -> tuple[int, int]:
        shard = int(np.searchsorted(self.firsts, position, side="right")) - 1
        return shard, position - int(self.firsts[shard])

    def _ask(self, shard: int) -> "Future[OpenShard]":
        """An open shard, or one that is being opened; the longest unused are let go."""
        with self._lock:
            if shard not in self._open:
                self._open[shard] = self._pool.submit(OpenShard, self.shards.shards[shard])
            self._open.move_to_end(shard)
            while len(self._open) > KEPT:
                self._open.popitem(last=False)
            return self._open[shard]

    def _draw(self, key: str, image: bytes, mask: bytes) -> np.ndarray:
        stream = io.BytesIO(image)
        stream.name = f"{key}.jpg"  # what errors call it
        rgb = read_image(stream).rgb
        truth = cv2.imdecode(np.frombuffer(mask, np.uint8), cv2.IMREAD_GRAYSCALE)
        if truth is None:
            raise DataError(f"the mask of {key!r} in {str(self.shards.place)!r} is damaged")
        return np.dstack([resize(rgb, self.size), resize(np.asarray(truth, np.uint8), self.size)])
