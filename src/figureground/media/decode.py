"""Opened image files to arrays: 8 or 16 bits a channel, colours apart from transparency."""

from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figureground.arrays import Alpha, Rgb
from figureground.chunks import byte_chunks
from figureground.media.sources import UnreadableError

Pixels = NDArray[Any]  # uint8 or uint16

LARGE = 1 << 22  # pixels; so many take 16 MB in Pillow, and 12 MB more as an array
JPEG = ("JPEG", "MPO")  # as Pillow calls it
JPEG_TAIL = 1 << 16  # bytes at the end of a file, of which some programs add their own
JPEG_END = b"\xff\xd9"
GREY = 128  # level of what libjpeg had no data for: it fills that, and Pillow passes no warning on
PNG_DEPTH = 24  # where a PNG file keeps its bits a channel: 8 bytes signature, IHDR's tenth value
BITS_PER_SAMPLE, PHOTOMETRIC, PLANAR, EXTRA_SAMPLES = 258, 262, 284, 338  # TIFF tags
SUBFILE, REDUCED = 254, 1  # a page that stands in for a larger one, as in raw files of cameras
PREMULTIPLIED, STRAIGHT = 1, 2  # of EXTRA_SAMPLES; a channel of another kind is no transparency
SEPARATE = 2  # of PLANAR
WHITE_IS_ZERO = 0  # of PHOTOMETRIC
ISO = ("AVIF", "HEIF")  # what Pillow calls formats of ISO/IEC 23008-12
GREY_16 = ("I;16", "I;16L", "I;16B", "I;16N")
TO_RGB = {1: cv2.COLOR_GRAY2RGB, 3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}


def tag(image: Image.Image, number: int) -> tuple[Any, ...]:
    """A TIFF tag's values; none where it is missing or the image is no TIFF."""
    value = image.tag_v2.get(number, ()) if hasattr(image, "tag_v2") else ()
    return value if isinstance(value, tuple) else (value,)


def is_deep(image: Image.Image, stream: BinaryIO, *, bits: int = 8) -> bool:
    """Return whether a file has more than 8 bits a channel that Pillow would cut to 8.

    bits: of an AVIF or HEIC file, as it says. Pillow keeps the 16 bits of grey TIFF and PNG.
    """
    if image.mode in GREY_16:
        return False
    if image.format in ISO:
        return bits > 8
    if image.format == "PNG":
        stream.seek(PNG_DEPTH)
        return stream.read(1) == b"\x10"
    return image.mode in ("RGB", "RGBA") and set(tag(image, BITS_PER_SAMPLE)) == {16}


def decode_deep(
    image: Image.Image, stream: BinaryIO, *, bits: int = 16
) -> tuple[Pixels, Alpha | None]:
    """Colours, uint16 (H, W, 3), and transparency of a file of more than 8 bits a channel.

    HEIC comes through pillow-heif, all else through OpenCV, but AVIF with 8 bits where OpenCV was
    built without it. Pillow, which loaded the image, has by then refused damage that OpenCV would
    fill with black.

    bits: of an AVIF or HEIC file.
    """
    if image.format in ISO:
        found = _decode_heic(stream) if image.format == "HEIF" else _decode_avif(stream, bits)
        if found is None:
            return decode(image)
        return split(np.asarray(found | found >> bits, np.uint16))  # white is white
    if tag(image, PLANAR) == (SEPARATE,):  # OpenCV takes them for interleaved
        raise UnreadableError(
            "its colours are stored one after the other, in planes, which is not read with 16 bits "
            "a channel; save it interleaved (chunky), or as PNG"
        )
    stream.seek(0)
    data = np.frombuffer(stream.read(), np.uint8)
    decoded = cv2.imdecode(data, cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    if decoded is None or decoded.dtype != np.uint16:
        raise OSError("its 16-bit pixels cannot be unpacked")
    pixels, alpha = split(
        cv2.cvtColor(decoded, TO_RGB[decoded.shape[2] if decoded.ndim > 2 else 1])
    )
    if alpha is None or image.format != "TIFF":
        return pixels, alpha
    meaning = tag(image, EXTRA_SAMPLES)[:1]
    if meaning == (PREMULTIPLIED,):
        for rows in byte_chunks(pixels.shape[0], pixels[0].nbytes):
            cover = np.maximum(alpha[rows][..., None], 1 / 65535)
            pixels[rows] = np.minimum(np.rint(pixels[rows] / cover), 65535)
    return pixels, alpha if meaning in ((PREMULTIPLIED,), (STRAIGHT,)) else None


def _decode_heic(stream: BinaryIO) -> Pixels:
    """Pixels of a HEIC file, upright, uint16 (H, W, 3 or 4), its bits at the top."""
    from pillow_heif import open_heif  # the extra `heif`

    stream.seek(0)
    found = np.asarray(open_heif(stream, convert_hdr_to_8bit=False))
    return grey_to_rgb(found) if found.ndim == 2 else found


def _decode_avif(stream: BinaryIO, bits: int) -> Pixels | None:
    """Pixels of an AVIF file as stored, in the same form; None where OpenCV does not read them."""
    stream.seek(0)
    data = np.frombuffer(stream.read(), np.uint8)
    found = cv2.imdecode(data, cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    if found is None or found.dtype != np.uint16:
        return None
    rgb: NDArray[Any] = cv2.cvtColor(found, TO_RGB[found.shape[2] if found.ndim > 2 else 1])
    return np.asarray(np.left_shift(rgb, 16 - bits), np.uint16)


def split(pixels: Pixels) -> tuple[Pixels, Alpha | None]:
    """(H, W, 3) as it is, (H, W, 4) as colours and alpha; alpha is None where all is opaque."""
    if pixels.shape[2] == 3:
        return pixels, None
    white = np.iinfo(pixels.dtype).max
    levels = pixels[..., 3]
    if levels.min() == white:
        return np.ascontiguousarray(pixels[..., :3]), None
    alpha = levels.astype(np.float32)
    alpha /= np.float32(white)
    return np.ascontiguousarray(pixels[..., :3]), alpha


def decode(image: Image.Image) -> tuple[Pixels, Alpha | None]:
    """Colours, uint8 or uint16 (H, W, 3), and transparency of any image Pillow can unpack."""
    if image.mode in GREY_16 or image.mode == "I":
        grey = _grey_16(image)
        clear = grey == image.info.get("transparency", -1)  # the one level that a PNG may name
        return grey_to_rgb(grey), (~clear).astype(np.float32) if clear.any() else None
    if image.mode == "F":
        raise UnreadableError(
            "its levels are floating-point and do not say what is white; "
            "save it with 8 or 16 bits a channel"
        )
    if not image.has_transparency_data:
        return to_array(image, "RGB"), None
    pixels = to_array(image, "RGBA")
    return split(pixels)


def grey_to_rgb(grey: Pixels) -> Pixels:
    """(H, W) to (H, W, 3)."""
    return cv2.cvtColor(np.ascontiguousarray(grey), cv2.COLOR_GRAY2RGB)


def to_array(image: Image.Image, mode: str) -> NDArray[Any]:
    """An image's values in a Pillow mode, (H, W) or (H, W, C), in a new array.

    Strip by strip where it is large: Pillow's own way to NumPy needs twice the memory on top of it.
    """
    image.load()
    if image.width * image.height < LARGE:
        return np.array(image if image.mode == mode else image.convert(mode))
    depth = np.asarray(image.crop((0, 0, 1, 1)).convert(mode))
    array = np.empty((image.height, image.width, *depth.shape[2:]), depth.dtype)
    for rows in byte_chunks(image.height, image.width * 4):
        strip = image.crop((0, rows.start, image.width, rows.stop))
        array[rows] = np.asarray(strip if strip.mode == mode else strip.convert(mode))
    return array


def _grey_16(image: Image.Image) -> NDArray[np.uint16]:
    grey = to_array(image, image.mode)
    if image.mode == "I" and (grey.min() < 0 or grey.max() > 65535):
        raise UnreadableError(
            "its grey levels leave 0 to 65535; save it with 8 or 16 bits a channel"
        )
    levels: NDArray[np.uint16] = grey.astype(np.uint16)
    if tag(image, BITS_PER_SAMPLE) == (12,):
        levels = np.asarray(levels << 4 | levels >> 8, np.uint16)
    return ~levels if tag(image, PHOTOMETRIC) == (WHITE_IS_ZERO,) else levels


def load_pixels(image: Image.Image, stream: BinaryIO | None) -> Rgb | None:
    """Let Pillow unpack an image; or return the pixels of a large JPEG file, which it need not.

    Raises:
        UnreadableError: a JPEG file ends before its image does.
    """
    large = _decode_large_jpeg(image, stream)
    if large is None:
        image.load()
        check_whole(image, stream)
    return large


def check_whole(image: Image.Image, stream: BinaryIO | None) -> None:
    """See that a JPEG file, opened and loaded, holds the data of all its pixels.

    FFmpeg says it, and is asked only where the last row is of the grey that libjpeg fills in.

    Raises:
        UnreadableError: it does not.
    """
    if stream is None or image.format not in JPEG or not _ends_grey(image):
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
    return bool((np.asarray(last.convert("RGB")) == GREY).all())


def _decode_large_jpeg(image: Image.Image, stream: BinaryIO | None) -> Rgb | None:
    """The pixels of a large JPEG file in colour, uint8 (H, W, 3), straight into their array.

    OpenCV calls the same library as Pillow does, with the same settings, and needs less than half
    of the memory. None is returned of what is not large, not in plain colour, or may be damaged,
    which Pillow tells better.
    """
    if stream is None or image.format not in JPEG or image.mode != "RGB":
        return None
    if image.width * image.height < LARGE:
        return None
    here = stream.tell()
    stream.seek(0)
    data = np.frombuffer(stream.read(), np.uint8)
    stream.seek(here)
    if JPEG_END not in data[-JPEG_TAIL:].tobytes():
        return None
    pixels = cv2.imdecode(data, cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None or pixels.shape != (image.height, image.width, 3):
        return None
    ends_grey = bool((pixels[-1] == GREY).all())
    return None if ends_grey else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels))
