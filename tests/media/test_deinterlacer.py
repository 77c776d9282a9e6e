"""Videos that show every other row at a time."""

from pathlib import Path

import av
import numpy as np
import pytest
from videos import Redness, draw, frames_of, make_video

from figureground.jobs.video import VideoTask, convert_video
from figureground.jobs.video_style import VideoStyle
from figureground.media.video_reader import Frame, VideoReader


@pytest.fixture
def interlaced(tmp_path: Path) -> Path:
    """Eight frames whose even rows show the disc a frame of time before the odd rows."""
    path = tmp_path / "video.mp4"
    with av.open(str(path), "w") as container:
        options = {"crf": "4", "x264-params": "tff=1:interlaced=1"}
        video = container.add_stream("libx264", rate=25, options=options)
        video.height, video.width, video.pix_fmt = 48, 64, "yuv420p"
        for number in range(8):
            rgb = draw(2 * number)
            rgb[1::2] = draw(2 * number + 3)[1::2]
            container.mux(video.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(video.encode(None))
    return path


def combs(luma: np.ndarray) -> float:
    """How much rows differ from the mean of those above and below, beyond what shapes explain."""
    rows = luma.astype(float)
    return float(np.abs(2 * rows[1:-1] - rows[:-2] - rows[2:]).mean())


def test_interlaced_frames_come_out_whole_at_their_times(interlaced: Path) -> None:
    before = [combs(frame[:48]) for frame in frames_of(interlaced, kind="yuv420p")]
    with VideoReader(interlaced) as reader:
        frames = [item for item in reader if isinstance(item, Frame)]
    assert reader.deinterlacer.used
    assert [frame.seconds for frame in frames] == pytest.approx([n / 25 for n in range(8)])
    assert np.mean([combs(frame.planes.luma) for frame in frames]) < np.mean(before) / 2


def test_it_is_said_of_interlaced_videos_only(interlaced: Path, tmp_path: Path) -> None:
    other = make_video(tmp_path / "other.mp4", sound=None)
    for source, said in ((interlaced, 1), (other, 0)):
        video_job = VideoTask(source=source, target=tmp_path / "out.mp4", look=VideoStyle())
        outcome = convert_video(video_job, Redness())
        assert outcome.frames == 8
        assert sum("deinterlaced" in note for note in outcome.notes) == said
