"""Reading images of all kinds, and the refusal of what is none."""

import contextlib
import io
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from figureground import chunks
from figureground.errors import ExtraError, ImageError
from figureground.media import decode as decoding
from figureground.media.encode import encode_image
from figureground.media.images import DecodedImage, read_image

Draw = Callable[..., Path]
EXIF = Image.Exif()
EXIF[0x010F], EXIF[0x0112] = "maker", 6


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.webp", "a.jpg", "a.avif", "a.gif"])
def test_every_format_gives_the_same_image(draw: Draw, name: str) -> None:
    options = {"lossless": True} if name == "a.webp" else {}
    image = read_image(draw(name, **options))
    assert image.rgb.shape == (16, 24, 3) and image.rgb.dtype == np.uint8
    np.testing.assert_allclose(image.rgb[2, 2], [200, 0, 0], atol=12)
    np.testing.assert_allclose(image.rgb[2, -3], [0, 200, 0], atol=12)
    assert image.pixels is image.rgb


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(tmp_path: Path, orientation: int) -> None:
    random = np.random.default_rng(0)
    opened = Image.fromarray(random.integers(0, 255, (4, 6, 3)).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "maker"
    opened.save(tmp_path / "a.png", exif=exif)
    with Image.open(tmp_path / "a.png") as stored:
        expected = np.asarray(ImageOps.exif_transpose(stored))
    image = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(image.rgb, expected)
    kept = Image.Exif()
    kept.load(image.exif)
    assert kept.get(0x010F) == "maker" and 0x0112 not in kept


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK"])
def test_other_modes_become_rgb(draw: Draw, mode: str) -> None:
    image = read_image(draw("a.tif", mode))
    assert image.rgb.shape == (16, 24, 3)
    assert image.alpha is None
    assert image.rgb[:8, :12].mean() > image.rgb[8:, 12:].mean()


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_that_is_there_is_kept(tmp_path: Path, mode: str) -> None:
    opened = Image.new(mode, (4, 2), (10, 20, 30, 51) if mode == "RGBA" else (10, 51))
    opened.save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    assert image.alpha is not None and image.alpha.dtype == np.float32
    np.testing.assert_allclose(image.alpha, 0.2)


def test_a_palette_with_a_transparent_colour_has_alpha(tmp_path: Path) -> None:
    opened = Image.new("P", (4, 2), 1)
    opened.putpalette([0, 0, 0, 255, 0, 0])
    opened.putpixel((0, 0), 0)
    opened.save(tmp_path / "a.png", transparency=0)
    image = read_image(tmp_path / "a.png")
    assert image.alpha is not None
    assert image.alpha[0, 0] == 0 and image.alpha[0, 1] == 1
    np.testing.assert_array_equal(image.rgb[1, 1], [255, 0, 0])


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_sixteen_bits_stay_sixteen_bits(tmp_path: Path, name: str) -> None:
    deep = np.random.default_rng(0).integers(0, 65535, (5, 7, 3)).astype(np.uint16)
    cv2.imwrite(str(tmp_path / name), deep[..., ::-1])
    image = read_image(tmp_path / name)
    np.testing.assert_array_equal(image.pixels, deep)
    np.testing.assert_array_equal(image.rgb, deep >> 8)


def test_sixteen_bit_grey_is_not_washed_out(tmp_path: Path) -> None:
    grey = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    cv2.imwrite(str(tmp_path / "a.png"), grey)
    image = read_image(tmp_path / "a.png")
    np.testing.assert_array_equal(image.rgb[..., 1], grey >> 8)


def test_a_profile_is_understood_and_kept(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (2, 2), (9, 99, 199)).save(tmp_path / "a.png", icc_profile=profile)
    image = read_image(tmp_path / "a.png")
    assert image.profile == profile
    assert image.rgb is image.pixels


def test_a_broken_profile_harms_nobody(tmp_path: Path) -> None:
    Image.new("RGB", (2, 2), (9, 99, 199)).save(
        tmp_path / "a.png", icc_profile=b"\0" * 16 + b"RGB nonsense"
    )
    np.testing.assert_array_equal(read_image(tmp_path / "a.png").rgb[0, 0], [9, 99, 199])


def test_bytes_images_and_arrays_are_images_too(draw: Draw) -> None:
    path = draw("a.png")
    expected = read_image(path).rgb
    with Image.open(path) as image:
        for source in (path.read_bytes(), image, expected, str(path)):
            np.testing.assert_array_equal(read_image(source).rgb, expected)


def test_arrays_of_other_kinds_are_refused() -> None:
    for array in (
        np.zeros((2, 2, 3), np.float32),
        np.zeros((2, 2, 5), np.uint8),
        np.zeros(3, "u1"),
    ):
        with pytest.raises(ImageError, match="an array must"):
            read_image(array)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "it is empty"), (b"hello, I am text", "not an image")],
)
def test_what_is_no_image_is_refused_in_one_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(ImageError, match=message) as caught:
        read_image(path)
    assert "\n" not in str(caught.value) and "a.jpg" in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no such file"):
        read_image(tmp_path / "a.jpg")
    with pytest.raises(ImageError, match="it is a folder"):
        read_image(tmp_path)


def test_a_truncated_jpeg_is_refused(draw: Draw) -> None:
    path = draw("a.jpg", size=(200, 200))
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(ImageError, match="truncated"):
        read_image(path)


def test_too_many_pixels_are_refused_by_a_limit_that_can_be_raised(draw: Draw) -> None:
    path = draw("a.png")
    with pytest.raises(ImageError, match=r"24x16 pixels, more than the limit of 300"):
        read_image(path, max_pixels=300)
    assert read_image(path, max_pixels=384).rgb.shape == (16, 24, 3)


def test_a_file_that_unpacks_to_far_more_than_photographs_do_is_refused_earlier() -> None:
    stream = io.BytesIO()
    Image.new("1", (7_100, 7_100)).save(stream, "png")  # 50.4 megapixels
    with pytest.raises(ImageError, match=r"7100x7100 .* limit of 50000000 for a file of only"):
        read_image(stream.getvalue())
    assert read_image(stream.getvalue(), max_pixels=60_000_000).rgb.shape == (7_100, 7_100, 3)
    padded = stream.getvalue() + bytes(600_000)  # as large as a photograph's might be
    assert read_image(padded).rgb.shape == (7_100, 7_100, 3)


def test_heic_names_the_extra_that_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)  # as if it were not installed
    path = tmp_path / "a.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic" + b"\0" * 100)
    with pytest.raises(ExtraError, match=r"figureground\[heif\]"):
        read_image(path)


def damaged(whole: bytes, random: np.random.Generator) -> bytes:
    """Some bytes changed, most of them early, where they do most harm, and perhaps the end cut."""
    broken = bytearray(whole)
    for share in (0.05, 0.2, 1):
        broken[random.integers(0, max(1, int(len(broken) * share)))] = random.integers(0, 256)
    cut = len(broken) if random.random() < 0.7 else random.integers(1, len(broken))
    return bytes(broken[:cut])


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.tif", "a.gif", "a.bmp", "a.avif"])
def test_mutated_files_give_an_image_or_one_line(draw: Draw, name: str) -> None:
    random, refused = np.random.default_rng(0), 0
    whole = draw(name, size=(48, 32), **({} if name == "a.gif" else {"exif": EXIF})).read_bytes()
    for _ in range(60):
        try:
            image = read_image(damaged(whole, random), max_pixels=1_000_000)
        except ImageError as error:
            refused += 1
            assert "\n" not in str(error)
        else:
            assert image.rgb.ndim == 3 and image.rgb.dtype == np.uint8
    assert refused


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_mutated_files_of_sixteen_bits_give_an_image_or_one_line(suffix: str) -> None:
    random = np.random.default_rng(0)
    whole = encode_image(random.integers(0, 65535, (9, 8, 4)).astype(np.uint16), suffix)
    for _ in range(40):
        with contextlib.suppress(ImageError):
            read_image(damaged(whole, random), max_pixels=1_000_000)


def test_reading_leaves_pillows_own_limit_as_it_was(draw: Draw) -> None:
    before = Image.MAX_IMAGE_PIXELS
    read_image(draw("a.png"))
    with pytest.raises(ImageError):
        read_image(io.BytesIO(b"no").getvalue())
    assert before == Image.MAX_IMAGE_PIXELS


def stored(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "TIFF", "AVIF"])
def test_orientation_is_applied_once_in_every_format(kind: str, orientation: int) -> None:
    image = Image.new("RGB", (48, 32))
    image.paste((250, 0, 0), (0, 0, 24, 16))  # one corner, through all turns
    image.paste((0, 0, 250), (24, 0, 48, 16))
    stream = io.BytesIO()
    image.save(stream, kind, exif=stored(orientation))
    image.getexif()[0x0112] = orientation
    expected = np.asarray(ImageOps.exif_transpose(image))
    again = read_image(stream.getvalue()).rgb
    assert again.shape == expected.shape
    np.testing.assert_allclose(again[4::8, 4::8], expected[4::8, 4::8], atol=25)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_and_their_transparency_are_turned_upright(
    suffix: str, orientation: int
) -> None:
    deep = np.random.default_rng(0).integers(1, 65535, (4, 6, 4)).astype(np.uint16)
    like = DecodedImage(pixels=deep, rgb=deep, exif=stored(orientation).tobytes())
    image = read_image(encode_image(deep, suffix, like=like))
    index = Image.fromarray(np.arange(24, dtype=np.uint8).reshape(4, 6))
    index.getexif()[0x0112] = orientation
    places = np.asarray(ImageOps.exif_transpose(index))
    np.testing.assert_array_equal(image.pixels, deep[..., :3].reshape(24, 3)[places])
    np.testing.assert_allclose(image.alpha, deep[..., 3].reshape(24)[places] / 65535)


@pytest.mark.parametrize("profiled", [False, True])
def test_an_image_that_needs_no_conversion_is_in_memory_once(profiled: bool) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    stream = io.BytesIO()
    opened = Image.new("RGB", (4, 2), (1, 2, 3))
    opened.save(stream, "JPEG", exif=stored(6), icc_profile=profile if profiled else None)
    image = read_image(stream.getvalue())
    assert image.rgb is image.pixels


def test_an_array_is_taken_as_it_is() -> None:
    array = np.zeros((2, 3, 3), np.uint8)
    assert read_image(array).rgb is array
    grey = read_image(np.full((2, 3), 7, np.uint16) * 257)
    assert grey.pixels.shape == (2, 3, 3) and grey.rgb.tolist() == [[[7] * 3] * 3] * 2
    clear = read_image(np.full((2, 3, 4), 51, np.uint8))
    np.testing.assert_allclose(clear.alpha, 0.2)
    assert read_image(np.full((2, 3, 4), 255, np.uint8)).alpha is None


def test_levels_from_nought_to_one_are_refused_with_the_way_out() -> None:
    with pytest.raises(ImageError, match=r"got float32 .*\(255 \* array\)"):
        read_image(np.zeros((2, 2, 3), np.float32))


def test_a_stream_is_read_whether_it_can_be_rewound_or_not(draw: Draw) -> None:
    path = draw("a.png")
    expected = read_image(path).rgb
    with path.open("rb") as stream:
        np.testing.assert_array_equal(read_image(stream).rgb, expected)
    ends = os.pipe()
    with os.fdopen(ends[1], "wb") as inlet:
        inlet.write(path.read_bytes())
    with os.fdopen(ends[0], "rb") as outlet:
        np.testing.assert_array_equal(read_image(outlet).rgb, expected)


def test_what_is_neither_file_nor_image_is_refused() -> None:
    for source in (io.StringIO("text"), 7, None, ["a.png"]):
        with pytest.raises(ImageError, match="pass a path, bytes"):
            read_image(source)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    with pytest.raises(ImageError, match="no regular file"):
        read_image(tmp_path / "a.jpg")


@pytest.mark.parametrize("mode", ["P", "L", "RGB", "1"])
def test_one_colour_that_counts_as_transparent_becomes_alpha(mode: str) -> None:
    image = Image.new(mode, (4, 2), 1)
    black = (0, 0, 0) if mode == "RGB" else 0
    image.putpixel((0, 0), black)
    stream = io.BytesIO()
    image.save(stream, "PNG", transparency=black)
    alpha = read_image(stream.getvalue()).alpha
    assert alpha is not None and alpha[0, 0] == 0 and alpha[1, 3] == 1


def test_sixteen_bit_grey_with_alpha_keeps_both() -> None:
    deep = np.random.default_rng(0).integers(1, 65535, (4, 6, 2)).astype(np.uint16)
    image = read_image(encode_image(deep, ".png"))
    np.testing.assert_array_equal(image.pixels[..., 2], deep[..., 0])
    np.testing.assert_allclose(image.alpha, deep[..., 1] / 65535)


def test_floating_point_levels_are_refused() -> None:
    with pytest.raises(ImageError, match="do not say what is white"):
        read_image(Image.new("F", (2, 2), 0.5))


def test_large_images_are_unpacked_in_strips_without_a_seam(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 500)
    pixels = np.random.default_rng(0).integers(1, 255, (50, 20, 4)).astype(np.uint8)
    image = read_image(Image.fromarray(pixels))
    np.testing.assert_array_equal(image.pixels, pixels[..., :3])
    np.testing.assert_allclose(image.alpha, pixels[..., 3] / 255)


def chunk(name: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(name + body).to_bytes(4, "big")
    return len(body).to_bytes(4, "big") + name + body + checksum


@pytest.mark.parametrize("name", [b"iCCP", b"zTXt"])
def test_a_bomb_in_a_png_is_refused(draw: Draw, name: bytes) -> None:
    whole = draw("a.png").read_bytes()
    bomb = chunk(name, b"name\0\0" + zlib.compress(bytes(5_000_000)))
    with pytest.raises(ImageError, match="too large"):
        read_image(whole[:33] + bomb + whole[33:])


def test_a_header_that_promises_too_much_is_refused_before_anything_is_unpacked() -> None:
    size = (200_000).to_bytes(4, "big")
    header = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size + size + b"\x08\x02\0\0\0")
    data = header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    with pytest.raises(ImageError, match=r"200000x200000 pixels, more than the limit"):
        read_image(data)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_a_truncated_file_of_sixteen_bits_is_refused(suffix: str) -> None:
    deep = np.random.default_rng(0).integers(1, 65535, (90, 60, 3)).astype(np.uint16)
    with pytest.raises(ImageError):
        read_image(encode_image(deep, suffix)[:-5000])


def test_a_page_that_is_but_a_preview_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (4, 2)).save(tmp_path / "a.tif", tiffinfo={254: 1})
    with pytest.raises(ImageError, match="preview"):
        read_image(tmp_path / "a.tif")


def test_the_name_of_a_file_does_not_decide_how_it_is_read(draw: Draw, tmp_path: Path) -> None:
    expected = read_image(draw("a.png")).rgb
    (tmp_path / "a.png").rename(tmp_path / "a.jpg")
    np.testing.assert_array_equal(read_image(tmp_path / "a.jpg").rgb, expected)


def test_formats_that_run_other_programs_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "a.eps").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n")
    with pytest.raises(ImageError, match="not an image in a known format"):
        read_image(tmp_path / "a.eps")


def test_readers_are_imported_only_when_such_a_file_is_met() -> None:
    code = (
        "import sys, figureground.media.images, figureground.media.encode, "
        "figureground.media.paths\n"
        "print([name for name in sys.modules if name.endswith('ImagePlugin') "
        "or name in ('PIL.ImageCms', 'pillow_heif')])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("orientation", [1, 6])
def test_heic_is_read_where_its_package_is_installed(orientation: int) -> None:
    heif = pytest.importorskip("pillow_heif")
    opened = Image.new("RGB", (64, 32), (200, 30, 30))
    stream = io.BytesIO()
    heif.from_pillow(opened).save(stream, exif=stored(orientation).tobytes(), quality=90)
    image = read_image(stream.getvalue())
    assert image.rgb.shape == ((32, 64, 3) if orientation == 1 else (64, 32, 3))
    np.testing.assert_allclose(image.rgb[16, 16], [200, 30, 30], atol=8)


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"subsampling": 0}, {"quality": 30}]
)
def test_a_large_jpeg_has_the_pixels_of_a_small_one(
    astronaut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict
) -> None:
    Image.open(astronaut).save(tmp_path / "a.jpg", **options)
    expected = read_image(tmp_path / "a.jpg").pixels
    monkeypatch.setattr("figureground.media.decode.LARGE", 0)
    read: list[object] = []
    decode: Any = decoding.cv2.imdecode

    def noting(*given: object) -> object:
        read.append(1)
        return decode(*given)

    monkeypatch.setattr("figureground.media.decode.cv2.imdecode", noting)
    np.testing.assert_array_equal(read_image(tmp_path / "a.jpg").pixels, expected)
    assert read == [1]


def test_a_truncated_large_jpeg_is_refused_too(
    astronaut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = astronaut.read_bytes()
    (tmp_path / "cut.jpg").write_bytes(data[: len(data) // 2])
    monkeypatch.setattr("figureground.media.decode.LARGE", 0)
    with pytest.raises(ImageError):
        read_image(tmp_path / "cut.jpg")
