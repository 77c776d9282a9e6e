"""Every frame of a file at its time, and a true word about those that are not there."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.error import InvalidDataError
from videos import SIZE, draw, make_video

from figureground.media.video_decode import StreamDecoder
from figureground.media.video_reader import Frame, VideoReader

TWENTY = [i * 3600 for i in range(20)]  # times of frames


def make_avi(path: Path, codec: str, times: range | list[int], *, between: int = 0) -> Path:
    """A silent AVI of 25 frames a second, with frames that refer to later ones between others."""
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=25)
        video.height, video.width, video.pix_fmt = 48, 64, "yuv420p"
        video.codec_context.max_b_frames, video.codec_context.gop_size = between, 20
        for time in times:
            frame = av.VideoFrame.from_ndarray(draw(time % 8), format="rgb24")
            frame.pts, frame.time_base = time, Fraction(1, 25)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    return path


def read(path: Path) -> tuple[list[Frame], VideoReader]:
    reader = VideoReader(path)  # open, since a closed file tells nothing of its streams
    return [item for item in reader if isinstance(item, Frame)], reader


@pytest.mark.parametrize(
    ("codec", "between"), [("libx264", 2), ("libx264", 0), ("mpeg4", 2), ("mpeg4", 0)]
)
def test_avi_gives_every_frame_in_its_turn(tmp_path: Path, codec: str, between: int) -> None:
    frames, reader = read(make_avi(tmp_path / "video.avi", codec, range(24), between=between))
    assert [frame.pts for frame in frames] == list(range(24))
    for number, frame in enumerate(frames):  # the disc's left edge tells which one it is
        edge = 8 + 2 * (number % 8)
        row = frame.planes.luma[24].astype(int)
        assert abs(int(row[edge + 3]) - int(row[edge - 4])) > 30, number
    assert (reader.damaged, reader.missing) == (0, 0)


def test_places_that_an_avi_leaves_empty_are_no_missing_frames(tmp_path: Path) -> None:
    times = [0, 1, 2, 3, 8, 9, 10, 20, 21]
    frames, reader = read(make_avi(tmp_path / "video.avi", "mpeg4", times))
    assert [frame.pts for frame in frames] == times and reader.missing == 0


def test_frames_that_an_edit_list_hides_are_no_missing_ones(tmp_path: Path) -> None:
    source = make_video(tmp_path / "video.mp4", times=TWENTY, sound=None)
    with av.open(str(source)) as video, av.open(str(tmp_path / "edit.mp4"), "w") as edited:
        copy = edited.add_stream_from_template(video.streams[0])
        for packet in video.demux():
            if packet.size:
                ticks = round(Fraction(2, 10) / packet.time_base)
                packet.pts, packet.dts = packet.pts - ticks, packet.dts - ticks
                packet.stream = copy
                edited.mux(packet)
    frames, reader = read(tmp_path / "edit.mp4")
    assert len(frames) == 15 and reader.missing == 0


def test_a_file_that_is_cut_off_tells_how_much_is_missing(tmp_path: Path) -> None:
    video = make_video(tmp_path / "video.mkv", times=[i * 3600 for i in range(50)])
    assert read(video)[1].missing == 0
    video.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    frames, reader = read(video)
    assert 5 < len(frames) < 45
    assert len(frames) + reader.damaged + reader.missing == pytest.approx(50, abs=3)


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_transparency_is_read_from_the_second_image_of_a_packet(tmp_path: Path, codec: str) -> None:
    pixels = np.dstack([draw(0), np.full(SIZE, 255, np.uint8)])
    pixels[:, :32, 3] = 0
    with av.open(str(tmp_path / "video.webm"), "w") as container:
        video = container.add_stream(codec, rate=25, options={"auto-alt-ref": "0"})
        video.height, video.width, video.pix_fmt = *SIZE, "yuva420p"
        video.metadata["alpha_mode"] = "1"
        for time in range(3):
            frame = av.VideoFrame.from_ndarray(pixels, format="rgba")
            frame.pts, frame.time_base = time, Fraction(1, 25)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
    frames, reader = read(tmp_path / "video.webm")
    assert len(frames) == 3 and (reader.damaged, reader.missing) == (0, 0)
    for shown in frames:
        alpha = shown.planes.alpha  # type: ignore[attr-defined]
        assert alpha is not None
        assert alpha[:, :24].max() < 8 and alpha[:, 40:].min() > 247


def test_what_can_be_read_before_an_error_is_decoded_and_the_error_counted(tmp_path: Path) -> None:
    class Torn:
        """A file that cannot be read beyond its ninth packet."""

        def __getattr__(self, name: str) -> object:
            return getattr(video, name)

        def demux(self) -> Iterator[av.Packet]:
            for number, packet in enumerate(video.demux()):
                if number == 9:
                    raise InvalidDataError(0, "bad")
                yield packet

    with av.open(str(make_video(tmp_path / "video.mp4", sound=None, times=TWENTY))) as video:
        decoder = StreamDecoder(Torn(), video.streams.video[0], tmp_path / "video.mp4")
        assert len(list(decoder)) == 9
        assert (decoder.damaged, decoder.missing(Fraction(25))) == (1, 11)


def test_an_avi_whose_first_frames_are_damaged_stays_in_time(tmp_path: Path) -> None:
    video = make_avi(tmp_path / "video.avi", "libx264", range(60), between=2)
    data = bytearray(video.read_bytes())
    place = data.index(b"00dc", data.index(b"movi")) + 8
    for _ in range(20):  # to the next frame that needs no other
        length = int.from_bytes(data[place - 4 : place], "little")
        data[place : place + length] = b"\0\0\1\x09\xf0".ljust(length, b"\0")  # no image
        place += length + length % 2 + 8
    video.write_bytes(data)
    frames, reader = read(video)
    assert [frame.pts for frame in frames] == list(range(20, 60)) and reader.damaged == 20
