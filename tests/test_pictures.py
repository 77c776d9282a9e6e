"""Reading pictures of all kinds, and the refusal of what is none."""

import io
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from figureground.errors import ExtraError, PictureError
from figureground.media.pictures import read_picture

Draw = Callable[..., Path]


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif", "a.webp", "a.jpg", "a.avif", "a.gif"])
def test_every_format_gives_the_same_picture(draw: Draw, name: str) -> None:
    options = {"lossless": True} if name == "a.webp" else {}
    picture = read_picture(draw(name, **options))
    assert picture.rgb.shape == (16, 24, 3) and picture.rgb.dtype == np.uint8
    np.testing.assert_allclose(picture.rgb[2, 2], [200, 0, 0], atol=12)
    np.testing.assert_allclose(picture.rgb[2, -3], [0, 200, 0], atol=12)
    assert picture.pixels is picture.rgb


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(tmp_path: Path, orientation: int) -> None:
    random = np.random.default_rng(0)
    image = Image.fromarray(random.integers(0, 255, (4, 6, 3)).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "maker"
    image.save(tmp_path / "a.png", exif=exif)
    from PIL import ImageOps

    with Image.open(tmp_path / "a.png") as stored:
        expected = np.asarray(ImageOps.exif_transpose(stored))
    picture = read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.rgb, expected)
    kept = Image.Exif()
    kept.load(picture.exif)
    assert kept.get(0x010F) == "maker" and 0x0112 not in kept


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK"])
def test_other_modes_become_rgb(draw: Draw, mode: str) -> None:
    picture = read_picture(draw("a.tif", mode))
    assert picture.rgb.shape == (16, 24, 3)
    assert picture.alpha is None
    assert picture.rgb[:8, :12].mean() > picture.rgb[8:, 12:].mean()


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_that_is_there_is_kept(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode, (4, 2), (10, 20, 30, 51) if mode == "RGBA" else (10, 51))
    image.save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert picture.alpha is not None and picture.alpha.dtype == np.float32
    np.testing.assert_allclose(picture.alpha, 0.2)


def test_a_palette_with_a_transparent_colour_has_alpha(tmp_path: Path) -> None:
    image = Image.new("P", (4, 2), 1)
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.putpixel((0, 0), 0)
    image.save(tmp_path / "a.png", transparency=0)
    picture = read_picture(tmp_path / "a.png")
    assert picture.alpha is not None
    assert picture.alpha[0, 0] == 0 and picture.alpha[0, 1] == 1
    np.testing.assert_array_equal(picture.rgb[1, 1], [255, 0, 0])


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_sixteen_bits_stay_sixteen_bits(tmp_path: Path, name: str) -> None:
    deep = np.random.default_rng(0).integers(0, 65535, (5, 7, 3)).astype(np.uint16)
    cv2.imwrite(str(tmp_path / name), deep[..., ::-1])
    picture = read_picture(tmp_path / name)
    np.testing.assert_array_equal(picture.pixels, deep)
    np.testing.assert_array_equal(picture.rgb, deep >> 8)


def test_sixteen_bit_grey_is_not_washed_out(tmp_path: Path) -> None:
    grey = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    cv2.imwrite(str(tmp_path / "a.png"), grey)
    picture = read_picture(tmp_path / "a.png")
    np.testing.assert_array_equal(picture.rgb[..., 1], grey >> 8)


def test_a_profile_is_understood_and_kept(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.new("RGB", (2, 2), (9, 99, 199)).save(tmp_path / "a.png", icc_profile=profile)
    picture = read_picture(tmp_path / "a.png")
    assert picture.profile == profile
    assert picture.rgb is picture.pixels


def test_a_broken_profile_harms_nobody(tmp_path: Path) -> None:
    Image.new("RGB", (2, 2), (9, 99, 199)).save(
        tmp_path / "a.png", icc_profile=b"\0" * 16 + b"RGB nonsense"
    )
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png").rgb[0, 0], [9, 99, 199])


def test_bytes_images_and_arrays_are_pictures_too(draw: Draw) -> None:
    path = draw("a.png")
    expected = read_picture(path).rgb
    with Image.open(path) as image:
        for source in (path.read_bytes(), image, expected, str(path)):
            np.testing.assert_array_equal(read_picture(source).rgb, expected)


def test_arrays_of_other_kinds_are_refused() -> None:
    for array in (
        np.zeros((2, 2, 3), np.float32),
        np.zeros((2, 2, 5), np.uint8),
        np.zeros(3, "u1"),
    ):
        with pytest.raises(PictureError, match="an array must"):
            read_picture(array)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "not a picture"), (b"hello, I am text", "not a picture")],
)
def test_what_is_no_picture_is_refused_in_one_line(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(content)
    with pytest.raises(PictureError, match=message) as caught:
        read_picture(path)
    assert "\n" not in str(caught.value) and "a.jpg" in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="no such file"):
        read_picture(tmp_path / "a.jpg")
    with pytest.raises(PictureError, match="directory"):
        read_picture(tmp_path)


def test_a_truncated_jpeg_is_refused(draw: Draw) -> None:
    path = draw("a.jpg", size=(200, 200))
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(PictureError, match="truncated"):
        read_picture(path)


def test_too_many_pixels_are_refused_by_a_limit_that_can_be_raised(draw: Draw) -> None:
    path = draw("a.png")
    with pytest.raises(PictureError, match=r"24x16 pixels, more than the limit of 300"):
        read_picture(path, max_pixels=300)
    assert read_picture(path, max_pixels=384).rgb.shape == (16, 24, 3)


def test_heic_names_the_extra_that_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic" + b"\0" * 100)
    with pytest.raises(ExtraError, match=r"figureground\[heif\]"):
        read_picture(path)


def test_mutated_files_give_a_picture_or_one_line(draw: Draw) -> None:
    random = np.random.default_rng(0)
    for name in ("a.png", "a.jpg", "a.webp", "a.tif", "a.gif", "a.bmp"):
        whole = draw(name).read_bytes()
        for _ in range(40):
            broken = bytearray(whole)
            for place in random.integers(0, len(broken), 4):
                broken[place] = random.integers(0, 256)
            cut = int(random.integers(len(broken) // 2, len(broken) + 1))
            try:
                picture = read_picture(bytes(broken[:cut]))
            except PictureError as error:
                assert "\n" not in str(error)
            else:
                assert picture.rgb.ndim == 3


def test_reading_leaves_pillows_own_limit_as_it_was(draw: Draw) -> None:
    before = Image.MAX_IMAGE_PIXELS
    read_picture(draw("a.png"))
    with pytest.raises(PictureError):
        read_picture(io.BytesIO(b"no").getvalue())
    assert before == Image.MAX_IMAGE_PIXELS
