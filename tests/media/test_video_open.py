"""Numbered images as a video."""

import sys
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from videos import SIZE, SKIN, Redness, convert, draw, frames_of, make_video, times_of

from figureground.cli import main
from figureground.errors import VideoError
from figureground.jobs.video import VideoTask, convert_video
from figureground.jobs.video_style import CHROMA_GREEN, VideoStyle
from figureground.media.video_open import has_second_layer, open_container


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Images 0007.png to 0011.png in a folder whose name needs care."""
    folder = tmp_path / "some [frames]"
    folder.mkdir()
    for number in range(5):
        cv2.imwrite(str(folder / f"{number + 7:04}.png"), draw(number)[..., ::-1])
    return folder


@pytest.mark.parametrize("name", ["", "%04d.png"])
def test_images_become_a_video_at_the_rate_that_is_asked_for(
    folder: Path, tmp_path: Path, name: str
) -> None:
    source = folder / name if name else folder
    video_job = VideoTask(
        source=source, target=tmp_path / "a.mp4", look=VideoStyle(), images=Fraction(10)
    )
    assert convert_video(video_job, Redness()).frames == 5
    assert times_of(tmp_path / "a.mp4") == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    for number, rgb in enumerate(frames_of(tmp_path / "a.mp4")):
        np.testing.assert_allclose(rgb[24, 20 + 2 * number].astype(int), SKIN, atol=8)
        np.testing.assert_allclose(rgb[2, 60].astype(int), CHROMA_GREEN, atol=8)


def test_a_sequence_is_named_after_its_folder(folder: Path) -> None:
    assert main(["remove", str(folder), "--sequence", "--frames", "1", "-q"]) == 0
    result = folder.with_name("some [frames].composite.mp4")
    assert len(frames_of(result)) == 1
    result.unlink()
    assert main(["remove", str(folder / "%04d.png"), "--fps", "5", "--frames", "2", "-q"]) == 0
    assert times_of(result) == pytest.approx([0, 0.2])


def test_no_images_or_several_kinds_are_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "a.jpg").write_bytes(b"")
    for source, words in ((folder, "of one kind"), (folder / "x%d.png", "no images")):
        with pytest.raises(VideoError, match=words):
            convert_video(
                VideoTask(source=source, target=tmp_path / "a.mp4", look=VideoStyle()), Redness()
            )


def test_a_number_that_is_left_out_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / "0009.png").unlink()
    (folder / "13.png").write_bytes(b"")  # its number has not four digits
    with pytest.raises(VideoError, match=r"from 7 to 11, number 9 is not there; .*--sequence"):
        convert_video(VideoTask(source=folder / "%04d.png", target=tmp_path / "a.mp4", look=VideoStyle()),
                    Redness())  # fmt: skip


@pytest.mark.parametrize("width", [1, 3])
def test_a_folder_is_read_in_the_order_of_its_numbers(tmp_path: Path, width: int) -> None:
    folder = tmp_path / "100%dark"
    folder.mkdir()
    for number in range(8, 12):
        cv2.imwrite(str(folder / f"a2_{number:0{width}}b.png"), draw(number)[..., ::-1])
    convert(folder, tmp_path / "a.mp4")
    centres = [np.flatnonzero(rgb[24, :, 0] > 150).mean() for rgb in frames_of(tmp_path / "a.mp4")]
    np.testing.assert_allclose(centres, [20 + 2 * number for number in range(8, 12)], atol=0.6)


def test_a_gap_between_numbers_that_do_not_sort_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in (8, 9, 11):
        cv2.imwrite(str(tmp_path / "in" / f"{number}.png"), draw(number)[..., ::-1])
    with pytest.raises(VideoError, match=r"leading zeros, as in 0008\.png"):
        convert(tmp_path / "in", tmp_path / "a.mp4")
    with pytest.raises(VideoError, match="number 10 is not there; with leading zeros in all"):
        convert(tmp_path / "in" / "%d.png", tmp_path / "a.mp4")


def test_a_folder_of_names_without_numbers_is_read_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    for number, name in enumerate("abc"):
        cv2.imwrite(str(tmp_path / "in" / f"{name}.png"), draw(number)[..., ::-1])
    assert convert(tmp_path / "in", tmp_path / "a.mp4").frames == 3
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(VideoError, match=r"on Windows .* without a gap"):
        open_container(tmp_path / "in")


def test_what_is_transparent_already_stays_so(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(3):
        clear = np.full((*SIZE, 1), 255, np.uint8)
        clear[:24] = 0  # the upper half of the disc
        pixels = np.dstack([draw(0)[..., ::-1], clear])
        cv2.imwrite(str(tmp_path / "in" / f"{number}.png"), pixels)
    convert(tmp_path / "in", tmp_path / "a.mp4")
    rgb = frames_of(tmp_path / "a.mp4")[1].astype(int)
    np.testing.assert_allclose(rgb[18, 20], CHROMA_GREEN, atol=12)
    np.testing.assert_allclose(rgb[30, 20], SKIN, atol=12)
    convert(tmp_path / "in", tmp_path / "a.mov", "cutout")
    convert(tmp_path / "a.mov", tmp_path / "b.mov", "cutout")
    convert(tmp_path / "in", tmp_path / "a.webm", "cutout")
    convert(tmp_path / "a.webm", tmp_path / "c.mov", "cutout")
    for name in ("a.mov", "b.mov", "c.mov"):
        alpha = frames_of(tmp_path / name, kind="rgba")[1][..., 3]
        assert alpha[18, 20] < 8 and alpha[30, 20] > 247
    convert(tmp_path / "a.webm", tmp_path / "c.mp4")
    shown = frames_of(tmp_path / "c.mp4")
    assert len(shown) == 3
    np.testing.assert_allclose(shown[1][18, 20].astype(int), CHROMA_GREEN, atol=12)
    np.testing.assert_allclose(shown[1][30, 20].astype(int), SKIN, atol=12)


@pytest.mark.parametrize("name", ["my%20dance", "100%d", "%04d", "%d", "a%%20db"])
def test_a_file_whose_name_looks_numbered_is_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make_video(tmp_path / f"{name}.mp4", sound=None)
    cv2.imwrite(str(tmp_path / f"{name}.png"), draw(0)[..., ::-1])
    monkeypatch.chdir(tmp_path)
    assert main(["remove", f"{name}.mp4", "-o", f"out {name}.mp4", "-q"]) == 0
    assert len(frames_of(tmp_path / f"out {name}.mp4")) == 8
    assert main(["remove", f"{name}.png", "-o", f"out {name}.png", "-q"]) == 0
    assert cv2.imread(str(tmp_path / f"out {name}.png"), cv2.IMREAD_UNCHANGED).shape == (*SIZE, 4)
    behind = ["--background", f"{name}.png", "-o", "behind.mp4", "-q"]
    assert main(["remove", f"{name}.mp4", *behind]) == 0
    assert main(["remove", ".", "-o", "all", "-q"]) == 0
    made = {path.name for path in (tmp_path / "all").iterdir()}
    assert {f"{name}.cutout.png", f"{name}.cutout.webm"} <= made


def test_numbered_images_lie_in_a_folder_whose_name_looks_numbered(tmp_path: Path) -> None:
    folder = tmp_path / "50%d of 20%04d"
    folder.mkdir()
    for number in range(3):
        cv2.imwrite(str(folder / f"{number:04}.png"), draw(number)[..., ::-1])
    for source in (folder, folder / "%04d.png"):
        assert convert(source, tmp_path / "out.mp4").frames == 3
    target = tmp_path / "frames%d"
    assert convert(folder, target, "cutout").frames == 3
    assert len(list(target.iterdir())) == 3


@pytest.mark.parametrize("layers", [1, 2])
def test_a_second_layer_of_h265_is_noticed(tmp_path: Path, layers: int) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        options = {"x265-params": "log-level=error"}
        video = container.add_stream("libx265", rate=25, options=options)
        video.width = video.height = 64
        shade = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24")
        frames = [shade] * 8  # of fewer, x265 makes up when to decode them
        packets = [packet for frame in frames for packet in video.encode(frame)]
        container.mux([*packets, *video.encode(None)])
    one, two = b"\x40\x01\x0c\x01\xff\xff", b"\x40\x01\x0c\x11\xff\xff"  # video parameter sets
    data = path.read_bytes()
    assert one in data
    path.write_bytes(data.replace(one, two) if layers == 2 else data)
    with av.open(str(path)) as container:
        assert has_second_layer(container.streams.video[0]) == (layers == 2)
