"""Opened image files to arrays: 8 or 16 bits a channel, colours apart from transparency."""

from collections.abc import Callable
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figureground.arrays import Alpha
from figureground.chunks import byte_chunks
from figureground.media.sources import UnreadableError

Pixels = NDArray[Any]  # uint8 or uint16

LARGE = 1 << 22  # pixels
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


# How OpenCV brings an image upright that is stored in an EXIF orientation (EXIF 2.32, 4.6.4 A).
_TURNS: dict[int, Callable[[Pixels], Pixels]] = {
    2: lambda stored: cv2.flip(stored, 1),
    3: lambda stored: cv2.rotate(stored, cv2.ROTATE_180),
    4: lambda stored: cv2.flip(stored, 0),
    5: cv2.transpose,
    6: lambda stored: cv2.rotate(stored, cv2.ROTATE_90_CLOCKWISE),
    7: lambda stored: cv2.rotate(cv2.transpose(stored), cv2.ROTATE_180),
    8: lambda stored: cv2.rotate(stored, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


def turn_upright(array: Pixels, orientation: int) -> Pixels:
    """(H, W) or (H, W, C) as it is meant to be seen; `array` itself where it is so already."""
    return array if orientation == 1 else _TURNS[orientation](array)
