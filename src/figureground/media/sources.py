"""Where images come from, opened by their first bytes; and one line for whatever is wrong with them."""

import errno
import io
import os
import stat
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, BinaryIO

import cv2
from PIL import Image

from figureground.errors import ExtraError, ImageError
from figureground.media.format_row import HEAD, IMAGE
from figureground.media.format_table import FORMATS, tell_format
from figureground.media.remote import spell

if TYPE_CHECKING:
    from PIL import ImageFile

# What Pillow's readers raise for damaged or hostile files. OSError is in it for more than the disk:
# a truncated file raises it, without a number. Warning is for programs that turn them into errors.
DAMAGE = (OSError, SyntaxError, ValueError, EOFError, TypeError, AttributeError, LookupError,
          ArithmeticError, AssertionError, RuntimeError, Warning, struct.error, zlib.error,
          cv2.error, Image.DecompressionBombError)  # fmt: skip
REASONS = {
    errno.ENOENT: "there is no such file",
    errno.EACCES: "reading it is not permitted",
}


class UnreadableError(Exception):
    """A sound file that holds what is not read; the message says what and what to do."""


def name_of(source: object) -> str:
    """Return the name of a source in errors: a path in quotes, or the kind of object."""
    if isinstance(source, str | os.PathLike):
        return repr(spell(source))
    name = getattr(source, "name", None) or getattr(source, "filename", None)
    return repr(name) if isinstance(name, str) else "the image"


@contextmanager
def refusing(name: str) -> Iterator[None]:
    """Turn whatever a damaged file makes its reader raise into a ImageError of one line."""
    try:
        yield
    except UnreadableError as error:
        raise ImageError(f"cannot read {name}: {error}") from error
    except MemoryError as error:
        raise ImageError(f"cannot read {name}: there is too little memory for it") from error
    except DAMAGE as error:
        raise ImageError(f"cannot read {name}: {_reason(error)}") from error


def _reason(error: BaseException) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number is not None:
        return REASONS.get(number, os.strerror(number))
    text = " ".join(str(error).split()) or type(error).__name__
    return f"{text}; if it opens elsewhere save it as PNG, else take another copy of it"


@contextmanager
def open_source(source: Any, *, name: str) -> Iterator[BinaryIO]:
    """A seekable stream of a file's content, at its beginning.

    Args:
        source: a path, a file's bytes, or a binary stream, which is read to its end.
        name: what errors call it.
    Raises:
        ImageError: the source is of another kind, or a path to something that is no file.
        OSError: the file cannot be opened.
    """
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        kind = path.stat().st_mode
        if stat.S_ISDIR(kind):
            if not os.access(path, os.R_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            raise ImageError(
                f"cannot read {name}: it is a folder; name the images in it, if there are any"
            )
        if not stat.S_ISREG(kind):  # a pipe could keep us waiting for ever
            raise ImageError(f"cannot read {name}: it is no regular file; pass an open stream")
        with path.open("rb") as stream:
            yield stream
        return
    content = source.read() if hasattr(source, "read") else source
    if not isinstance(content, bytes | bytearray | memoryview):
        raise ImageError(
            f"cannot read an image from {type(source).__name__}: pass a path, bytes, "
            "a stream opened in binary mode, a Pillow image or an array"
        )
    yield io.BytesIO(content)


def open_image(stream: BinaryIO, *, name: str) -> "ImageFile.ImageFile":
    """An image file whose headers are read and whose pixels are not.

    Args:
        stream: seekable, at its beginning; it must stay open while the image is used.
        name: what errors call it.
    Raises:
        ImageError: it is of no known format.
        ExtraError: it is HEIC and pillow-heif is missing.
        Others, where the headers are damaged: see `refusing`.
    """
    head = stream.read(HEAD)
    stream.seek(0)
    if not head:
        raise ImageError(f"cannot read {name}: it is empty")
    row = tell_format(head)
    if row is None or row.reader is None:
        known = ", ".join(row.name for row in FORMATS.values() if IMAGE in row.kinds)
        raise ImageError(
            f"cannot read {name}: it is not an image in a known format ({known})"
            if row is None
            else f"cannot read {name} as an image: it is a video ({row.name})"
        )
    try:
        image: ImageFile.ImageFile = resolve_name(row.reader)(stream)
    except ImportError as error:
        if row.extra is None:
            raise
        raise ExtraError(row.extra, f"reading {name}, a {row.name} image,") from error
    return image


@contextmanager
def opened(source: Any, *, name: str) -> "Iterator[tuple[ImageFile.ImageFile, BinaryIO]]":
    """An image file as `open_image` opens it, and its stream, for as long as a block lasts.

    Whatever its reader raises there is a line of ImageError; see `refusing`.

    Args:
        source: as for `open_source`.
        name: what errors call it.
    """
    with (
        refusing(name),
        open_source(source, name=name) as stream,
        open_image(stream, name=name) as image,
    ):
        yield image, stream
