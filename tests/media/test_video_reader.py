"""A part of a video, with the sound that belongs to it."""

from pathlib import Path

import av
import pytest
from videos import make_video

from figureground.media.video_reader import Frame, Part, VideoReader

FRAME, SOUND = 0.04, 1024 / 48_000  # seconds that one lasts, and a packet of sound


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Two and a half seconds whose video and sound take turns of a second, as phones write them."""
    plain = make_video(tmp_path / "plain.mp4", times=[i * 3600 for i in range(62)])
    options = {"chunk_duration": "1000000"}
    with av.open(str(plain)) as source, av.open(str(tmp_path / "a.mp4"), "w", options=options) as a:
        copies = [a.add_stream_from_template(stream) for stream in source.streams]
        for packet in source.demux():
            if packet.size:
                packet.stream = copies[packet.stream.index]
                a.mux(packet)
    return tmp_path / "a.mp4"


@pytest.mark.parametrize("name", ["a.mp4", "plain.mp4"])
@pytest.mark.parametrize(
    ("part", "end"),
    [
        (Part(end=1.4), 1.4),
        (Part(frames=35), 1.4),
        (Part(frames=10), 0.4),
        (Part(start=0.6, frames=20), 1.4),
        (Part(frames=40, end=1.4), 1.4),
        (Part(), 62 * FRAME),
    ],
)
def test_sound_ends_with_the_image(video: Path, name: str, part: Part, end: float) -> None:
    with VideoReader(video.with_name(name), part) as reader:
        items = list(reader)
    frames = [item.seconds for item in items if isinstance(item, Frame)]
    assert (frames[0], frames[-1] + FRAME) == pytest.approx((part.start, end))
    heard = [float(p.pts * p.time_base) for p in items if isinstance(p, av.Packet) and p.size]
    assert heard == sorted(heard)
    assert heard[0] == pytest.approx(part.start, abs=SOUND + 1e-6)
    assert end - SOUND <= heard[-1] + 1e-3 and heard[-1] < end + 1e-6
