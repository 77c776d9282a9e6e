"""Writing images: exact, whole, and clear about what cannot be."""

import errno
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms
from profiles import P3, make_profile

from figureground.errors import ImageError, UsageError
from figureground.media.encode import encode_image, write_image
from figureground.media.formats import Encoding, check_format
from figureground.media.images import DecodedImage, read_image

PIXELS = np.random.default_rng(0).integers(1, 255, (6, 9, 4)).astype(np.uint8)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_lossless_formats_bring_every_pixel_back(tmp_path: Path, name: str, kind: type) -> None:
    pixels: np.ndarray = PIXELS.astype(kind) * (np.iinfo(kind).max // 255)
    write_image(pixels, tmp_path / name)
    again = read_image(tmp_path / name)
    np.testing.assert_array_equal(again.pixels, pixels[..., :3])
    np.testing.assert_allclose(again.alpha, pixels[..., 3] / np.iinfo(kind).max, atol=1e-6)


@pytest.mark.parametrize("name", ["a.webp", "a.avif"])
def test_other_formats_keep_transparency(tmp_path: Path, name: str) -> None:
    write_image(PIXELS, tmp_path / name)
    again = read_image(tmp_path / name)
    np.testing.assert_allclose(again.alpha, PIXELS[..., 3] / 255, atol=0.1)


def test_profile_and_exif_of_the_original_are_kept(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x010F] = "maker"
    like = DecodedImage(
        pixels=PIXELS[..., :3], rgb=PIXELS[..., :3], profile=profile, exif=exif.tobytes()
    )
    for pixels in (PIXELS, PIXELS.astype(np.uint16)):
        write_image(pixels, tmp_path / "a.png", like=like)
        assert read_image(tmp_path / "a.png").profile == profile
    write_image(PIXELS, tmp_path / "b.png", like=like)
    assert read_image(tmp_path / "b.png").exif == exif.tobytes()


def test_jpeg_refuses_transparency_and_names_what_has_it() -> None:
    with pytest.raises(UsageError, match=r"no transparency; take \.png"):
        check_format(Path("a.jpg"), alpha=True)
    check_format(Path("a.jpg"), alpha=False)


def test_an_unknown_ending_is_refused() -> None:
    with pytest.raises(UsageError, match=r"ends in \.png"):
        check_format(Path("a.xyz"), alpha=False)


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_colours_that_nobody_sees_are_written_as_black(suffix: str) -> None:
    pixels = np.full((4, 5, 4), 200, np.uint8)
    pixels[1, 2, 3] = 0
    again = read_image(encode_image(pixels, suffix, encoding=Encoding(lossless=True)))
    assert again.pixels[1, 2].tolist() == [0, 0, 0]
    assert again.pixels[0, 0].tolist() == [200, 200, 200]
    assert pixels[1, 2].tolist() == [200, 200, 200, 0]  # the caller's own array stays as it was


def test_webp_without_loss_brings_every_pixel_back() -> None:
    data = encode_image(PIXELS, ".webp", encoding=Encoding(lossless=True))
    np.testing.assert_array_equal(read_image(data).pixels, PIXELS[..., :3])


@pytest.mark.parametrize("suffix", [".jpg", ".avif"])
def test_loss_is_not_hidden_where_none_was_asked_for(suffix: str) -> None:
    with pytest.raises(UsageError, match=r"without loss; take \.png"):
        encode_image(PIXELS[..., :3], suffix, encoding=Encoding(lossless=True))


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_a_lower_quality_makes_a_smaller_file(suffix: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    low, high = (
        encode_image(noise, suffix, encoding=Encoding(quality=quality)) for quality in (20, 95)
    )
    assert len(low) < len(high) / 2


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_sixteen_bits_become_eight_where_the_format_has_no_more(suffix: str) -> None:
    flat = np.full((16, 16, 3), 100 * 257, np.uint16)
    again = read_image(encode_image(flat, suffix)).pixels
    assert again.dtype == np.uint8
    np.testing.assert_allclose(again, 100, atol=2)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp", ".avif", ".jpg"])
def test_every_format_keeps_profile_and_exif(suffix: str) -> None:
    exif = Image.Exif()
    exif[0x8298] = "rights"
    rgb = PIXELS[..., :3]
    profile = make_profile(P3)
    like = DecodedImage(pixels=rgb, rgb=rgb, profile=profile, exif=exif.tobytes(), dpi=(300, 300))
    again = read_image(encode_image(rgb, suffix, like=like))
    assert again.profile == profile
    kept = Image.Exif()
    kept.load(again.exif)
    assert kept[0x8298] == "rights"
    if suffix in (".png", ".tif", ".jpg"):  # the others have no place for it
        np.testing.assert_allclose(again.dpi, 300, atol=0.01)


def test_metadata_can_be_left_out_but_not_the_profile_that_colours_need() -> None:
    exif = Image.Exif()
    exif[0x8298] = "rights"
    rgb, profile = PIXELS[..., :3], make_profile(P3)
    like = DecodedImage(pixels=rgb, rgb=rgb, profile=profile, exif=exif.tobytes(), dpi=(300, 300))
    data = encode_image(rgb, ".png", like=like, encoding=Encoding(metadata=False))
    again = read_image(data)
    assert (again.exif, again.dpi, again.profile) == (None, None, profile)


def test_a_mask_takes_no_profile_of_colours() -> None:
    rgb = PIXELS[..., :3]
    like = DecodedImage(pixels=rgb, rgb=rgb, profile=make_profile(P3))
    with Image.open(io.BytesIO(encode_image(PIXELS[..., 0], ".png", like=like))) as image:
        assert image.mode == "L" and "icc_profile" not in image.info


def test_exif_too_long_for_jpeg_is_left_out_and_the_image_written() -> None:
    exif = Image.Exif()
    exif[0x010E] = "x" * 70_000
    rgb = PIXELS[..., :3]
    like = DecodedImage(pixels=rgb, rgb=rgb, exif=exif.tobytes())
    assert read_image(encode_image(rgb, ".jpg", like=like)).exif is None
    assert read_image(encode_image(rgb, ".png", like=like)).exif == exif.tobytes()


def test_pixels_of_other_kinds_are_refused() -> None:
    for pixels in (
        np.zeros((2, 2, 3), np.float32),
        np.zeros((2, 2, 5), np.uint8),
        np.zeros((0, 2, 3), np.uint8),
        np.zeros(4, np.uint8),
    ):
        with pytest.raises(ImageError, match="pixels must"):
            encode_image(pixels, ".png")


def test_sides_longer_than_a_format_holds_are_refused() -> None:
    with pytest.raises(ImageError, match=r"up to 16383 pixels, this has 16384; take \.png"):
        encode_image(np.zeros((1, 16_384, 3), np.uint8), ".webp")


def test_settings_out_of_range_are_refused() -> None:
    with pytest.raises(UsageError, match="quality must be 0 to 100, got 101"):
        Encoding(quality=101)
    with pytest.raises(UsageError, match="0 to 9, got 10"):
        Encoding(level=10)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.webp", "a.avif", "a.tif"])
def test_a_failed_write_leaves_nothing_behind(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_half(path: Path, data: bytes) -> None:
        with path.open("wb") as stream:
            stream.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.raises(ImageError, match="No space left on device; free some space"):
        write_image(PIXELS[..., :3], tmp_path / name)
    assert list(tmp_path.iterdir()) == []
