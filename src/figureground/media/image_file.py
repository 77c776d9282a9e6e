"""Open image files in the formats that are read: told by their first bytes, never by their name."""

from typing import TYPE_CHECKING, BinaryIO

from figureground.errors import ExtraError, ImageError
from figureground.media.format_row import IMAGE, load
from figureground.media.formats import FORMATS, tell_format
from figureground.media.signatures import HEAD

if TYPE_CHECKING:
    from PIL import ImageFile


def open_image(stream: BinaryIO, *, name: str) -> "ImageFile.ImageFile":
    """An image file whose headers are read and whose pixels are not.

    Args:
        stream: seekable, at its beginning; it must stay open while the image is used.
        name: what errors call it.
    Raises:
        ImageError: it is of no known format.
        ExtraError: it is HEIC and pillow-heif is missing.
        Others, where the headers are damaged: see `sources.refusing`.
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
        image: ImageFile.ImageFile = load(row.reader)(stream)
    except ImportError as error:
        if row.extra is None:
            raise
        raise ExtraError(row.extra, f"reading {name}, a {row.name} image,") from error
    return image
