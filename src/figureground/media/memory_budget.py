"""How much memory images may fill: half of what there is, unless it is said.

Every reader asks before it unpacks, so a small file that unpacks to gigabytes is refused by its
header.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Condition
from typing import BinaryIO, TypeVar

from PIL import Image

from figureground.errors import FiguregroundError, ImageError
from figureground.media.decode import GREY_16, is_deep
from figureground.media.limits import DENSE_PIXELS, MAX_PIXELS, PIXELS_PER_BYTE
from figureground.media.remote import is_remote
from figureground.media.sources import UnreadableError, name_of, opened
from figureground.resources import default_budget

# Bytes a pixel that cutting an image out takes at its peak, file, colours, matte and result; with
# 8 bits a channel, with transparency as well, with 16. Measured: 16, 22 and 31.
OPAQUE_COST, CLEAR_COST, DEEP_COST = 20, 26, 36
MOVING = 2  # times that, of an animation: its first frame stays while others are worked on
MAYBE_DEEP = {"AVIF", "HEIF"}  # with 10 bits and more, which headers tell elsewhere
ANIMATED = {"GIF", "PNG", "WEBP"}  # as Pillow calls them; frames of others are never read
T = TypeVar("T")
S = TypeVar("S")


def check_memory(needed: int, *, max_memory: int | None = None, why: str = "") -> None:
    """See that something fits into the budget before it is unpacked.

    Args:
        needed: bytes.
        max_memory: the budget; None is `default_budget`.
        why: what needs them, as the beginning of a sentence.
    Raises:
        UnreadableError: it does not fit.
    """
    limit = default_budget() if max_memory is None else max_memory
    if needed > limit:
        raise UnreadableError(
            f"{why or 'it'} needs about {in_bytes(needed)} of memory, more than the "
            f"{in_bytes(limit)} that may be used (max_memory, --max-memory; else half of what "
            "there is); make it smaller, or allow more"
        )


def check_image(
    image: Image.Image,
    *,
    name: str,
    max_pixels: int | None = None,
    max_memory: int | None = None,
    stream: BinaryIO | None = None,
) -> None:
    """See that an image is small enough to unpack, by its pixels and by its memory.

    Raises:
        ImageError: it has too many pixels.
        UnreadableError: it needs too much memory.
    """
    _check_pixels(image, name=name, max_pixels=max_pixels, stream=stream)
    check_memory(image_cost(image, stream), max_memory=max_memory)


def _check_pixels(
    image: Image.Image, *, name: str, max_pixels: int | None, stream: BinaryIO | None = None
) -> None:
    """See that an image is small enough to unpack.

    Args:
        image: opened, not loaded.
        name: what errors call it.
        max_pixels: the limit; None is `MAX_PIXELS`, and `DENSE_PIXELS` for a file that holds more
            than `PIXELS_PER_BYTE`.
        stream: its file; None where it has none.
    Raises:
        ImageError: it is not.
    """
    pixels = image.width * image.height
    limit, why = MAX_PIXELS if max_pixels is None else max_pixels, ""
    if max_pixels is None and pixels > DENSE_PIXELS and stream is not None:
        size = _size(stream)
        if pixels > size * PIXELS_PER_BYTE:
            limit, why = DENSE_PIXELS, f" for a file of only {size} bytes"
    if pixels > limit:
        raise ImageError(
            f"{name} has {image.width}x{image.height} pixels, more than the limit of {limit}{why}; "
            "if you trust it, raise that limit (max_pixels, --max-pixels)"
        )


def _size(stream: BinaryIO) -> int:
    """Bytes of a seekable stream, which stays where it is."""
    here = stream.tell()
    size = stream.seek(0, os.SEEK_END)
    stream.seek(here)
    return size


def image_cost(image: Image.Image, stream: BinaryIO | None = None) -> int:
    """Bytes that working on an opened image takes at its peak; its file stays where it is."""
    cost = OPAQUE_COST
    if (
        image.format in MAYBE_DEEP
        or image.mode in (*GREY_16, "I", "F")
        or (stream is not None and _is_deep(image, stream))
    ):
        cost = DEEP_COST
    elif image.has_transparency_data:
        cost = CLEAR_COST
    if image.format in ANIMATED and getattr(image, "is_animated", False):
        cost *= MOVING
    return image.width * image.height * cost


def _is_deep(image: Image.Image, stream: BinaryIO) -> bool:
    here = stream.tell()
    try:
        return is_deep(image, stream)
    finally:
        stream.seek(here)


class SharedBudget:
    """Memory for several images that are worked on at once: who finds too little left waits."""

    def __init__(self, max_memory: int | None = None) -> None:
        """Begin with all of it free; None is `default_budget`."""
        self._limit = default_budget() if max_memory is None else max_memory
        self._used = 0
        self._change = Condition()

    @contextmanager
    def reserved(self, needed: int) -> Iterator[None]:
        """Hold so many bytes in such a block; whoever asks for all there is gets it alone."""
        needed = min(needed, self._limit)
        with self._change:
            self._change.wait_for(lambda: self._used + needed <= self._limit)
            self._used += needed
        try:
            yield
        finally:
            with self._change:
                self._used -= needed
                self._change.notify_all()


def in_turn(work: Callable[[T], S], files: Callable[[T], Iterable[object]]) -> Callable[[T], S]:
    """Return `work` for threads: each waits until there is memory for the `files` of its item."""
    budget = SharedBudget()

    def wait(item: T) -> S:
        with budget.reserved(sum(map(file_cost, files(item)))):
            return work(item)

    return wait


def file_cost(source: object) -> int:
    """Bytes that working on an image's file takes; 0 where it is none, as its reader will tell."""
    if not isinstance(source, str | os.PathLike) or is_remote(source):
        return 0
    name = name_of(source)
    try:
        with opened(source, name=name) as (image, stream):
            return image_cost(image, stream)
    except FiguregroundError:
        return 0


def in_bytes(count: int) -> str:
    """A number of bytes for people."""
    for unit, size in (("GB", 10**9), ("MB", 10**6)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
