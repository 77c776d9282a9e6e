"""JPEG files that end before their image does.

libjpeg fills what is missing with mid grey, and Pillow does not pass on that it warned. FFmpeg says
it, and is asked only where the last row is of that grey.
"""

from typing import BinaryIO

from PIL import Image

from figureground.media.sources import UnreadableError

GREY = 128  # level of what libjpeg had no data for


def check_whole(image: Image.Image, stream: BinaryIO | None) -> None:
    """See that a JPEG file, opened and loaded, holds the data of all its pixels.

    Raises:
        UnreadableError: it does not.
    """
    if stream is None or image.format not in ("JPEG", "MPO") or not _ends_grey(image):
        return
    import av  # which takes a while to load

    stream.seek(0)
    decoder = av.CodecContext.create("mjpeg", "r")
    decoder.options = {"err_detect": "explode"}
    try:
        decoder.decode(av.Packet(stream.read()))
    except av.error.InvalidDataError as error:
        raise UnreadableError(
            f"its header promises {image.width}x{image.height} pixels, but its data ends long "
            "before; take another copy of it"
        ) from error
    except av.error.FFmpegError:  # of a kind that FFmpeg does not know
        return


def _ends_grey(image: Image.Image) -> bool:
    last = image.crop((0, image.height - 1, image.width, image.height))
    return all(low == high == GREY for low, high in _extrema(last.convert("RGB")))


def _extrema(image: Image.Image) -> tuple[tuple[int, int], ...]:
    found = image.getextrema()
    return tuple(pair for pair in found if isinstance(pair, tuple))
