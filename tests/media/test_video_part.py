"""Parts of videos: the frames between two times, by their own numbers, and the sound with them."""

from fractions import Fraction
from math import ceil
from pathlib import Path

import av
import pytest
from numbered import RATE, heard_at, make_numbered, numbers_of, shown_numbers
from videos import convert, times_of

from figureground.errors import VideoError
from figureground.media.video_reader import Frame, Part, VideoReader

COUNT = 96  # frames: four seconds
LIVE = {"live": "1"}  # Matroska without an index
FILES = [
    ("h264", "a.mp4", None, {}),
    ("h264", "fragments.mp4", None, {"movflags": "frag_keyframe+empty_moov"}),
    ("h264", "a.mkv", None, {}),
    ("h264", "no-index.mkv", None, LIVE),
    ("vp9", "no-index.webm", None, LIVE),
    ("h264", "a.ts", None, {}),
    ("h264", "a.avi", None, {}),
    ("h264 plain", "a.avi", None, {}),
    ("mpeg4", "a.avi", None, {}),
    ("h264 open", "a.mp4", None, {}),
    ("h264 open", "a.mkv", None, {}),
    ("h264 open", "a.ts", None, {}),
    ("h264 open", "a.avi", None, {}),
    ("h265 open", "a.mp4", None, {}),
    ("h265 open", "a.mkv", None, {}),
    ("h265 open", "a.ts", None, {}),
    ("mpeg2", "a.ts", None, {}),
    ("mpeg2", "a.mpg", "mpeg", {}),
    ("mpeg2", "a.mkv", None, {}),
]
PARTS = [
    Part(),
    Part(start=1.5),
    Part(start=1.25, end=2.5),
    Part(start=0.52, end=3.0),
    Part(start=2.98),
    Part(end=1.0),
    Part(start=1.0, frames=3),
    Part(start=3.9),
]


def wanted(part: Part) -> list[int]:
    """Numbers of a part's frames."""
    first = ceil(round(part.start * RATE, 6))
    last = COUNT if part.end is None else ceil(round(part.end * RATE, 6))
    return list(range(first, last))[: part.frames]


@pytest.mark.parametrize(
    ("codec", "name", "kind", "options"), FILES, ids=[f"{file[0]} {file[1]}" for file in FILES]
)
def test_start_and_end_take_the_frames_between_them(
    tmp_path: Path, codec: str, name: str, kind: str | None, options: dict[str, str]
) -> None:
    video = make_numbered(tmp_path / name, codec, count=COUNT, kind=kind, options=options)
    for part in PARTS:
        with VideoReader(video, part) as reader:
            frames = [item for item in reader if isinstance(item, Frame)]
            assert (reader.damaged, reader.missing) == (0, 0), part
        found = numbers_of([float(f.planes.luma[8:-8].mean()) for f in frames], COUNT)
        assert found == wanted(part), part
        seconds = [number / float(RATE) for number in found]
        assert [frame.seconds for frame in frames] == pytest.approx(seconds, abs=2e-3)


@pytest.mark.parametrize(
    ("codec", "name", "kind", "sound"),
    [
        ("h264", "a.mp4", None, "aac"),
        ("h264 open", "a.ts", None, "aac"),
        ("mpeg2", "a.mpg", "mpeg", "mp2"),
        ("mpeg4", "a.avi", None, "pcm_s16le"),
        ("h264", "a.mkv", None, "libopus"),
        ("h264", "a.mov", None, "pcm_s16be"),
    ],
)
@pytest.mark.parametrize("target", ["out.mp4", "out.webm"])
def test_sound_stays_with_its_image_in_a_part(
    tmp_path: Path, codec: str, name: str, kind: str | None, sound: str, target: str
) -> None:
    video = make_numbered(
        tmp_path / name, codec, count=COUNT, kind=kind, sound=sound, clicks=(0.5, 1.75, 3.0)
    )
    for part in (Part(), Part(start=1.5, end=2.5), Part(start=1.3, end=2.8)):
        out = tmp_path / target
        convert(video, out, "side-by-side", part=part)
        assert shown_numbers(out, COUNT, width=64) == wanted(part)
        first = wanted(part)[0] / float(RATE)
        early = 1e-3 if target == "out.mp4" else 0.008  # Opus begins with what is not heard
        assert times_of(out)[0] == pytest.approx(first - part.start, abs=early)
        clicks = [c for c in (0.5, 1.75, 3.0) if part.start <= c < (part.end or 4)]
        exact = 1e-3 if target == "out.mp4" else 2e-3  # which rounds image and sound
        assert heard_at(out) == pytest.approx([c - first for c in clicks], abs=exact)


def test_the_last_frame_of_a_part_stays_until_its_end(tmp_path: Path) -> None:
    video = make_numbered(tmp_path / "slow.mkv", count=8, rate=RATE / 24)  # one a second
    part = Part(start=2, end=4.5)
    for name in ("o.mkv", "o.webm"):  # an MP4's ends with a usual frame where they are reordered
        convert(video, tmp_path / name, part=part)
        with VideoReader(tmp_path / name) as reader:
            count = sum(isinstance(item, Frame) for item in reader)
            assert (count, float(reader.ends)) == (3, pytest.approx(2.5, abs=2e-3))


def make_still(path: Path, codec: str, kind: str | None) -> Path:
    """Frames 0 to 3 a twelfth apart, the last for two seconds, then 4 to 7, the last for two more."""
    made = make_numbered(path.with_suffix(".nut"), codec, count=8, rate=Fraction(12))
    with av.open(str(made)) as source, av.open(str(path), "w", format=kind) as still:
        video = still.add_stream_from_template(source.streams.video[0])
        packets = [packet for packet in source.demux() if packet.size]
        for number, packet in enumerate(packets):
            second = round(1 / packet.time_base)
            packet.pts = packet.dts = round((number / 12 + 2 * (number > 3)) / packet.time_base)
            packet.duration = second // 12 + 2 * second * (number in (3, 7))
            packet.stream = video
            still.mux(packet)
    return path


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.mov", "a.ts"])
@pytest.mark.parametrize(
    ("part", "numbers", "lasts"),
    [
        (Part(start=1), [3, 4, 5, 6, 7], 3.67),
        (Part(start=1, end=2), [3], 1),
        (Part(start=1, frames=2), [3, 4], 1.42),
        (Part(start=3.5), [7], 1.17),
        (Part(start=3.5, end=4), [7], 0.5),
        (Part(start=2.2, end=2.24), [3], 0.04),
    ],
)
def test_a_part_that_begins_in_a_long_frame_begins_with_it(
    tmp_path: Path, name: str, part: Part, numbers: list[int], lasts: float
) -> None:
    video = make_still(tmp_path / name, "h264 plain", None)
    if name == "a.ts" and part.start > 3:
        return  # it does not say how long its last frame is shown
    for target in ("o.mkv", "o.mp4"):
        convert(video, tmp_path / target, "side-by-side", part=part)
        assert shown_numbers(tmp_path / target, 8, width=64) == numbers
        assert float(times_of(tmp_path / target)[0]) == pytest.approx(0, abs=2e-3)
        if name != "a.ts" and len(numbers) < 3:
            with VideoReader(tmp_path / target) as reader:
                assert sum(isinstance(item, Frame) for item in reader) == len(numbers)
                assert float(reader.ends) == pytest.approx(lasts, abs=0.02)


@pytest.mark.parametrize("name", ["a.ts", "a.webm", "pieces.mp4", "a.flv"])
def test_a_part_of_joined_recordings_is_found(tmp_path: Path, name: str) -> None:
    codec, options = "h264 plain", {}
    if name == "a.webm":
        codec, options = "vp9", {"live": "1"}
    if name == "pieces.mp4":
        options = {"movflags": "frag_keyframe+empty_moov"}
    one = make_numbered(tmp_path / f"one-{name}", codec, count=48, options=options)
    joined = tmp_path / name
    joined.write_bytes(one.read_bytes() * 2)
    for part, wanted in ((Part(start=1, end=1.5), 24), (Part(start=3, end=3.25), 72)):
        with VideoReader(joined, part) as reader:
            lumas = [float(f.planes.luma[8:-8].mean()) for f in reader if isinstance(f, Frame)]
        first = numbers_of(lumas, 48)[0]
        assert first == pytest.approx(wanted % 48, abs=1)  # a joint may last a frame longer


def test_a_part_after_the_end_is_told(tmp_path: Path) -> None:
    video = make_numbered(tmp_path / "a.ts", count=24)
    with pytest.raises(VideoError, match="from 5 s on"):
        convert(video, tmp_path / "o.mp4", part=Part(start=5))
    with pytest.raises(VideoError, match="from 5 s on"):
        still = make_still(tmp_path / "a.mkv", "h264 plain", None)
        convert(still, tmp_path / "o.mp4", part=Part(start=5))
