"""Codecs, 10 bits a channel, and HDR."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from videos import SKIN, convert, draw, frames_of, make_deep_video, make_video, times_of

from figureground.errors import UsageError
from figureground.jobs.video_style import CHROMA_GREEN
from figureground.media.formats import VideoEncoding
from figureground.media.video_color import Coding, coding_of, to_planes, to_rgb
from figureground.media.video_reader import Part


def shown(path: Path) -> tuple[str, Coding, np.ndarray]:
    """Codec, coding and the last frame as a player for sRGB shows it."""
    with av.open(str(path)) as video:
        stream = video.streams.video[0]
        frame = list(video.decode(stream))[-1]
        coding = coding_of(frame, stream.codec_context)
        planes = to_planes(frame, coding, layout="yuv444p10le", size=(frame.height, frame.width))
        return stream.codec_context.name, coding, to_rgb(planes, coding, layout="yuv444p10le")


@pytest.mark.parametrize(
    ("name", "codec", "expected"),
    [
        ("a.mp4", "h265", "hevc"),
        ("a.mov", "h265", "hevc"),
        ("a.mp4", "av1", "libdav1d"),
        ("a.webm", "av1", "libdav1d"),
        ("a.mkv", "vp9", "vp9"),
    ],
)
def test_other_codecs_hold_the_person_over_green(
    tmp_path: Path, name: str, codec: str, expected: str
) -> None:
    video = make_video(tmp_path / "video.mp4", times=[0, 3600, 7200])
    convert(video, tmp_path / name, encoding=VideoEncoding(codec=codec))
    found, coding, rgb = shown(tmp_path / name)
    assert found == expected and coding.bits == 8
    assert len(frames_of(tmp_path / name)) == 3
    np.testing.assert_allclose(rgb[24, 24].astype(int), SKIN, atol=8)
    np.testing.assert_allclose(rgb[2, 60].astype(int), CHROMA_GREEN, atol=8)


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "vp9"), ("a.webm", "h265")])
def test_a_codec_that_the_container_cannot_hold_is_refused(
    tmp_path: Path, name: str, codec: str
) -> None:
    video = make_video(tmp_path / "video.mp4", times=[0])
    with pytest.raises(UsageError, match="holds"):
        convert(video, tmp_path / name, encoding=VideoEncoding(codec=codec))


@pytest.mark.parametrize("transfer", [1, 16, 18])
@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_ten_bits_and_hdr_are_kept_and_said(tmp_path: Path, transfer: int, name: str) -> None:
    video = make_deep_video(tmp_path / "video.mp4", transfer=transfer)
    notes = convert(video, tmp_path / name).notes
    assert len(notes) == 1 and "10 bits" in notes[0]
    _, coding, rgb = shown(tmp_path / name)
    assert (coding.bits, coding.transfer) == (10, transfer)
    np.testing.assert_allclose(rgb[24, 26].astype(int), SKIN, atol=12)
    np.testing.assert_allclose(rgb[2, 60].astype(int), CHROMA_GREEN, atol=12)


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_in_h264_becomes_sdr_and_says_so(tmp_path: Path, transfer: int) -> None:
    video = make_deep_video(tmp_path / "video.mp4", transfer=transfer)
    notes = convert(video, tmp_path / "a.mp4", encoding=VideoEncoding(codec="h264")).notes
    assert "range of sRGB" in notes[0]
    _, coding, rgb = shown(tmp_path / "a.mp4")
    assert (coding.bits, coding.transfer, coding.matrix) == (8, 1, 1)
    np.testing.assert_allclose(rgb[24, 26].astype(int), SKIN, atol=12)


def test_only_the_first_of_every_so_many_frames_is_kept(tmp_path: Path) -> None:
    video = make_video(tmp_path / "video.mp4")
    assert convert(video, tmp_path / "a.mp4", every=3).frames == 3
    whole, part = frames_of(video), frames_of(tmp_path / "a.mp4")
    for number, rgb in zip((0, 3, 6), part, strict=True):
        place = 24, 20 + 2 * number
        np.testing.assert_allclose(rgb[place].astype(int), whole[number][place], atol=8)
    with pytest.raises(UsageError, match="1 or more"):
        convert(video, tmp_path / "b.mp4", every=0)


def test_pixels_that_are_not_square_are_shown_as_they_were(tmp_path: Path) -> None:
    source = tmp_path / "video.mp4"
    with av.open(str(source), "w") as out:
        video = out.add_stream("libx264", rate=25)
        video.height, video.width, video.pix_fmt = 46, 62, "yuv420p"
        video.codec_context.sample_aspect_ratio = Fraction(4, 3)
        out.mux(video.encode(av.VideoFrame.from_ndarray(draw(0, (46, 62)), format="rgb24")))
        out.mux(video.encode(None))
    shapes = {"a.mp4": (46, 62, Fraction(4, 3)), "a.mkv": (46, 62, Fraction(4, 3)),
              "a.webm": (46, 83, Fraction(1))}  # fmt: skip
    for name, shape in shapes.items():
        convert(source, tmp_path / name)
        with av.open(str(tmp_path / name)) as out:
            frame = next(out.decode(video=0))
            ratio = out.streams.video[0].codec_context.sample_aspect_ratio
            assert (frame.height, frame.width, ratio or Fraction(1)) == shape


@pytest.mark.parametrize("count", [1, 2])
def test_h265_holds_a_frame_or_two(tmp_path: Path, count: int) -> None:
    video = make_deep_video(tmp_path / "video.mp4")
    for number in range(3):  # what the encoder makes up differs from one time to the next
        target = tmp_path / f"{number}.mp4"
        convert(video, target, part=Part(frames=count))
        with av.open(str(target)) as out:
            packets = [packet for packet in out.demux() if packet.size]
        assert [packet.dts for packet in packets] == [packet.pts for packet in packets]
        assert times_of(target) == pytest.approx([i / 25 for i in range(count)])


def test_av1_takes_videos_of_any_rate(tmp_path: Path) -> None:
    times = [i * 180 for i in range(6)]  # 500 frames a second
    video = make_video(tmp_path / "video.mp4", times=times, sound=None, rate=500)
    convert(video, tmp_path / "a.mp4", encoding=VideoEncoding(codec="av1"))
    assert times_of(tmp_path / "a.mp4") == pytest.approx([i / 500 for i in range(6)], abs=1e-4)
