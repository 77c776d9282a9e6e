"""Colour profiles are followed, not just carried along."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image
from profiles import P3, SRGB, make_grey_profile, make_ink_profile, make_profile

from figureground import chunks
from figureground.media.color import to_srgb
from figureground.media.encode import encode_image
from figureground.media.images import read_image
from figureground.media.png import chunk


def save(image: Image.Image, kind: str, profile: bytes) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, icc_profile=profile)
    return stream.getvalue()


def test_wide_colours_are_brought_to_srgb_for_the_network_and_kept_for_the_output() -> None:
    stored = np.full((3, 4, 3), (200, 100, 100), np.uint8)
    profile = make_profile(P3)
    image = read_image(save(Image.fromarray(stored), "PNG", profile))
    np.testing.assert_array_equal(image.pixels, stored)
    assert image.profile == profile
    red, green, _ = image.rgb[0, 0].tolist()
    assert red > 210 and green < 96  # the same red lies further out in the smaller space


def test_a_profile_that_is_srgb_by_another_name_changes_nothing() -> None:
    image = read_image(save(Image.new("RGB", (2, 2), (9, 99, 199)), "PNG", make_profile(P3)))
    assert image.rgb is not image.pixels
    own = np.full((2, 2, 3), 128, np.uint8)
    srgb = make_srgb_profile()
    assert to_srgb(own, srgb, mode="RGB") is own


def make_srgb_profile() -> bytes:
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_linear_light_in_the_primaries_of_srgb_is_not_taken_for_srgb() -> None:
    levels = np.full((1, 1, 3), 55, np.uint8)
    seen = to_srgb(levels, make_profile(SRGB, gamma=1.0), mode="RGB")
    np.testing.assert_allclose(seen, 128, atol=2)  # 55 / 255 of the light


def test_sixteen_bits_keep_their_profile_too() -> None:
    from figureground.media.encode import encode_image
    from figureground.media.images import DecodedImage

    deep = np.full((3, 4, 3), (200 * 257, 100 * 257, 100 * 257), np.uint16)
    like = DecodedImage(pixels=deep, rgb=deep, profile=make_profile(P3))
    for suffix in (".png", ".tif"):
        image = read_image(encode_image(deep, suffix, like=like))
        np.testing.assert_array_equal(image.pixels, deep)
        assert image.rgb.dtype == np.uint8 and image.rgb[0, 0, 0] > 210


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_inks_are_read_by_their_profile(kind: str) -> None:
    data = save(Image.new("CMYK", (16, 16), (255, 0, 0, 0)), kind, make_ink_profile())
    image = read_image(data)
    red, green, blue = image.rgb[8, 8].tolist()
    assert red > 200 and green < 90 and blue < 90  # cyan, by the naive formula
    assert image.profile is None and image.pixels is image.rgb


def test_inks_without_a_profile_are_read_by_the_plain_formula() -> None:
    stream = io.BytesIO()
    Image.new("CMYK", (2, 2), (255, 0, 0, 0)).save(stream, "TIFF")
    assert read_image(stream.getvalue()).rgb[0, 0].tolist() == [0, 255, 255]


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_is_read_by_its_profile(mode: str) -> None:
    opened = Image.new(mode, (2, 2), 55 if mode == "L" else (55, 102))
    image = read_image(save(opened, "PNG", make_grey_profile(gamma=1.0)))
    np.testing.assert_allclose(image.rgb, 128, atol=2)
    assert image.profile is None
    if mode == "LA":
        np.testing.assert_allclose(image.alpha, 0.4)


def test_a_profile_for_other_colours_than_the_image_has_is_passed_over() -> None:
    for profile in (make_ink_profile(), make_grey_profile(1.0), b"no profile at all"):
        image = read_image(save(Image.new("RGB", (2, 2), (9, 99, 199)), "PNG", profile))
        assert image.rgb[0, 0].tolist() == [9, 99, 199] and image.profile is None


def test_large_images_are_converted_in_strips_without_a_seam(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (50, 20, 3)).astype(np.uint8)
    whole = to_srgb(pixels, make_profile(P3), mode="RGB")
    monkeypatch.setattr(chunks, "CHUNK_BYTES", 600)
    np.testing.assert_array_equal(to_srgb(pixels, make_profile(P3), mode="RGB"), whole)


@pytest.mark.parametrize("channels", [1, 2])
def test_grey_of_sixteen_bits_is_read_by_its_profile(channels: int) -> None:
    linear = make_grey_profile(1.0)
    stored = np.full((4, 6, channels), 0x4040, np.uint16)
    deep = read_image(with_profile(encode_image(stored, ".png"), linear))
    shallow = np.full((4, 6, channels), 0x40, np.uint8)
    plain = read_image(with_profile(encode_image(shallow, ".png"), linear))
    assert plain.rgb[0, 0, 0] > 130  # a quarter of the light is more than half way up in sRGB
    assert deep.pixels.dtype == np.uint16 and deep.profile is None
    np.testing.assert_array_equal(deep.rgb, plain.rgb)


def with_profile(png: bytes, profile: bytes) -> bytes:
    """A PNG file with a profile after its first chunk."""
    return png[:33] + chunk(b"iCCP", b"x\0\0" + zlib.compress(profile)) + png[33:]
