"""Videos of several scenes, with sound and subtitles, and what is in videos."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

SIZE, RATE = (96, 128), 10


def scene(number: int, frame: int) -> NDArray[np.uint8]:
    """A person of a kind who walks before another wall in each scene."""
    rows, columns = np.indices(SIZE)
    random = np.random.default_rng(number)
    rgb = np.empty((*SIZE, 3), np.uint8)
    rgb[:] = random.integers(20, 235, 3)
    rgb[rows % 16 < 8] = random.integers(20, 235, 3)
    at = 30 + 2 * (frame % 30)
    body = ((rows - 66) / 34) ** 2 + ((columns - at) / 16) ** 2 < 1
    head = ((rows - 26) / 14) ** 2 + ((columns - at) / 11) ** 2 < 1
    rgb[body], rgb[head] = (40, 60, 130), (220, 170, 140)
    return rgb


def make_scenes(path: Path, *, scenes: int, frames: int, keys: int) -> Path:
    """A video of scenes with a tone and subtitles; `keys` is how far apart key frames are."""
    path.with_suffix(".srt").write_text(
        "1\n00:00:00,500 --> 00:00:01,500\nfirst\n\n2\n00:00:03,000 --> 00:00:04,000\nsecond\n"
    )
    with av.open(str(path), "w") as container, av.open(str(path.with_suffix(".srt"))) as text:
        options = {"crf": "12", "g": str(keys), "keyint_min": "1", "preset": "ultrafast", "bf": "2"}
        video = container.add_stream("libx264", rate=RATE, options=options)
        video.height, video.width, video.pix_fmt = *SIZE, "yuv420p"
        tone = container.add_stream("aac", rate=48_000, layout="mono")
        words = container.add_stream_from_template(text.streams.subtitles[0])
        for number in range(scenes * frames):
            rgb = scene(number // frames, number % frames)
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            if number % frames == 0:  # as encoders find by themselves at fuller presets
                frame.pict_type = av.video.frame.PictureType.I
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        for packet in text.demux():
            if packet.size:
                packet.stream = words
                container.mux(packet)
        for start in range(0, 48_000 * scenes * frames // RATE, 1024):
            wave = np.sin(2 * np.pi * 440 * np.arange(start, start + 1024) / 48_000)
            sound = av.AudioFrame.from_ndarray(wave[None].astype(np.float32), "fltp", "mono")
            sound.sample_rate, sound.pts, sound.time_base = 48_000, start, Fraction(1, 48_000)
            container.mux(tone.encode(sound))
        container.mux(tone.encode(None))
    return path


def frames_of(path: Path) -> tuple[list[Fraction], NDArray[np.uint8]]:
    """When each frame is shown, and its luma and colours."""
    with av.open(str(path)) as video:
        frames = list(video.decode(video=0))
        times = [_time_of(frame) for frame in frames]
        return times, np.stack([frame.to_ndarray(format="yuv420p") for frame in frames])


def packets_of(path: Path, kind: str) -> list[tuple[Fraction, bytes]]:
    """When each packet of a kind of stream begins, and what it holds."""
    with av.open(str(path)) as video:
        stream = next(one for one in video.streams if one.type == kind)
        return [(p.pts * p.time_base, bytes(p)) for p in video.demux(stream) if p.size]


def _time_of(frame: av.VideoFrame) -> Fraction:
    assert frame.pts is not None and frame.time_base is not None
    return Fraction(frame.pts * frame.time_base)
