"""What files say of their images: kept where it is true of a cutout, left out where not."""

import io

import numpy as np
import pytest
from PIL import Image

from figureground.media.encode import encode_image
from figureground.media.images import read_image

IMAGE = Image.fromarray(np.zeros((4, 6, 3), np.uint8))


def save(kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    IMAGE.save(stream, kind, **options)
    return stream.getvalue()


def full_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "maker", 6
    exif[0x8769] = {0x9003: "2020:01:01 00:00:00", 0xA002: 6, 0xA003: 4}
    exif[0x8825] = {1: "N", 2: (1.0, 2.0, 3.0)}
    return exif


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_who_what_when_and_where_are_kept_and_the_old_orientation_and_size_are_not(
    kind: str,
) -> None:
    kept = Image.Exif()
    kept.load(read_image(save(kind, exif=full_exif().tobytes())).exif)
    assert kept[0x010F] == "maker" and 0x0112 not in kept
    assert kept.get_ifd(0x8769) == {0x9003: "2020:01:01 00:00:00"}
    assert kept.get_ifd(0x8825)[2] == (1.0, 2.0, 3.0)


def test_how_a_tiff_file_stored_its_pixels_is_left_behind() -> None:
    exif = read_image(save("TIFF", compression="tiff_lzw", tiffinfo={305: "program"})).exif
    kept = Image.Exif()
    kept.load(exif)
    assert dict(kept) == {305: "program"}


def test_reading_leaves_an_image_and_its_exif_as_they_were() -> None:
    image = Image.open(io.BytesIO(save("JPEG", exif=full_exif())))
    with image:
        read_image(image)
        assert image.getexif()[0x0112] == 6


def test_damaged_exif_keeps_no_image_from_being_read() -> None:
    whole = full_exif().tobytes()
    for cut in range(6, len(whole), 3):
        image = read_image(save("PNG", exif=whole[:cut]))
        assert image.rgb.size == 4 * 6 * 3


@pytest.mark.parametrize("value", [0, 9, 255])
def test_an_orientation_that_makes_no_sense_counts_as_upright(value: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = value
    assert read_image(save("PNG", exif=exif)).rgb.shape == (4, 6, 3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP"])
def test_resolution_is_read(kind: str) -> None:
    np.testing.assert_allclose(read_image(save(kind, dpi=(300, 150))).dpi, (300, 150), atol=0.02)


def test_resolution_that_makes_no_sense_is_left_out() -> None:
    assert read_image(save("PNG", dpi=(0, 0))).dpi is None
    assert read_image(save("PNG")).dpi is None


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".avif", ".tif"])
def test_letters_of_every_language_and_what_lies_deeper_are_kept(suffix: str) -> None:
    exif = Image.Exif()
    exif[0x8298], exif[0x013B] = "© Müller, 東京".encode(), "José".encode("latin-1")
    exif[0x8769] = {0x9003: "2020:01:01 00:00:00", 0xA005: {1: "R98"}}
    like = read_image(save("JPEG", exif=exif.tobytes()))
    result = encode_image(np.zeros((4, 6, 3), np.uint8), suffix, like=like)
    kept = Image.Exif()
    kept.load(read_image(result).exif)
    assert kept[0x8298].encode("latin-1").decode() == "© Müller, 東京"
    assert kept[0x013B] == "José"
    assert kept.get_ifd(0x8769)[0x9003] == "2020:01:01 00:00:00"
    assert kept.get_ifd(0xA005) == {1: "R98"}
