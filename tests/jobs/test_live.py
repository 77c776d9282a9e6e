"""What a camera sees, without its background."""

import sys
import time
import tkinter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import ImageTk
from videos import GREEN_AT, Redness, frames_of, make_video, times_of

from figureground.arrays import Alpha
from figureground.cli import live, main
from figureground.errors import VideoError
from figureground.jobs.live import Shown, Sink, run_live
from figureground.jobs.video_style import CHROMA_GREEN, VideoStyle
from figureground.media.display_sinks import Window
from figureground.media.planes import Planes
from figureground.media.video_open import open_container
from figureground.media.video_reader import VideoReader

TIMES = [900_000 + i * 3600 for i in range(8)]  # a clock that has run for a while, as cameras' have


def watch(video: Path, sink: Sink, *, paced: bool = False) -> Shown:
    with VideoReader(video) as reader:
        return run_live(reader, VideoStyle(), Redness(), sink, smooth=True, paced=paced)


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return make_video(tmp_path / "video.mp4", times=TIMES)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "open_video_engine", lambda path: Redness())


def test_who_is_slow_misses_frames_and_sees_new_ones(video: Path) -> None:
    seen: list[int] = []

    def slow(planes: Planes, pts: int) -> bool:
        time.sleep(0.1)
        seen.append(pts)
        return True

    shown = watch(video, slow)
    assert shown.frames == len(seen) < 8 and shown.frames + shown.dropped == 8
    assert seen[-1] == max(seen)


def test_what_is_no_camera_runs_no_faster_than_it_would_be_shown(video: Path) -> None:
    began = time.monotonic()
    shown = watch(video, lambda planes, pts: True, paced=True)
    assert 7 / 25 < time.monotonic() - began < TIMES[0] / 90_000  # its clock has run for 10 s
    assert shown.frames > 2


def test_a_sink_that_wants_no_more_ends_it(video: Path) -> None:
    assert watch(video, lambda planes, pts: False).frames == 0


def test_a_file_shows_the_person_over_green_from_time_nought(video: Path, tmp_path: Path) -> None:
    assert main(["live", str(video), "-o", str(tmp_path / "me.mp4")]) == 0
    frames = frames_of(tmp_path / "me.mp4")
    assert np.abs(frames[0][GREEN_AT].astype(int) - CHROMA_GREEN).max() < 12
    assert times_of(tmp_path / "me.mp4")[0] == 0


def test_neither_source_nor_background_nor_an_earlier_recording_is_lost(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    behind, out = make_video(tmp_path / "behind.mp4"), tmp_path / "me.mp4"
    out.write_bytes(b"an earlier recording")
    before = video.read_bytes(), behind.read_bytes(), out.read_bytes()
    for target, told in ((video, "would be replaced"), (behind, "would be replaced"),
                         (out, "or --overwrite")):  # fmt: skip
        command = ["live", str(video), "--background", str(behind), "-o", str(target)]
        assert main(command) == 2
        error = capsys.readouterr().err
        assert told in error and error.count("\n") == 1
    assert (video.read_bytes(), behind.read_bytes(), out.read_bytes()) == before
    assert main([*command, "--overwrite"]) == 0
    assert frames_of(out)


def test_interrupted_it_ends_with_a_video_that_plays(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted(Redness):
        calls = 0

        def __call__(self, square: np.ndarray) -> Alpha:
            self.calls += 1
            if self.calls == 2:
                raise KeyboardInterrupt
            return super().__call__(square)

    monkeypatch.setattr(live, "open_video_engine", lambda path: Interrupted())
    assert main(["live", str(video), "-o", str(tmp_path / "me.mp4"), "--no-smoothing"]) == 0
    assert len(frames_of(tmp_path / "me.mp4")) == 1
    assert "1 frame shown" in capsys.readouterr().err


def test_a_graph_of_filters_is_a_source(tmp_path: Path) -> None:
    out = tmp_path / "graph.mp4"
    source = "lavfi:testsrc2=size=64x48:rate=50:duration=0.2"
    assert main(["live", source, "-o", str(out), "--kind", "mask"]) == 0
    assert frames_of(out)[0].shape == (48, 64, 3)


def test_no_camera_no_display_and_no_driver_are_one_line_each(
    video: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**options: object) -> None:
        raise RuntimeError("no v4l2loopback\n devices")

    def no_display() -> None:
        raise tkinter.TclError("no display")

    monkeypatch.setattr(tkinter, "Tk", no_display)
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    lines = {
        "cannot open the camera 'none'": ["camera:none"],
        "cannot open a window: no display": [str(video)],
        "pip install 'figureground[camera]'": [str(video), "--camera"],
    }
    for told, words in lines.items():
        assert main(["live", *words]) == 1
        error = capsys.readouterr().err
        assert told in error and error.count("\n") == 1
    monkeypatch.setitem(sys.modules, "pyvirtualcam", SimpleNamespace(Camera=refuse))
    assert main(["live", str(video), "--camera"]) == 1
    assert "no v4l2loopback devices" in capsys.readouterr().err


def test_other_programs_get_images(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[np.ndarray] = []

    def camera(*, width: int, height: int, fps: float) -> SimpleNamespace:
        assert (width, height, fps) == (64, 48, 25)
        return SimpleNamespace(send=sent.append, close=lambda: sent.append(np.zeros(0)))

    monkeypatch.setitem(sys.modules, "pyvirtualcam", SimpleNamespace(Camera=camera))
    assert main(["live", str(video), "--camera"]) == 0
    assert sent[0].shape == (48, 64, 3) and sent[0].dtype == np.uint8
    assert not sent[-1].size  # closed in the end


def test_cameras_are_opened_as_each_system_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def note(name: str, *, format: str, options: dict[str, str]) -> None:
        asked.append((name, format))
        raise OSError("busy")

    monkeypatch.setattr("figureground.media.video_open.av.open", note)
    for system, name in (("linux", "0"), ("darwin", "0"), ("win32", "Webcam")):
        monkeypatch.setattr(sys, "platform", system)
        with pytest.raises(VideoError, match="busy"):
            open_container(Path(f"camera:{name}"))
    assert asked == [("/dev/video0", "v4l2"), ("0", "avfoundation"), ("video=Webcam", "dshow")]


def test_a_window_shows_images_until_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    closing: list[Callable[[], None]] = []
    root = SimpleNamespace(
        title=lambda name: None, update=lambda: None, destroy=lambda: shown.append("destroyed"),
        protocol=lambda name, call: closing.append(call),
    )  # fmt: skip
    label = SimpleNamespace(pack=lambda: None, configure=lambda image: shown.append(image))
    monkeypatch.setattr(tkinter, "Tk", lambda: root)
    monkeypatch.setattr(tkinter, "Label", lambda root, borderwidth: label)
    monkeypatch.setattr(ImageTk, "PhotoImage", lambda image, master: image.size)
    window, rgb = Window("me"), np.zeros((4, 6, 3), np.uint8)
    assert window.show(rgb)
    closing[0]()
    assert not window.show(rgb)
    window.close()
    assert shown == [(6, 4), "destroyed"]
