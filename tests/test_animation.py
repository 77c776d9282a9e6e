"""Animations, a frame at a time, with their timing."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from figureground.errors import PictureError
from figureground.media.animation import count_frames, read_frames

COLORS = [(250, 0, 0), (0, 250, 0), (0, 0, 250)]
TIMES = [100, 250, 40]  # milliseconds; GIF counts in hundredths of a second


def animate(kind: str, **options: object) -> bytes:
    frames = [Image.new("RGB", (8, 6), color) for color in COLORS]
    stream = io.BytesIO()
    frames[0].save(stream, kind, save_all=True, append_images=frames[1:], duration=TIMES, **options)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_frames_come_in_order_and_with_their_times(kind: str) -> None:
    data = animate(kind)
    frames = list(read_frames(data))
    assert count_frames(data) == len(frames) == 3
    assert [frame.duration for frame in frames] == TIMES
    for frame, color in zip(frames, COLORS, strict=True):
        np.testing.assert_allclose(frame.picture.rgb[3, 4], color, atol=12)


@pytest.mark.parametrize(
    ("kind", "options", "plays"),
    [("GIF", {}, 1), ("GIF", {"loop": 0}, 0), ("GIF", {"loop": 4}, 5),
     ("WEBP", {"loop": 4}, 4), ("WEBP", {"loop": 0}, 0), ("PNG", {"loop": 4}, 4)],
)  # fmt: skip
def test_how_often_it_plays_means_the_same_for_all_formats(
    kind: str, options: dict[str, int], plays: int
) -> None:
    assert {frame.plays for frame in read_frames(animate(kind, **options))} == {plays}


def test_a_frame_that_only_tells_changes_is_laid_over_the_last() -> None:
    first = Image.new("RGB", (8, 6), (250, 0, 0))
    second = first.copy()
    second.paste((0, 0, 250), (0, 0, 2, 2))
    stream = io.BytesIO()
    first.save(stream, "GIF", save_all=True, append_images=[second], duration=50)
    last = list(read_frames(stream.getvalue()))[-1].picture.rgb
    assert last[0, 0].tolist() == [0, 0, 250] and last[5, 7].tolist() == [250, 0, 0]


def test_transparency_of_frames_is_kept() -> None:
    frames = [Image.new("RGBA", (8, 6), (250, 0, 0, level)) for level in (0, 255)]
    stream = io.BytesIO()
    frames[0].save(
        stream, "WEBP", save_all=True, append_images=frames[1:], lossless=True, exact=True
    )
    first, second = (frame.picture.alpha for frame in read_frames(stream.getvalue()))
    assert first is not None and first.max() == 0
    assert second is None


def test_a_png_whose_first_picture_stands_in_for_the_animation_is_read_without_it() -> None:
    frames = list(read_frames(animate("PNG", default_image=True)))
    assert [frame.picture.rgb[0, 0].tolist() for frame in frames] == [list(c) for c in COLORS[1:]]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_a_still_picture_is_one_frame(kind: str) -> None:
    frames = [Image.new("RGB", (8, 6), color) for color in COLORS]
    stream = io.BytesIO()
    pages = {"save_all": True, "append_images": frames[1:]} if kind == "TIFF" else {}
    frames[0].save(stream, kind, **pages)
    assert count_frames(stream.getvalue()) == len(list(read_frames(stream.getvalue()))) == 1


def test_frames_before_the_damage_are_read(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (3, 40, 40, 3)).astype(np.uint8)
    images = [Image.fromarray(frame) for frame in noise]
    path = tmp_path / "a.png"
    images[0].save(path, save_all=True, append_images=images[1:])
    path.write_bytes(path.read_bytes()[:-2000])
    frames = read_frames(path)
    np.testing.assert_array_equal(next(frames).picture.rgb, noise[0])
    with pytest.raises(PictureError, match=r"a\.png"):
        list(frames)


def test_frames_too_large_are_refused() -> None:
    with pytest.raises(PictureError, match="8x6 pixels, more than the limit of 40"):
        next(read_frames(animate("GIF"), max_pixels=40))
