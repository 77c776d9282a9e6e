"""Masks from files: the only place where ground truth is decoded."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figureground.arrays import Mask, Size
from figureground.errors import DataError, ImageError
from figureground.media.decode import check_whole
from figureground.media.memory_budget import check_image, check_memory
from figureground.media.metadata import read_orientation
from figureground.media.sources import UnreadableError, open_image, opened, refusing

OPAQUE = 255
HALF = 128
SIDEWAYS = range(5, 9)  # EXIF orientations in which rows are columns
CLASSES = 32  # more levels than this are a soft mask, not the numbers of classes


def read_mask(path: Path) -> Mask:
    """A mask, uint8 (H, W), 0 background to 255 person; soft masks stay soft.

    Grey, black and white, palette and RGB files are understood, as long as they show grey only. A
    mask whose highest level is 1 is understood as 0/1 and brought to 0/255.

    Raises:
        DataError: it cannot be read, has colours or transparency, is not 8 bits deep, or holds
            numbers of classes.
    """
    return read_mask_and_kind(path)[0]


def read_mask_and_kind(path: Path) -> tuple[Mask, str]:
    """As `read_mask`, and what the file's levels are.

    Kinds: `empty`, `full`, `hard` (0 and 255), `zero-one` (0 and 1), `three-level` (0, 255 and one
    in the middle third: a trimap?), `faint` (nothing above a half), `soft`.
    """
    return understand(_only_grey(_decode(path), path), path)


def understand(levels: Mask, path: Path) -> tuple[Mask, str]:
    """A mask from the grey levels of a file, uint8 (H, W), and what they are.

    Raises:
        DataError: they are numbers of classes.
    """
    present = np.flatnonzero(np.bincount(levels.ravel(), minlength=256))
    kind = _kind(present)
    if kind == "classes":
        named = ", ".join(map(str, present[:6])) + (", …" if len(present) > 6 else "")
        raise DataError(
            f"the mask {str(path)!r} has the levels {named}, which look like numbers of classes; "
            "save the person as 255 and all else as 0, or use `figureground data convert`"
        )
    return (levels * np.uint8(255) if kind == "zero-one" else levels), kind


def _kind(present: NDArray[Any]) -> str:
    """Name the kind of mask that has these levels, sorted, none twice."""
    low, high = int(present[0]), int(present[-1])
    if high == 0:
        return "empty"
    if high == 1:
        return "zero-one"
    if high < HALF:
        return "classes" if len(present) <= CLASSES else "faint"
    if low == OPAQUE:
        return "full"
    if low == 0 and high == OPAQUE:
        if len(present) == 2:
            return "hard"
        if len(present) == 3 and 85 <= present[1] <= 170:
            return "three-level"
    return "soft"


def _decode(path: Path) -> NDArray[Any]:
    with open_image_of(path, name=f"the mask {str(path)!r}") as image:
        if image.mode == "1":
            return np.asarray(image.convert("L"))
        if image.mode == "P":  # its numbers mean nothing without their colours
            return np.asarray(image.convert("RGBA"))
        return np.asarray(image)


@contextmanager
def open_image_of(path: Path, *, name: str) -> Iterator[Image.Image]:
    """A file's image as it is stored, loaded, in the formats and limits that images have.

    Raises:
        DataError: it cannot be read; `name` is what it is called.
    """
    try:
        with opened(path, name=name) as (image, stream):
            check_image(image, name=name, stream=stream)
            image.load()
            check_whole(image, stream)
            yield image
    except ImageError as error:
        raise DataError(str(error)) from error


def decode_mask(content: bytes, *, name: str, size: Size) -> Mask:
    """The grey levels of an image inside an annotation, uint8 (H, W).

    name: what errors call it; size: that of the image it belongs to, which it may not exceed.
    Raises:
        DataError: it cannot be read, or is larger.
    """
    try:
        with refusing(name), open_image(io.BytesIO(content), name=name) as image:
            if image.width * image.height > size[0] * size[1]:
                raise DataError(f"{name} has {image.width}x{image.height} pixels, more than fit")
            return np.asarray(image.convert("L"))
    except ImageError as error:
        raise DataError(str(error)) from error


def upright_size(path: Path) -> Size:
    """Rows and columns of an image as it is meant to be seen; its pixels are not unpacked.

    Raises:
        DataError: it cannot be read.
    """
    name = repr(str(path))
    try:
        with opened(path, name=name) as (image, _):
            size = (image.height, image.width)
            return size[::-1] if read_orientation(image) in SIDEWAYS else size
    except ImageError as error:
        raise DataError(str(error)) from error


def check_mask_memory(needed: int) -> None:
    """See that there is memory for a mask that is drawn, before it is.

    needed: bytes.
    Raises:
        DataError: there is too little.
    """
    try:
        check_memory(needed, why="a mask")
    except UnreadableError as error:
        raise DataError(str(error)) from error


def _only_grey(array: NDArray[Any], path: Path) -> Mask:
    """Levels, uint8 (H, W), of an array that shows grey only; DataError where it does not."""
    if array.dtype != np.uint8:
        raise DataError(f"the mask {str(path)!r} has {array.dtype} levels; save it with 8 bits")
    if array.ndim == 2:
        return array
    colors, opacity = array[..., :3], array[..., 3:]
    if array.shape[2] == 2:  # grey and opacity
        colors, opacity = array[..., :1], array[..., 1:]
    if (opacity != OPAQUE).any():  # is the person what is opaque, or what is white?
        raise DataError(f"the mask {str(path)!r} has transparent pixels; save it as grey, 0 to 255")
    if np.ptp(colors, axis=2).any():
        raise DataError(f"the mask {str(path)!r} has colours; it must be grey, 0 to 255")
    return np.ascontiguousarray(colors[..., 0])
