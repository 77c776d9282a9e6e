"""Decode pairs to samples of the network's input size, and cache them for other runs."""

import hashlib
import json
from contextlib import suppress
from pathlib import Path

import numpy as np

from figureground.arrays import Size
from figureground.datasets.read import read_pair
from figureground.errors import FileError, RunError
from figureground.matting.resize import resize
from figureground.media.atomic import atomic
from figureground.media.images import read_image


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
    with suppress(OSError, ValueError, EOFError):
        kept = np.load(path)
        if kept.shape == (*size, 4) and kept.dtype == np.uint8:
            return kept
    square = draw_sample(image, mask, size)

    try:
        with atomic(path) as part, part.open("wb") as file:
            np.save(file, square)
    except FileError as error:
        raise RunError(f"{error}, or go without --cache") from error
    return square


def _key(image: Path, mask: Path | None, size: Size) -> str:
    files = [path for path in (image, mask) if path is not None]
    stamps = [[str(path.resolve()), *_stamp(path)] for path in files]
    return hashlib.sha256(json.dumps([size, stamps]).encode()).hexdigest()[:40]


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
