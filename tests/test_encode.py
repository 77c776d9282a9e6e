"""Writing pictures: exact, whole, and clear about what cannot be."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from figureground.errors import PictureError
from figureground.media.atomic import write_whole
from figureground.media.encode import check_format, write_picture
from figureground.media.pictures import Picture, read_picture

PIXELS = np.random.default_rng(0).integers(0, 255, (6, 9, 4)).astype(np.uint8)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_lossless_formats_bring_every_pixel_back(tmp_path: Path, name: str, kind: type) -> None:
    pixels = PIXELS.astype(kind) * (np.iinfo(kind).max // 255)
    write_picture(pixels, tmp_path / name)
    again = read_picture(tmp_path / name)
    np.testing.assert_array_equal(again.pixels, pixels[..., :3])
    np.testing.assert_allclose(again.alpha, pixels[..., 3] / np.iinfo(kind).max, atol=1e-6)


@pytest.mark.parametrize("name", ["a.webp", "a.avif"])
def test_other_formats_keep_transparency(tmp_path: Path, name: str) -> None:
    write_picture(PIXELS, tmp_path / name)
    again = read_picture(tmp_path / name)
    np.testing.assert_allclose(again.alpha, PIXELS[..., 3] / 255, atol=0.1)


def test_profile_and_exif_of_the_original_are_kept(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x010F] = "maker"
    like = Picture(
        pixels=PIXELS[..., :3], rgb=PIXELS[..., :3], profile=profile, exif=exif.tobytes()
    )
    for pixels in (PIXELS, PIXELS.astype(np.uint16)):
        write_picture(pixels, tmp_path / "a.png", like=like)
        assert read_picture(tmp_path / "a.png").profile == profile
    write_picture(PIXELS, tmp_path / "b.png", like=like)
    assert read_picture(tmp_path / "b.png").exif == exif.tobytes()


def test_jpeg_refuses_transparency_and_names_what_has_it() -> None:
    with pytest.raises(PictureError, match=r"no transparency; take \.png"):
        check_format(Path("a.jpg"), alpha=True)
    check_format(Path("a.jpg"), alpha=False)


def test_an_unknown_ending_is_refused() -> None:
    with pytest.raises(PictureError, match=r"ends in \.png"):
        check_format(Path("a.xyz"), alpha=False)


def test_an_interrupted_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"before")

    def interrupted(temporary: Path) -> None:
        temporary.write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(path, interrupted)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_missing_folders_are_made(tmp_path: Path) -> None:
    write_picture(PIXELS, tmp_path / "x" / "y" / "a.png")
    assert (tmp_path / "x" / "y" / "a.png").is_file()


def test_a_folder_or_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(PictureError, match="in the way"):
        write_picture(PIXELS, tmp_path / "a.png")
    (tmp_path / "b").write_bytes(b"")
    with pytest.raises(PictureError, match="cannot write"):
        write_picture(PIXELS, tmp_path / "b" / "a.png")
