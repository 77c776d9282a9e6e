"""Sound that is copied, and sound that becomes another codec."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from videos import Redness, convert, draw, make_video, packets_of

from figureground.jobs.video import VideoTask, convert_video
from figureground.jobs.video_style import VideoStyle
from figureground.media.formats import VideoEncoding

FRAMES = 8  # 25 a second


def sounding(path: Path, codec: str, layout: str, rate: int) -> Path:
    """A video whose channels all hold one tone."""
    channels, count = av.AudioLayout(layout).nb_channels, rate // 25
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.height, video.width, video.pix_fmt = 48, 64, "yuv420p"
        sound = container.add_stream(codec, rate=rate, layout=layout)
        for number in range(FRAMES):
            container.mux(video.encode(av.VideoFrame.from_ndarray(draw(number), format="rgb24")))
            wave = np.sin(np.arange(number * count, (number + 1) * count) * 2765 / rate) / 2
            samples = np.tile(wave.astype(np.float32), (channels, 1))
            frame = av.AudioFrame.from_ndarray(samples, "fltp", layout)
            frame.sample_rate, frame.pts = rate, number * count
            frame.time_base = Fraction(1, rate)
            container.mux(sound.encode(frame))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))
    return path


@pytest.mark.parametrize(
    ("codec", "kind", "name"),
    [
        ("libmp3lame", ".avi", "out.mp4"),
        ("libmp3lame", ".mkv", "out.mov"),
        ("eac3", ".mkv", "out.m4v"),
    ],
)
def test_what_a_container_holds_is_copied_bit_for_bit(
    tmp_path: Path, codec: str, kind: str, name: str
) -> None:
    video, target = sounding(tmp_path / f"video{kind}", codec, "stereo", 48_000), tmp_path / name
    assert not [note for note in convert(video, target).notes if "sound" in note]
    copied = list(packets_of(target, "audio"))
    assert copied and copied == list(packets_of(video, "audio"))


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (("video.avi", "pcm_s16le", "stereo", 48_000), "out.mp4", ("aac", "stereo", 48_000)),
        (("video.avi", "pcm_u8", "mono", 11_025), "out.mp4", ("aac", "mono", 11_025)),
        (("video.avi", "libmp3lame", "stereo", 44_100), "out.webm", ("opus", "stereo", 48_000)),
        (("video.mkv", "ac3", "5.1(side)", 48_000), "out.webm", ("opus", "5.1", 48_000)),
        (("video.mkv", "flac", "2.1", 48_000), "out.mov", ("aac", "3.0", 48_000)),
        (("video.mkv", "pcm_s24le", "stereo", 192_000), "out.mp4", ("aac", "stereo", 48_000)),
        (("video.mkv", "pcm_s16le", "mono", 6000), "out.mp4", ("aac", "mono", 48_000)),
        (("video.mkv", "libmp3lame", "mono", 8000), "out.mp4", ("aac", "mono", 8000)),
    ],
)
def test_all_usual_sound_finds_a_codec_that_the_container_holds(
    tmp_path: Path, source: tuple[str, str, str, int], target: str, expected: tuple[str, str, int]
) -> None:
    video = sounding(tmp_path / source[0], *source[1:])
    [note] = convert(video, tmp_path / target).notes
    assert note.startswith(f"sound became {expected[0]}, since")
    with av.open(str(tmp_path / target)) as out:
        context = out.streams.audio[0].codec_context
        assert (context.name, context.layout.name, context.sample_rate) == expected
        samples = np.concatenate([f.to_ndarray()[0] for f in out.decode(audio=0)])
        rate = context.sample_rate
    heard = samples[rate // 8 : rate // 4]  # of 0.32 s
    assert np.sqrt((heard.astype(float) ** 2).mean()) == pytest.approx(0.5 / 2**0.5, rel=0.2)


def test_an_m4v_holds_h265_too(tmp_path: Path) -> None:
    video = make_video(tmp_path / "video.mp4", times=[0, 3600, 7200, 10_800])
    encoding = VideoEncoding(codec="h265")
    video_job = VideoTask(
        source=video, target=tmp_path / "a.m4v", look=VideoStyle(), encoding=encoding
    )
    assert convert_video(video_job, Redness()).frames == 4
    with av.open(str(tmp_path / "a.m4v")) as out:
        assert out.streams.video[0].codec_context.name == "hevc"


@pytest.mark.parametrize("name", ["out.mp4", "out.mkv"])
def test_sound_that_nothing_decodes_is_left_out(tmp_path: Path, name: str) -> None:
    video = make_video(tmp_path / "video.mov", sound="alac")
    video.write_bytes(video.read_bytes().replace(b"alac", b"zzzz"))
    [note] = convert(video, tmp_path / name).notes
    assert note == f"left out: audio (audio), which {name[3:]} cannot hold"


@pytest.mark.parametrize(("name", "codec"), [("out.mkv", "aac"), ("out.mp4", "aac"),
                                             ("out.webm", "opus")])  # fmt: skip
def test_which_sound_is_on_and_its_language_are_kept(tmp_path: Path, name: str, codec: str) -> None:
    with av.open(str(tmp_path / "video.mkv"), "w") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.height, video.width, video.pix_fmt = 48, 64, "yuv420p"
        sounds = [container.add_stream("aac", rate=48_000, layout="mono") for _ in range(2)]
        for sound, language in zip(sounds, ("eng", "deu"), strict=True):
            sound.metadata["language"] = language
        sounds[1].disposition = av.stream.Disposition.default
        for number in range(3):
            container.mux(video.encode(av.VideoFrame.from_ndarray(draw(number), format="rgb24")))
        for sound in sounds:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 5760), np.float32), "fltp", "mono")
            frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
            container.mux(sound.encode(frame))
        for stream in (video, *sounds):
            container.mux(stream.encode(None))  # type: ignore[attr-defined]
    convert(tmp_path / "video.mkv", tmp_path / name)
    with av.open(str(tmp_path / name)) as out:
        heard = out.streams.audio
        assert {sound.codec_context.codec.canonical_name for sound in heard} == {codec}
        assert [sound.metadata["language"] for sound in heard] == ["eng", "deu"]
        default = av.stream.Disposition.default
        assert [bool(sound.disposition & default) for sound in heard] == [False, True]
