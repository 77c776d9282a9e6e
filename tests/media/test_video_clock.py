"""Videos whose times begin anew or far from 0, mirrored videos, and the last frame's duration."""

from fractions import Fraction
from pathlib import Path
from struct import pack

import av
import numpy as np
import pytest
from numbered import heard_at, make_numbered, shown_numbers
from videos import SIZE, convert, draw, frames_of, make_video, times_of

from figureground.media.video_open import is_sequence
from figureground.media.video_part import turn_of
from figureground.media.video_reader import Frame, Part, VideoReader

TWENTY = [i * 3600 for i in range(20)]  # times of frames, 25 a second


def remuxed(source: Path, target: Path, *, kind: str, later: int = 0) -> Path:
    """The same packets in another container, `later` seconds later."""
    with (
        av.open(str(source)) as video,
        av.open(
            str(target), "w", format=kind, container_options={"avoid_negative_ts": "disabled"}
        ) as moved,
    ):
        copies = [moved.add_stream_from_template(stream) for stream in video.streams]
        for packet in video.demux():
            if packet.size:
                ticks = round(later / packet.time_base)
                packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
                packet.stream = copies[packet.stream.index]
                moved.mux(packet)
    return target


@pytest.mark.parametrize("sound", [None, "aac"])
@pytest.mark.parametrize("later", [0, 7, 3600])
def test_recordings_that_were_joined_are_read_to_their_end(
    tmp_path: Path, sound: str | None, later: int
) -> None:
    plain = make_video(tmp_path / "plain.mp4", times=TWENTY, sound=sound)
    first = remuxed(plain, tmp_path / "a.ts", kind="mpegts", later=later)
    second = remuxed(plain, tmp_path / "b.ts", kind="mpegts")
    joined = tmp_path / "joined.mp4"
    joined.write_bytes(first.read_bytes() + second.read_bytes())
    with VideoReader(joined) as reader:
        times = [item.seconds for item in reader if isinstance(item, Frame)]
    assert len(times) == 40 and times == sorted(times)
    assert times[20] - times[19] == pytest.approx(0.04, abs=0.1)
    assert convert(joined, tmp_path / "out.mp4").frames == 40


PIECES = {"movflags": "frag_keyframe+empty_moov"}


@pytest.mark.parametrize(
    "source",
    [
        ("recorder.webm", "vp9", "libopus", {"live": "1"}, None),
        ("silent.webm", "vp9", None, {"live": "1"}, None),
        ("whole.webm", "vp9", "libopus", {}, None),
        ("reordered.mkv", "h264", "libopus", {"live": "1"}, None),
        ("pieces.mp4", "h264", None, PIECES, None),
        ("plain-pieces.mp4", "h264 plain", "aac", PIECES, None),
        ("film.mpg", "mpeg2", "mp2", {}, "mpeg"),
        ("open.ts", "h264 open", "aac", {}, None),
        ("live.flv", "h264", "aac", {}, None),
        ("plain.flv", "h264 plain", "libmp3lame", {}, None),
        ("silent.flv", "h264", None, {}, None),
    ],
)
@pytest.mark.parametrize("resume", [None, "a"])
def test_parts_of_a_recorder_that_were_joined_lose_nothing(
    tmp_path: Path, source: tuple, resume: str | None
) -> None:
    name, codec, sound, options, kind = source
    one = make_numbered(
        tmp_path / f"one-{name}", codec, count=24, sound=sound, options=options, kind=kind,
        clicks=(0.5,),
    )  # fmt: skip
    joined = tmp_path / name
    joined.write_bytes(one.read_bytes() * 2)
    outcome = convert(joined, tmp_path / "out.mp4", "side-by-side", resume=resume, segment=20)
    assert (outcome.frames, outcome.damaged, outcome.missing) == (48, 0, 0)
    assert shown_numbers(tmp_path / "out.mp4", 24, width=64) == [*range(24), *range(24)]
    times = times_of(tmp_path / "out.mp4")
    assert times[24] - times[23] == pytest.approx(1 / 24, abs=0.1)
    if sound:
        first, second = heard_at(tmp_path / "out.mp4")
        after = float(times[24] - times[0])  # when the second part is shown
        assert first == pytest.approx(0.5, abs=0.03) and second - after == pytest.approx(
            first, abs=0.03
        )


@pytest.mark.parametrize(("kind", "name"), [("mpegts", "a.mp4"), ("matroska", "a.mkv")])
@pytest.mark.parametrize("later", [5, 3600])
def test_a_video_that_begins_far_from_nought_begins_at_nought(
    tmp_path: Path, kind: str, name: str, later: int
) -> None:
    plain = make_video(tmp_path / "plain.mp4", times=TWENTY, sound=None)
    outcome = convert(remuxed(plain, tmp_path / name, kind=kind, later=later), tmp_path / "o.mp4")
    assert (outcome.frames, outcome.missing) == (20, 0)
    times = times_of(tmp_path / "o.mp4")
    assert (float(times[0]), float(times[-1])) == pytest.approx((0, 0.76), abs=2e-3)


class Shown:
    """A frame that has a display matrix."""

    def __init__(self, a: float, b: float, c: float, d: float) -> None:
        matrix = (round(value * 65536) for value in (a, b, 0, c, d, 0, 0, 0, 16384))
        self.side_data = {"DISPLAYMATRIX": pack("=9i", *matrix)}


@pytest.mark.parametrize("a_b_c_d", [
    (1, 0, 0, 1), (-1, 0, 0, 1), (1, 0, 0, -1), (-1, 0, 0, -1),
    (0, 1, 1, 0), (0, 1, -1, 0), (0, -1, 1, 0), (0, -1, -1, 0),
])  # fmt: skip
def test_a_display_matrix_says_where_each_pixel_goes(a_b_c_d: tuple[int, ...]) -> None:
    a, b, c, d = a_b_c_d
    turn = turn_of(Shown(a, b, c, d))
    stored = np.arange(6).reshape(2, 3)
    places = {}
    for (y, x), value in np.ndenumerate(stored):
        places[int(value)] = (b * x + d * y, a * x + c * y)
    top = min(row for row, _ in places.values())
    left = min(column for _, column in places.values())
    upright = np.fliplr(stored) if turn.mirrored else stored
    upright = np.rot90(upright, turn.quarters)
    assert turn.exact
    for number, (row, column) in places.items():
        assert upright[row - top, column - left] == number


@pytest.mark.parametrize("matrix", [(1, 0.3, 0, 1), (0.7, 0.7, -0.7, 0.7), (0, 0, 0, 0)])
def test_odd_display_matrices_are_told_apart(matrix: tuple[float, ...]) -> None:
    assert not turn_of(Shown(*matrix)).exact


@pytest.mark.parametrize("name", ["o.mp4", "o.mov", "o.mkv", "o.webm"])
def test_the_last_frame_lasts_as_long_as_in_the_source(tmp_path: Path, name: str) -> None:
    with av.open(str(tmp_path / "long.mp4"), "w") as long:
        video = long.add_stream("mpeg4", rate=25)
        video.height, video.width, video.pix_fmt = *SIZE, "yuv420p"
        packets = []
        for time in range(20):
            frame = av.VideoFrame.from_ndarray(draw(time % 8), format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 25)
            packets += video.encode(frame)
        packets += video.encode(None)
        packets[-1].duration = round(5 / packets[-1].time_base)
        long.mux(packets)
    convert(tmp_path / "long.mp4", tmp_path / name)
    with av.open(str(tmp_path / name)) as made:
        assert made.duration / av.time_base == pytest.approx(0.76 + 5, abs=0.05)


@pytest.mark.parametrize("start", [0.1, 0.4, 0.6])
@pytest.mark.parametrize(("kind", "name"), [("mpegts", "a.mp4"), ("matroska", "a.mkv")])
def test_a_part_begins_with_the_frame_of_its_start(
    tmp_path: Path, kind: str, name: str, start: float
) -> None:
    plain = make_video(tmp_path / "plain.mp4", times=TWENTY, sound=None)
    source = remuxed(plain, tmp_path / name, kind=kind, later=2)
    with VideoReader(source, Part(start=start)) as reader:
        times = [item.seconds for item in reader if isinstance(item, Frame)]
    first = -(-Fraction(start).limit_denominator(100) // Fraction(1, 25))
    assert len(times) == 20 - first and times[0] == pytest.approx(first / 25, abs=2e-3)


def test_a_percent_sign_in_the_name_of_a_file_that_is_there_is_no_number(tmp_path: Path) -> None:
    video = make_video(tmp_path / "my%20dance.mp4", sound=None)
    assert not is_sequence(video) and is_sequence(tmp_path / "your%20dance.mp4")
    convert(video, tmp_path / "o.mp4")
    assert len(frames_of(tmp_path / "o.mp4")) == 8


@pytest.mark.parametrize("name", ["o.mp4", "o.mov"])
def test_a_timecode_is_kept(tmp_path: Path, name: str) -> None:
    with av.open(str(tmp_path / "coded.mov"), "w") as coded:
        video = coded.add_stream("mpeg4", rate=25)
        video.height, video.width, video.pix_fmt = *SIZE, "yuv420p"
        video.metadata["timecode"] = "01:02:03:04"
        for time in range(4):
            frame = av.VideoFrame.from_ndarray(draw(time), format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 25)
            coded.mux(video.encode(frame))
        coded.mux(video.encode(None))
    convert(tmp_path / "coded.mov", tmp_path / name)
    with av.open(str(tmp_path / name)) as made:
        assert made.streams.video[0].metadata["timecode"] == "01:02:03:04"
