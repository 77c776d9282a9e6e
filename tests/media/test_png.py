"""Our own writer of PNG and TIFF, held against other programs' readers."""

import io
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from figureground import chunks
from figureground.media.encode import encode_image
from figureground.media.formats import Encoding
from figureground.media.png import hide_unseen

RANDOM = np.random.default_rng(3)


def draw(shape: tuple[int, ...], kind: type) -> np.ndarray:
    """Values that compress a little, none of them transparent."""
    pixels: np.ndarray = RANDOM.integers(1, np.iinfo(kind).max, shape).astype(kind)
    pixels[:, : shape[1] // 2] = pixels[:1, :1]
    return pixels


def open_elsewhere(data: bytes, kind: type) -> np.ndarray:
    """What other programs read: Pillow 8 bits, OpenCV 16."""
    if kind == np.uint8:
        with Image.open(io.BytesIO(data)) as image:
            return np.asarray(image)
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    swap = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}
    assert decoded is not None
    return decoded if decoded.ndim == 2 else cv2.cvtColor(decoded, swap[decoded.shape[2]])


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(7, 5), (7, 5, 3), (7, 5, 4), (1, 1, 4), (1, 9, 3), (9, 1, 3)])
def test_another_reader_finds_every_pixel(suffix: str, kind: type, shape: tuple[int, ...]) -> None:
    pixels = draw(shape, kind)
    np.testing.assert_array_equal(open_elsewhere(encode_image(pixels, suffix), kind), pixels)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_strips_that_are_compressed_apart_make_one_image(
    suffix: str, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 1000)
    pixels = draw((61, 40, 4), kind)
    np.testing.assert_array_equal(open_elsewhere(encode_image(pixels, suffix), kind), pixels)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_grey_with_alpha_is_kept(suffix: str) -> None:
    pixels = draw((7, 5, 2), np.uint8)
    with Image.open(io.BytesIO(encode_image(pixels, suffix))) as image:
        assert image.mode == "LA"
        np.testing.assert_array_equal(np.asarray(image), pixels)


def test_the_compressed_stream_is_whole_and_its_checksum_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 500)
    pixels = draw((50, 20, 3), np.uint8)
    data, at, stream = encode_image(pixels, ".png"), 8, b""
    while at < len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + length]
        assert zlib.crc32(name + body) == int.from_bytes(data[at + 8 + length :][:4], "big")
        stream += body if name == b"IDAT" else b""
        at += 12 + length
    assert len(zlib.decompress(stream)) == 50 * (1 + 20 * 3)  # which checks Adler's sum too


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_higher_level_makes_a_smaller_file_of_the_same_image(suffix: str) -> None:
    ramp = np.arange(200 * 200 * 3, dtype=np.uint32).reshape(200, 200, 3)
    pixels = (ramp * ramp >> 9).astype(np.uint8)
    none, best = (encode_image(pixels, suffix, encoding=Encoding(level=n)) for n in (0, 9))
    assert len(best) < len(none) / 2
    np.testing.assert_array_equal(open_elsewhere(best, np.uint8), pixels)


def test_only_colours_without_opacity_are_hidden() -> None:
    pixels = np.array([[[9, 8, 7, 0], [9, 8, 7, 1]]], np.uint16)
    assert hide_unseen(pixels).tolist() == [[[0, 0, 0, 0], [9, 8, 7, 1]]]
    assert hide_unseen(pixels[..., :3]).tolist() == [[[9, 8, 7], [9, 8, 7]]]
