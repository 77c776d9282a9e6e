"""TIFF files with 8 or 16 bits a channel; Pillow, whose directory writer is used, writes but 8.

Source: TIFF Revision 6.0, Adobe 1992 (tags in section 8, predictor in section 14).
"""

import io
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figureground.chunks import byte_chunks, map_chunks
from figureground.media.metadata import EXIF_IFD, GPS_IFD, as_stored, read_group
from figureground.media.png import hide_unseen

if TYPE_CHECKING:
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

WIDTH, LENGTH, BITS_PER_SAMPLE, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, SAMPLES_PER_PIXEL, ROWS_PER_STRIP, STRIP_BYTE_COUNTS = 273, 277, 278, 279
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 282, 283, 296
PREDICTOR, EXTRA_SAMPLES, ICC_PROFILE = 317, 338, 34675
DEFLATE, HORIZONTAL, INCH, STRAIGHT_ALPHA = 8, 2, 2, 2  # values of some of them
GREY, RGB = 1, 2  # values of PHOTOMETRIC


def encode_tiff(
    pixels: NDArray[Any],
    *,
    level: int,
    profile: bytes | None = None,
    exif: bytes | None = None,
    dpi: tuple[float, float] | None = None,
) -> bytes:
    """A TIFF file, compressed without loss.

    Args:
        pixels: uint8 or uint16 (H, W, C), C 1 to 4: grey, grey and alpha, RGB, RGBA.
        level: of compression, 0 to 9.
        profile: ICC profile of the colours.
        exif: as Pillow writes it.
        dpi: pixels per inch, across and down.
    """
    from PIL.TiffImagePlugin import ImageFileDirectory_v2  # only who writes TIFF pays for it

    parts = byte_chunks(pixels.shape[0], pixels[0].nbytes)
    strips = map_chunks(lambda rows: zlib.compress(_differences(pixels[rows]), level), parts)
    directory = ImageFileDirectory_v2()
    _describe(directory, exif, profile, dpi)
    rows, columns, channels = pixels.shape
    layout: dict[int, Any] = {
        WIDTH: columns,
        LENGTH: rows,
        BITS_PER_SAMPLE: (8 * pixels.dtype.itemsize,) * channels,
        COMPRESSION: DEFLATE,
        PHOTOMETRIC: RGB if channels > 2 else GREY,
        SAMPLES_PER_PIXEL: channels,
        ROWS_PER_STRIP: parts[0].stop,
        STRIP_BYTE_COUNTS: tuple(len(strip) for strip in strips),
        STRIP_OFFSETS: _offsets(strips),  # from the end of the directory, which Pillow adds
        PREDICTOR: HORIZONTAL,
    }
    if channels in (2, 4):
        layout[EXTRA_SAMPLES] = STRAIGHT_ALPHA
    for tag, value in layout.items():
        directory[tag] = value
    stream = io.BytesIO()
    directory.save(stream)
    return stream.getvalue() + b"".join(strips)


def _describe(
    directory: "ImageFileDirectory_v2",
    exif: bytes | None,
    profile: bytes | None,
    dpi: tuple[float, float] | None,
) -> None:
    if exif:
        known = Image.Exif()
        known.load(exif)
        for tag, value in known.items():
            inside = tag in (EXIF_IFD, GPS_IFD)
            directory[tag] = read_group(known, tag) if inside else as_stored(value)
    if profile:
        directory[ICC_PROFILE] = profile
    if dpi:
        directory[X_RESOLUTION], directory[Y_RESOLUTION] = dpi
        directory[RESOLUTION_UNIT] = INCH


def _offsets(strips: list[bytes]) -> tuple[int, ...]:
    offsets = [0]
    for strip in strips[:-1]:
        offsets.append(offsets[-1] + len(strip))
    return tuple(offsets)


def _differences(pixels: NDArray[Any]) -> bytes:
    """Each value less the one of its channel to the left, in little-endian bytes."""
    shown = hide_unseen(pixels)
    differences = shown.astype(shown.dtype.newbyteorder("<"))
    np.subtract(shown[:, 1:], shown[:, :-1], out=differences[:, 1:])
    return differences.tobytes()
