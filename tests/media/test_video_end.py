"""The last frame lasts as long as in the source, from and to every container."""

from fractions import Fraction
from pathlib import Path

import av
import pytest
from videos import SIZE, convert, draw, make_video

from figureground.media.animation import read_frames
from figureground.media.formats import VideoEncoding
from figureground.media.video_end import is_whole
from figureground.media.video_reader import Frame, Part, VideoReader

TIMES = [0, 1, 2, 3, 20, 21, 22]  # tenths of a second, as of a screen
END = 7.2  # seconds: the last frame is shown for five


def make_screen(path: Path, codec: str = "libx264", *, last: int = 5, bframes: int = 0) -> Path:
    """A video whose last frame is shown `last` seconds."""
    options = {"bf": str(bframes), "preset": "veryfast"} if codec == "libx264" else {}
    with av.open(str(path), "w") as film:
        video = film.add_stream(codec, rate=10, options=options)
        video.height, video.width, video.pix_fmt = *SIZE, "yuv420p"
        packets: list[av.Packet] = []
        for number, time in enumerate(TIMES):
            frame = av.VideoFrame.from_ndarray(draw(number), format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 10)
            packets += video.encode(frame)
        packets += video.encode(None)
        final = max(packets, key=lambda packet: packet.pts or 0)
        final.duration = round(last / final.time_base)
        packets[-1].duration = round((TIMES[-1] / 10 + last) / final.time_base) - packets[-1].pts
        film.mux(packets)
    return path


def lasts(path: Path) -> float:
    """When a video ends by FFmpeg's measure, seconds."""
    with av.open(str(path)) as film:
        return (film.duration + max(0, film.start_time or 0)) / av.time_base


@pytest.mark.parametrize("source", [("a.mp4", 0), ("a.mp4", 2), ("a.mov", 2), ("a.mkv", 0),
                                    ("a.mkv", 2)])  # fmt: skip
@pytest.mark.parametrize("name", ["o.mp4", "o.mov", "o.mkv", "o.webm"])
@pytest.mark.parametrize("resume", [None, "a"])
def test_a_result_lasts_as_long_as_its_source(
    tmp_path: Path, source: tuple[str, int], name: str, resume: str | None
) -> None:
    video = make_screen(tmp_path / source[0], bframes=source[1])
    outcome = convert(video, tmp_path / name, resume=resume, segment=3)
    assert (outcome.frames, outcome.missing) == (7, 0)
    assert lasts(tmp_path / name) == pytest.approx(END, abs=2e-3)
    again = tmp_path / f"again-{name}"
    assert convert(tmp_path / name, again, resume=resume, segment=3).missing == 0
    assert lasts(again) == pytest.approx(END, abs=3e-3)


@pytest.mark.parametrize("source", ["a.mp4", "a.mkv", "a.webm"])
@pytest.mark.parametrize("name", ["o.mp4", "o.webm", "o.gif"])
def test_even_times_go_on_to_the_end(tmp_path: Path, source: str, name: str) -> None:
    codec = "libvpx-vp9" if source.endswith("webm") else "libx264"
    video = make_screen(tmp_path / source, codec)
    outcome = convert(video, tmp_path / name, encoding=VideoEncoding(rate=Fraction(5)))
    assert outcome.frames == 36  # at most a step beyond


@pytest.mark.parametrize("source", ["a.mp4", "a.mkv", "a.webm", "a.gif"])
@pytest.mark.parametrize("name", ["o.gif", "o.webp", "o.png"])
def test_animations_last_as_long_too(tmp_path: Path, source: str, name: str) -> None:
    video = make_screen(tmp_path / "plain.mp4")
    if source != "plain.mp4":
        convert(video, tmp_path / source)
    convert(tmp_path / source, tmp_path / name)
    shown = [frame.milliseconds for frame in read_frames(tmp_path / name)]
    assert sum(shown) == pytest.approx(END * 1000, abs=10) and shown[-1] == pytest.approx(5000)


@pytest.mark.parametrize("start", [0.0, 0.25, 2.05])
def test_a_part_to_the_end_lasts_to_the_end(tmp_path: Path, start: float) -> None:
    for name in ("a.mp4", "a.mkv"):
        convert(make_screen(tmp_path / name), tmp_path / "o.mp4", part=Part(start=start))
        assert lasts(tmp_path / "o.mp4") == pytest.approx(END - start, abs=3e-3)


def test_a_file_that_is_cut_off_shows_its_last_frame_no_longer_than_usual(tmp_path: Path) -> None:
    times = [number * 3600 for number in range(50)]
    for name in ("a.mkv", "a.mp4"):
        video = make_video(tmp_path / name, times=times, sound=None)
        data = video.read_bytes()
        assert is_whole(video) == (name == "a.mkv")
        if name == "a.mp4":  # its index first, so that it can be read
            with (
                av.open(str(video)) as whole,
                av.open(
                    str(tmp_path / "first.mp4"), "w", container_options={"movflags": "faststart"}
                ) as first,
            ):
                copy = first.add_stream_from_template(whole.streams[0])
                for packet in whole.demux():
                    if packet.size:
                        packet.stream = copy
                        first.mux(packet)
            data = (tmp_path / "first.mp4").read_bytes()
        video.write_bytes(data[: len(data) * 3 // 4])
        assert not is_whole(video)
        with VideoReader(video) as reader:
            frames = [item for item in reader if isinstance(item, Frame)]
            assert 3 < len(frames) < 49 and reader.missing + reader.damaged > 0
            assert float(reader.ends) - frames[-1].seconds < 0.3


def test_what_is_no_matroska_is_not_whole(tmp_path: Path) -> None:
    odd = {
        "empty": b"",
        "short": b"\x1a\x45\xdf\xa3",
        "no-size": b"\x1a\x45\xdf\xa3\x00",
        "other": b"\x1a\x45\xdf\xa3\x80\x11\x11\x11\x11\x80",
        "live": b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01" + b"\xff" * 7,
    }
    for name, data in odd.items():
        (tmp_path / name).write_bytes(data)
        assert not is_whole(tmp_path / name), name
    assert not is_whole(tmp_path / "absent") and not is_whole(tmp_path)
    (tmp_path / "small").write_bytes(b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x81x")
    assert is_whole(tmp_path / "small")
