"""TIFF files that other programs write, byte by byte."""

import io
import struct
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from figureground.errors import ImageError
from figureground.media.images import read_image
from figureground.media.png import SIGNATURE, chunk

DEEP = np.array([[[1000, 2000, 3000, 500], [60000, 30000, 7, 500]]], np.uint16)


def tiff(pixels: NDArray, *, bits: int = 16, grey: bool = False, **more: object) -> bytes:
    """A file of one strip without compression; `more` are its other tags, as t284=2."""
    rows, columns, channels = pixels.shape
    directory, data = ImageFileDirectory_v2(), pixels.tobytes()
    tags = {256: columns, 257: rows, 258: (bits,) * channels, 259: 1, 262: 1 if grey else 2,
            273: 0, 277: channels, 278: rows, 279: len(data)}  # fmt: skip
    for number, value in tags.items():
        directory[number] = value
    for name, value in more.items():
        directory[int(name[1:])] = value
    stream = io.BytesIO()
    directory.save(stream)
    return stream.getvalue() + data


@pytest.mark.parametrize("extra", [{}, {"t338": 0}])
def test_a_fourth_channel_is_transparency_only_where_the_file_says_so(extra: dict) -> None:
    image = read_image(tiff(DEEP, **extra))
    assert image.alpha is None
    np.testing.assert_array_equal(image.pixels, DEEP[..., :3])
    straight = read_image(tiff(DEEP, t338=2))
    np.testing.assert_allclose(straight.alpha, 500 / 65535)
    np.testing.assert_array_equal(straight.pixels, DEEP[..., :3])
    assert read_image(tiff(DEEP, t338=1)).alpha is not None


def test_planes_of_sixteen_bits_are_refused() -> None:
    planes = np.ascontiguousarray(DEEP[..., :3].transpose(2, 0, 1))
    size = planes[0].nbytes
    data = tiff(planes.reshape(DEEP[..., :3].shape), t284=2, t279=(size,) * 3,
                t273=(0, size, 2 * size))  # fmt: skip
    with pytest.raises(ImageError, match=r"in planes, .*save it interleaved"):
        read_image(data)


def test_grey_of_twelve_bits_reaches_white() -> None:
    packed = np.array([[[0xFF], [0xF8], [0x00]]], np.uint8)  # 0xFFF and 0x800
    image = read_image(tiff(packed, bits=12, grey=True, t256=2))
    assert image.pixels[0, :, 0].tolist() == [0xFFFF, 0x8008]


def test_a_level_of_grey_that_counts_as_transparent_becomes_alpha() -> None:
    levels = np.array([[1000, 60000]], ">u2")
    header = struct.pack(">IIBBBBB", 2, 1, 16, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" + levels.tobytes())
    chunks = {b"IHDR": header, b"tRNS": b"\x03\xe8", b"IDAT": rows, b"IEND": b""}
    image = read_image(SIGNATURE + b"".join(chunk(*item) for item in chunks.items()))
    assert image.alpha.tolist() == [[0, 1]]
    assert image.pixels[0, :, 0].tolist() == [1000, 60000]
