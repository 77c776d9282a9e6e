"""Which encoder packs a video where the usual one is not there, or another is asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from videos import Redness, convert, frames_of, make_video

from figureground.cli import main
from figureground.errors import UsageError, VideoError
from figureground.media import video_encoders, video_formats
from figureground.media.formats import VideoEncoding
from figureground.media.video_encoders import can_encode, choose_encoder
from figureground.media.video_formats import (
    AV1,
    ENCODERS,
    H264,
    VP9_ALPHA,
    encoder_options,
)
from figureground.media.video_reader import VideoReader

EXAMPLE = Path(__file__).parents[2] / "examples" / "astronaut.mp4"


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch):
    """Lets some encoders be missing, and others be there."""

    def set_up(*missing: str, there: tuple[str, ...] = ()) -> None:
        def stand_in(name: str, pix_fmt: str) -> bool:
            return name in there or (name not in missing and can_encode(name, pix_fmt))

        monkeypatch.setattr(video_encoders, "can_encode", stand_in)

    return set_up


def test_the_usual_encoder_is_taken_where_it_is_there() -> None:
    assert choose_encoder(H264, VideoEncoding()) == (H264, [])
    assert choose_encoder(H264, VideoEncoding(encoder="libx264")) == (H264, [])


@pytest.mark.skipif(sys.platform != "linux", reason="of glibc")
def test_bytes_do_not_depend_on_what_memory_held_before(tmp_path: Path) -> None:
    results = []
    for filling in ("0", "1"):  # of memory that was freed; only processors with AVX-512 told
        target = tmp_path / f"{filling}.mp4"
        words = "--background", "blue", "--frames", "20", "--quiet", "-o", str(target)
        subprocess.run(
            [sys.executable, "-m", "figureground", "remove", str(EXAMPLE), *words],
            env={**os.environ, "MALLOC_PERTURB_": filling}, check=True, timeout=120,
        )  # fmt: skip
        results.append(target.read_bytes())
    assert results[0] == results[1]


def test_another_takes_the_place_of_one_that_is_missing_and_is_told(without) -> None:
    without("libx264", there=("libopenh264",))
    codec, notes = choose_encoder(H264, VideoEncoding())
    assert (codec.name, codec.by_rate, codec.crf, codec.even) == ("libopenh264", True, None, True)
    assert notes == ["libopenh264 packs the video, since this FFmpeg has no libx264"]


def test_what_no_encoder_is_there_for_is_one_line(without, tmp_path: Path) -> None:
    without("libx264", "libsvtav1", "libvpx-vp9", *ENCODERS["libx264"], *ENCODERS["libsvtav1"])
    for codec in (H264, AV1, VP9_ALPHA):
        with pytest.raises(VideoError, match=f"no encoder {codec.name}") as said:
            choose_encoder(codec, VideoEncoding())
        assert len(str(said.value)) < 250
    with pytest.raises(VideoError, match="no encoder libx264"):
        convert(make_video(tmp_path / "a.mkv"), tmp_path / "o.mp4")
    assert not (tmp_path / "o.mp4").exists()


def test_a_quality_is_not_silently_dropped(without) -> None:
    without("libx264", there=("libopenh264",))
    with pytest.raises(VideoError, match="no encoder libx264"):
        choose_encoder(H264, VideoEncoding(crf=20))
    with pytest.raises(UsageError, match="--bitrate"):
        encoder_options(H264, VideoEncoding(encoder="libopenh264", crf=20))


@pytest.mark.parametrize("encoder", ["libx265", "h264", "nonsense", "libvpx-vp9"])
def test_an_encoder_of_another_codec_is_refused(encoder: str) -> None:
    with pytest.raises(UsageError, match="--encoder takes libx264, libopenh264"):
        encoder_options(H264, VideoEncoding(encoder=encoder))


@pytest.mark.parametrize("bitrate", [None, 300_000])
def test_another_encoder_goes_by_a_rate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bitrate: int | None
) -> None:
    known = {**ENCODERS, "libx264": ("mpeg4",)}  # which every FFmpeg has
    monkeypatch.setattr(video_formats, "ENCODERS", known)
    video, target = make_video(tmp_path / "a.mkv"), tmp_path / "o.mp4"
    encoding = VideoEncoding(encoder="mpeg4", bitrate=bitrate)
    outcome = convert(video, target, encoding=encoding, engine=Redness())
    assert outcome.frames == 8 and len(frames_of(target)) == 8
    assert b"mp4v" in target.read_bytes()


def test_a_graphics_card_that_is_not_there_is_one_line(
    tmp_path: Path, astronaut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video, target = str(astronaut.with_suffix(".mp4")), tmp_path / "o.mp4"
    words = ["remove", video, "-o", str(target), "--frames", "2", "--encoder"]
    if main([*words, "h264_nvenc"]) == 0:  # there is one
        return
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and len(said) < 320 and "h264_nvenc" in said
    assert main([*words, "hevc_nvenc"]) == 2 and not target.exists()


@pytest.mark.parametrize(("cores", "threads"), [(64, 4), (2, 2), (None, 1)])
def test_codecs_hold_the_frames_of_few_threads_however_many_cores_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int | None, threads: int
) -> None:
    source, target = make_video(tmp_path / "a.mp4", size=(256, 256)), tmp_path / "b.mp4"
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    with VideoReader(source) as reader:
        assert reader.stream.codec_context.thread_count == threads
    convert(source, target)
    assert f" threads={threads} ".encode() in target.read_bytes()  # as libx264 notes
