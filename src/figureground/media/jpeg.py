"""JPEG files that end before their image does, and large ones.

libjpeg fills what is missing with mid grey, and Pillow does not pass on that it warned. FFmpeg says
it, and is asked only where the last row is of that grey.
"""

from typing import BinaryIO

import cv2
import numpy as np
from PIL import Image

from figureground.arrays import Rgb
from figureground.media.sources import UnreadableError

LARGE = 1 << 22  # pixels; so many take 16 MB in Pillow, and 12 MB more as an array
TAIL = 1 << 16  # bytes at the end of a file, of which some programs add their own
END = b"\xff\xd9"  # of an image
READING = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
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


def decode_large_jpeg(image: Image.Image, stream: BinaryIO | None) -> Rgb | None:
    """The pixels of a large JPEG file in colour, uint8 (H, W, 3), straight into their array.

    OpenCV calls the same library as Pillow does, with the same settings, and needs less than half
    of the memory. None is returned of what is not large, not in plain colour, or may be damaged,
    which Pillow tells better.
    """
    if stream is None or image.format not in ("JPEG", "MPO") or image.mode != "RGB":
        return None
    if image.width * image.height < LARGE:
        return None
    here = stream.tell()
    stream.seek(0)
    data = np.frombuffer(stream.read(), np.uint8)
    stream.seek(here)
    if END not in data[-TAIL:].tobytes():
        return None
    pixels = cv2.imdecode(data, READING)
    if pixels is None or pixels.shape != (image.height, image.width, 3):
        return None
    ends_grey = bool((pixels[-1] == GREY).all())
    return None if ends_grey else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels))
