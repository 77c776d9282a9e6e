"""Decode pairs to samples of the network's input size, and cache them for other runs."""

import hashlib
import json
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import numpy as np

from figureground.arrays import Size
from figureground.datasets.near_duplicates import ImageHash, hash_image
from figureground.datasets.read import read_pair
from figureground.errors import FiguregroundError, FileError, RunError
from figureground.matting.resize import resize
from figureground.media.atomic import atomic
from figureground.media.images import read_image

Files: TypeAlias = tuple[Path, Path | None]
"""An image and its mask; without one, nobody is in it."""
HEADER = 128  # bytes of a .npy file before its numbers


def draw_sample(image: Path, mask: Path | None, size: Size) -> np.ndarray:
    """A pair stretched to `size`: uint8 (rows, columns, 4), RGB and mask; no mask, no people.

    Raises:
        DataError, ImageError: a file cannot be read, or they differ in shape.
    """
    if mask is None:
        rgb = read_image(image).rgb
        truth = np.zeros(rgb.shape[:2], np.uint8)
    else:
        rgb, truth = read_pair(image, mask)
    return np.dstack([resize(rgb, size), resize(truth, size)])


def cached_sample(image: Path, mask: Path | None, size: Size, cache: Path | None) -> np.ndarray:
    """As `draw_sample`, but drawn only once as long as neither file changes.

    cache: a folder that any number of runs may share, or None. Files are known by path, size and
    time; squares appear whole or not at all, and one that is damaged is drawn anew.

    Raises:
        DataError, ImageError: as `draw_sample`.
        RunError: the square cannot be kept.
    """
    if cache is None:
        return draw_sample(image, mask, size)
    path = cache / f"{_key(image, mask, size)}.npy"
    kept = _load(path, size)
    if kept is not None:
        return kept
    square = draw_sample(image, mask, size)
    _keep(path, square)
    return square


class CachedSquares:
    """Pairs as squares, uint8 (rows, columns, 4), each read from the cache when it is asked for.

    A run that begins with a full cache reads nothing of it first. What goes missing is drawn anew.
    """

    def __init__(self, files: Sequence[Files], size: Size, cache: Path) -> None:
        """Take pairs that can be read, an image and its mask, which are in the cache."""
        self.failure: FiguregroundError | None = None  # what ended a pipeline
        self._files, self._size = files, size
        self._paths = [cache / f"{_key(image, mask, size)}.npy" for image, mask in files]

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, position: int) -> np.ndarray:
        """Read one pair. Raises DataError, ImageError where it is gone and cannot be drawn."""
        kept = _load(self._paths[position], self._size)
        if kept is not None:
            return kept
        try:
            return draw_sample(*self._files[position], self._size)
        except FiguregroundError as error:
            self.failure = error
            raise

    def near(self, position: int, share: float) -> int:
        """Return the position of another pair; share: 0 to below 1, which of them."""
        return int(share * len(self))

    def hashes(self) -> list[ImageHash]:
        """What tells near duplicates, of each pair; kept beside the squares."""
        with ThreadPoolExecutor() as pool:
            return list(pool.map(self._hash, range(len(self))))

    def _hash(self, position: int) -> ImageHash:
        path = self._paths[position].with_suffix(".hash")
        with suppress(OSError, ValueError, KeyError, TypeError):
            return ImageHash.from_bytes(path.read_bytes())
        found = hash_image(np.ascontiguousarray(self[position][..., :3]))
        with suppress(FileError), atomic(path) as part:  # the next run finds it again
            part.write_bytes(found.to_bytes())
        return found


def is_cached(image: Path, mask: Path | None, size: Size, cache: Path) -> bool:
    """Return whether `cached_sample` finds a whole file of the right size."""
    with suppress(OSError):
        path = cache / f"{_key(image, mask, size)}.npy"
        return path.stat().st_size == HEADER + math.prod(size) * 4
    return False


def _load(path: Path, size: Size) -> np.ndarray | None:
    """The square in a file; None where there is none, or it is damaged."""
    with suppress(OSError, ValueError, EOFError):
        kept: np.ndarray = np.load(path)
        if kept.shape == (*size, 4) and kept.dtype == np.uint8:
            return kept
    return None


def _keep(path: Path, square: np.ndarray) -> None:
    try:
        with atomic(path) as part, part.open("wb") as file:
            np.save(file, square)
    except FileError as error:
        raise RunError(f"{error}, or go without --cache") from error


def _key(image: Path, mask: Path | None, size: Size) -> str:
    files = [path for path in (image, mask) if path is not None]
    stamps = [[str(path.resolve()), *_stamp(path)] for path in files]
    return hashlib.sha256(json.dumps([size, stamps]).encode()).hexdigest()[:40]


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
