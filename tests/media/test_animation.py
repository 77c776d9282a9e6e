"""Animations in and out: frames as they are seen, their times, how often they are shown."""

import io
import itertools
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from figureground.errors import ImageError, StyleError
from figureground.jobs.outputs import write_outputs
from figureground.jobs.remover import Remover
from figureground.jobs.style import Style
from figureground.media.animation import (
    AnimationEncoder,
    AnimationInfo,
    read_animation_info,
    read_frames,
)
from figureground.media.encode import encode_image
from figureground.media.formats import Encoding
from figureground.media.naming import Task
from figureground.media.png import chunk
from figureground.media.scheduling import usual_scheduling

TIMES = [100.0, 250.0, 40.0]
COLORS = [(200, 30, 30), (30, 200, 30), (30, 30, 200)]
EXACT = Encoding(lossless=True)


def frame(number: int) -> np.ndarray:
    """24 by 20, clear but for a square of one colour that moves to the right."""
    pixels = np.zeros((24, 20, 4), np.uint8)
    pixels[4:12, 5 * number : 5 * number + 5] = (*COLORS[number], 255)
    return pixels


def write(path: Path, *, plays: int = 0) -> Path:
    encoding = EXACT if path.suffix == ".webp" else Encoding()
    reel = AnimationEncoder(path, plays=plays, encoding=encoding)
    for number, time in enumerate(TIMES):
        reel.add(frame(number), time)
    reel.path.write_bytes(reel.join())
    return path


@pytest.mark.parametrize("suffix", [".webp", ".png", ".apng", ".gif"])
@pytest.mark.parametrize("plays", [0, 1, 3])
def test_what_is_written_is_read_again(tmp_path: Path, suffix: str, plays: int) -> None:
    path = write(tmp_path / f"a{suffix}", plays=plays)
    assert read_animation_info(path) == AnimationInfo(count=3, plays=plays)
    frames = list(read_frames(path))
    assert [frame.milliseconds for frame in frames] == TIMES
    for number, found in enumerate(frames):
        expected = frame(number)
        assert found.image.alpha is not None
        np.testing.assert_array_equal(found.image.alpha * 255, expected[..., 3])
        seen = expected[..., 3] > 0
        np.testing.assert_array_equal(found.image.pixels[seen], expected[seen][:, :3])


@pytest.mark.parametrize("suffix", [".webp", ".png", ".gif"])
def test_other_readers_see_the_same(tmp_path: Path, suffix: str) -> None:
    av = pytest.importorskip("av")
    path = write(tmp_path / f"a{suffix}")
    if suffix == ".webp":  # FFmpeg reads no animated WebP
        with Image.open(path) as image:
            assert image.n_frames == 3  # type: ignore[attr-defined]
        return
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="rgba") for frame in container.decode(video=0)]
    assert len(frames) == 3
    for number, found in enumerate(frames):
        seen = frame(number)[..., 3] > 0
        np.testing.assert_array_equal(found[seen], frame(number)[seen])
        assert found[~seen][:, 3].max() == 0


@pytest.mark.parametrize("disposal", [1, 2])
def test_what_earlier_frames_leave_standing_is_read(tmp_path: Path, disposal: int) -> None:
    path = tmp_path / "a.gif"
    first = Image.new("RGB", (8, 8), "red")
    second = first.copy() if disposal == 1 else Image.new("RGB", (8, 8), "blue")
    second.paste("lime", (0, 0, 4, 4))
    first.save(path, save_all=True, append_images=[second], duration=50, disposal=disposal)
    later = list(read_frames(path))[1].image.rgb
    np.testing.assert_array_equal(later, np.asarray(second))


def test_an_image_before_an_animation_is_no_part_of_it() -> None:
    stream = io.BytesIO()
    images = [Image.new("RGB", (4, 4), color) for color in ("red", "lime", "blue")]
    images[0].save(
        stream, "PNG", save_all=True, append_images=images[1:], default_image=True, duration=70
    )
    assert read_animation_info(stream.getvalue()) == AnimationInfo(count=2)
    assert [tuple(f.image.rgb[0, 0]) for f in read_frames(stream.getvalue())] == [
        (0, 255, 0),
        (0, 0, 255),
    ]


def test_a_still_image_does_not_move(astronaut: Path, tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "still.png")
    assert read_animation_info(astronaut) is None
    assert read_animation_info(tmp_path / "still.png") is None
    assert read_animation_info(np.zeros((4, 4, 3), np.uint8)) is None
    assert len(list(read_frames(astronaut))) == 1


def test_lossy_opaque_frames_of_webp_are_near(tmp_path: Path) -> None:
    reel = AnimationEncoder(tmp_path / "a.webp", encoding=Encoding())
    for level in (50, 180):
        reel.add(np.full((17, 33, 3), level, np.uint8), 60)
    reel.path.write_bytes(reel.join())
    for level, found in zip((50, 180), read_frames(tmp_path / "a.webp"), strict=True):
        assert found.image.alpha is None
        assert abs(found.image.rgb.astype(int) - level).max() <= 3


def test_frames_that_differ_in_size_are_refused(tmp_path: Path) -> None:
    reel = AnimationEncoder(tmp_path / "a.png", encoding=Encoding())
    reel.add(np.zeros((4, 4, 3), np.uint8), 10)
    with pytest.raises(ImageError, match="all alike"):
        reel.add(np.zeros((4, 5, 3), np.uint8), 10)
    with pytest.raises(ImageError, match=r"ends in \.png, .*\.webp"):
        AnimationEncoder(tmp_path / "a.jpg", encoding=Encoding())


def test_a_damaged_animation_is_refused_in_one_line(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png")
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(ImageError) as caught:
        list(read_frames(path))
    assert "\n" not in str(caught.value)


@pytest.fixture
def moving(astronaut: Path, tmp_path: Path) -> Path:
    """The astronaut, 128 pixels wide, dimmed from frame to frame."""
    with Image.open(astronaut) as image:
        small = image.resize((128, 128))
    path = tmp_path / "moving.webp"
    dim = [small.point(lambda level, by=by: int(level * by)) for by in (1.0, 0.9)]
    small.save(path, save_all=True, append_images=dim[1:], duration=[80, 120], loop=2, quality=95)
    return path


def test_people_are_cut_out_of_every_frame(moving: Path, tmp_path: Path) -> None:
    task = Task(
        source=moving,
        targets={"cutout": tmp_path / "c.png", "mask": tmp_path / "m.webp",
                 "composite": tmp_path / "c.jpg"},
    )  # fmt: skip
    write_outputs(Remover().remove(moving), task, Style(), Encoding())
    assert read_animation_info(tmp_path / "c.png") == AnimationInfo(count=2, plays=2)
    assert read_animation_info(tmp_path / "m.webp") == AnimationInfo(count=2, plays=2)
    assert read_animation_info(tmp_path / "c.jpg") is None
    frames = list(read_frames(tmp_path / "c.png"))
    assert [found.milliseconds for found in frames] == [80, 120]
    for found in frames:
        assert found.image.alpha is not None
        assert found.image.alpha[100, 55] > 0.95 and found.image.alpha[5, 5] < 0.15
    bright, dim = (found.image.rgb[100, 55].astype(int) for found in frames)
    assert dim.sum() < bright.sum()


def test_an_animation_is_not_framed_anew_in_every_frame(moving: Path, tmp_path: Path) -> None:
    task = Task(source=moving, targets={"cutout": tmp_path / "c.png"})
    with pytest.raises(StyleError, match="leave --crop"):
        write_outputs(Remover().remove(moving), task, Style(crop=0.1), Encoding())


def test_mattes_of_an_animation_are_steady_unless_told_otherwise(
    astronaut: Path, tmp_path: Path
) -> None:
    random = np.random.default_rng(5)
    with Image.open(astronaut) as image:
        still = np.asarray(image.resize((160, 160)).convert("RGB"), np.float32)
    noisy = [
        Image.fromarray(np.clip(still + random.normal(0, 12, still.shape), 0, 255).astype(np.uint8))
        for _ in range(4)
    ]
    path = tmp_path / "noisy.png"
    noisy[0].save(path, save_all=True, append_images=noisy[1:], duration=40)

    def flicker(remover: Remover) -> float:
        mattes = [cutout.alpha for cutout, _ in remover.remove_frames(path)]
        return float(np.mean([np.abs(b - a).mean() for a, b in itertools.pairwise(mattes)]))

    assert flicker(Remover()) < 0.5 * flicker(Remover(smooth=False))


def test_animated_avif_is_written_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.avif"
    reel = AnimationEncoder(path, encoding=Encoding(quality=100))
    for number, time in enumerate(TIMES):
        reel.add(frame(number), time)
    path.write_bytes(reel.join())
    assert read_animation_info(path) == AnimationInfo(count=3)
    frames = list(read_frames(path))
    assert [found.milliseconds for found in frames] == TIMES
    for number, found in enumerate(frames):
        assert found.image.alpha is not None
        np.testing.assert_allclose(found.image.alpha * 255, frame(number)[..., 3], atol=12)
        middle = (6, 5 * number + 2)
        np.testing.assert_allclose(found.image.rgb[middle], COLORS[number], atol=40)


def test_the_colours_of_an_animated_avif_are_followed(tmp_path: Path) -> None:
    reel = AnimationEncoder(tmp_path / "a.avif", encoding=Encoding(quality=95))
    for level in (200, 150):
        reel.add(np.full((16, 16, 3), (level, 100, 100), np.uint8), 40)
    whole = reel.join()
    told, wide = b"nclx\0\x01\0\x0d", b"nclx\0\x0c\0\x0d"
    frames = list(read_frames(whole.replace(told, wide)))
    assert len(frames) == 2 and all(found.image.profile for found in frames)
    assert frames[0].image.rgb[8, 8, 0] > 210


def test_a_still_avif_does_not_move(tmp_path: Path) -> None:
    still = encode_image(np.full((8, 8, 3), 99, np.uint8), ".avif")
    assert read_animation_info(still) is None
    assert len(list(read_frames(still))) == 1


def test_an_avif_that_other_programs_animated_is_read() -> None:
    av = pytest.importorskip("av")
    stream = io.BytesIO()
    with usual_scheduling(), av.open(stream, "w", format="avif") as container:
        video = container.add_stream("libsvtav1", rate=10, options={"preset": "10", "crf": "5"})
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        packets = []
        for level in (40, 120, 200):
            shade = np.full((64, 64, 3), level, np.uint8)
            packets += video.encode(av.VideoFrame.from_ndarray(shade, format="rgb24"))
        for packet in [*packets, *video.encode(None)]:
            container.mux(packet)
    frames = list(read_frames(stream.getvalue()))
    levels = [int(found.image.rgb.mean()) for found in frames]
    np.testing.assert_allclose(levels, [40, 120, 200], atol=8)
    assert [found.milliseconds for found in frames] == [100, 100, 100]


@pytest.mark.parametrize("suffix", [".webp", ".apng", ".gif", ".avif"])
def test_saving_writes_all_frames_as_the_command_does(
    moving: Path, tmp_path: Path, suffix: str
) -> None:
    cutout = Remover().remove(moving)
    task = Task(source=moving, targets={"cutout": tmp_path / f"command{suffix}"})
    write_outputs(cutout, task, Style(), Encoding())
    expected = list(read_frames(task.targets["cutout"]))
    assert len(expected) == 2
    cutout.save(tmp_path / f"saved{suffix}")
    stream = io.BytesIO()
    cutout.save(stream, format=suffix)
    whole = (tmp_path / f"saved{suffix}").read_bytes()
    for data in (whole, cutout.to_bytes(suffix[1:]), stream.getvalue()):  # an AVIF tells the time
        for own, frame in zip(read_frames(data), expected, strict=True):
            np.testing.assert_array_equal(own.image.pixels, frame.image.pixels)
            assert own.milliseconds == frame.milliseconds


def test_an_animation_saved_in_another_kind_and_as_a_still(moving: Path) -> None:
    cutout = Remover().remove(moving, background="white", feather=2)
    frames = list(read_frames(cutout.to_bytes("webp")))
    assert len(frames) == 2 and all(found.image.alpha is None for found in frames)
    assert read_animation_info(cutout.to_bytes("jpg")) is None


@pytest.mark.parametrize("numbers", [(12, 13, 0, 1), (9, 16, 0, 1)])
def test_the_colours_of_an_apng_are_followed_in_every_frame(numbers: tuple[int, ...]) -> None:
    reel = AnimationEncoder(Path("a.png"), encoding=Encoding())
    for level in (200, 150, 100):
        reel.add(np.full((16, 16, 3), (level, 100, 100), np.uint8), 40)
    whole = reel.join()
    told = chunk(b"cICP", bytes(numbers))
    frames = list(read_frames(whole[:33] + told + whole[33:]))
    assert len(frames) == 3
    for found in frames:
        hdr = numbers[1] == 16
        assert bool(found.image.notes) == hdr and bool(found.image.profile) == (not hdr)
    levels = [int(found.image.rgb[8, 8, 0]) for found in frames]
    assert levels == sorted(levels, reverse=True) and levels[0] > levels[2] + 30
