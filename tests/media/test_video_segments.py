"""Videos that are killed, and go on."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from videos import SKIN, Redness, frames_of, make_video, packets_of, times_of

from figureground.errors import FileError, UsageError, VideoError
from figureground.jobs.video import VideoTask, convert_video
from figureground.jobs.video_style import VideoStyle
from figureground.media.formats import VideoEncoding
from figureground.media.video_reader import Part
from figureground.media.video_segments import decode_times
from figureground.media.video_writer import VideoWriter

KILLED = """
import os, signal, sys
from pathlib import Path
from videos import Redness
from figureground.jobs.video import VideoTask, convert_video
from figureground.jobs.video_style import VideoStyle
def progress(done, of):
    if done == 6:
        os.kill(os.getpid(), signal.SIGKILL)
video, target = map(Path, sys.argv[1:])
clip = VideoTask(source=video, target=target, look=VideoStyle(), resume="a", segment=2)
convert_video(clip, Redness(), progress)
"""


def resumed(source: Path, target: Path, stamp: str = "a", **options) -> VideoTask:
    return VideoTask(
        source=source, target=target, look=VideoStyle(), resume=stamp, segment=2, **options
    )


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
def test_a_killed_run_loses_its_last_segment_at_most(tmp_path: Path, name: str) -> None:
    video, target = make_video(tmp_path / "video.mp4"), tmp_path / name
    command = [sys.executable, "-c", KILLED, str(video), str(target)]
    paths = os.pathsep.join([str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    killed = subprocess.run(command, check=False, env={**os.environ, "PYTHONPATH": paths})
    assert killed.returncode == -signal.SIGKILL and not target.exists()
    outcome = convert_video(resumed(video, target), Redness())
    assert outcome.resumed in (4, 6) and outcome.resumed + outcome.frames == 8
    assert {path.name for path in tmp_path.iterdir()} == {"video.mp4", name}
    # Matroska knows no times below nought, where sound and encoder begin: all moves by 80 ms.
    late = times_of(target)[0]
    assert late <= (0.081 if name == "out.mkv" else 0)
    assert [time - late for time in times_of(target)] == pytest.approx(times_of(video), abs=1.1e-3)
    for number, rgb in enumerate(frames_of(target)):
        np.testing.assert_allclose(rgb[24, 20 + 2 * number].astype(int), SKIN, atol=8)
    assert list(packets_of(target, "audio")) == list(packets_of(video, "audio"))
    with av.open(str(target)) as out:
        assert out.metadata["title"] == "a disc"


def test_segments_of_other_settings_are_not_used(tmp_path: Path) -> None:
    video, target = make_video(tmp_path / "video.mp4"), tmp_path / "out.mp4"

    def stop(done: int, of: int | None) -> None:
        if done == 5:
            raise KeyboardInterrupt

    for stamp, again in (("a", 5), ("b", 0)):
        with pytest.raises(KeyboardInterrupt):
            convert_video(resumed(video, target), Redness(), stop)
        assert convert_video(resumed(video, target, stamp), Redness()).resumed == again


def test_a_part_is_resumed_too_and_begins_at_nought(tmp_path: Path) -> None:
    video, target = make_video(tmp_path / "video.mp4"), tmp_path / "out.mp4"
    convert_video(resumed(video, target, part=Part(start=0.08, end=0.2)), Redness())
    assert times_of(target) == pytest.approx([0, 0.04, 0.08], abs=1e-3)


def test_what_is_no_video_is_not_resumed(tmp_path: Path) -> None:
    video = make_video(tmp_path / "video.mp4")
    with pytest.raises(UsageError, match="only videos"):
        convert_video(resumed(video, tmp_path / "frames"), Redness())
    assert [path.name for path in tmp_path.iterdir()] == ["video.mp4"]


@pytest.mark.parametrize("part", [Part(), Part(frames=10), Part(start=0.3, end=0.9)])
@pytest.mark.parametrize(
    ("name", "codec", "kind"),
    [
        ("out.mp4", "h264", "composite"),
        ("out.mp4", "h265", "composite"),
        ("out.mp4", "av1", "composite"),
        ("out.mkv", "h264", "composite"),
        ("out.mov", "h264", "composite"),
        ("out.mov", None, "cutout"),
        ("out.webm", None, "cutout"),
    ],
)
def test_segments_show_and_sound_as_one_piece_does(
    tmp_path: Path, name: str, codec: str | None, kind: str, part: Part
) -> None:
    video = make_video(tmp_path / "video.mp4", times=[i * 3003 for i in range(32)])
    ways = {}
    for resume in (None, "a"):
        target = tmp_path / str(resume) / name
        video_job = VideoTask(source=video, target=target, look=VideoStyle(kind=kind), part=part, resume=resume,
                    segment=12, encoding=VideoEncoding(codec=codec))  # fmt: skip
        outcome = convert_video(video_job, Redness())
        with av.open(str(target)) as out:
            tag = out.streams.video[0].codec_context.codec_tag
            times = [(p.stream_index, p.pts) for p in out.demux() if p.size]
            length = out.duration
        ways[resume] = tag, length, sorted(times), outcome.notes
    assert ways[None] == ways["a"]


def test_times_of_decoding_rise_and_are_never_late() -> None:
    assert decode_times([0, 4, 2, 1, 3]) == [-2, -1, 0, 1, 2]
    assert decode_times([5, 6, 8]) == [5, 6, 8]


class Full(Redness):
    """Sees frames until the disk is full."""

    def __init__(self, segments: Path) -> None:
        self.segments = segments

    def __call__(self, square: np.ndarray) -> np.ndarray:
        if self.segments.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().__call__(square)


def test_what_stops_a_resumed_run_is_said_in_one_line(tmp_path: Path) -> None:
    video = make_video(tmp_path / "video.mp4")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(VideoError, match=r"cannot write.*File exists; choose another place"):
        convert_video(resumed(video, tmp_path / "file" / "out.mp4"), Redness())
    video_job = resumed(
        video, tmp_path / "out.mp4", smooth=False
    )  # the network looks at every frame
    with pytest.raises(VideoError, match=r"cannot write.*free some space"):
        convert_video(video_job, Full(tmp_path / ".out.mp4.parts"))
    late = Part(start=9.0)
    with pytest.raises(VideoError, match=r"no frames in .* from 9 s on"):
        convert_video(resumed(video, tmp_path / "late.mp4", part=late), Redness())


def test_a_segment_that_could_not_be_written_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    video, target = make_video(tmp_path / "video.mp4"), tmp_path / "out.mp4"
    write = VideoWriter.write_frame

    def fail(self: VideoWriter, planes: object, alpha: object, pts: int) -> None:
        if pts == 3 * 3600:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, planes, alpha, pts)

    monkeypatch.setattr(VideoWriter, "write_frame", fail)
    with pytest.raises(VideoError, match="free some space"):
        convert_video(resumed(video, target), Redness())
    monkeypatch.undo()
    assert convert_video(resumed(video, target), Redness()).resumed == 2
    assert len(frames_of(target)) == 8


@pytest.mark.parametrize("settings", [b"\xff\xfe\x00", b"\xed\xa0\x80", "a folder"])
def test_settings_that_are_no_text_are_begun_anew_and_told(
    tmp_path: Path, settings: bytes | str
) -> None:
    video, target = make_video(tmp_path / "video.mp4"), tmp_path / "out.mp4"
    parts = tmp_path / ".out.mp4.parts"
    parts.mkdir()
    if isinstance(settings, bytes):
        (parts / "settings.txt").write_bytes(settings)
    else:
        (parts / "settings.txt").mkdir()
    outcome = convert_video(resumed(video, target), Redness())
    assert outcome.frames == 8 and outcome.resumed == 0
    assert any("began anew" in note for note in outcome.notes) == isinstance(settings, bytes)


def test_settings_are_not_written_through_a_link(tmp_path: Path) -> None:
    video, target = make_video(tmp_path / "video.mp4"), tmp_path / "out.mp4"
    precious, parts = tmp_path / "precious", tmp_path / ".out.mp4.parts"
    precious.write_text("a")  # the very settings
    parts.mkdir()
    (parts / "settings.txt").symlink_to(precious)
    with pytest.raises(FileError, match="left alone"):
        convert_video(resumed(video, target), Redness())
    assert precious.read_text() == "a" and not target.exists()
