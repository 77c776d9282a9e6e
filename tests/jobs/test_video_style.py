"""A video as background, in step with the clip."""

from pathlib import Path

import numpy as np
import pytest
from videos import Redness, draw, frames_of, make_video

from figureground.jobs.video import VideoTask, convert_video
from figureground.jobs.video_style import VideoStyle
from figureground.media.video_reader import Part

TWO_HUNDRED_SECONDS = 200 * 90_000


@pytest.mark.parametrize(
    ("times", "start", "numbers"),
    [
        ([i * 3600 for i in range(8)], 0.0, [0, 1, 2, 0, 1, 2, 0, 1]),
        ([i * 3600 for i in range(8)], 0.16, [0, 1, 2, 0]),
        ([0, TWO_HUNDRED_SECONDS, TWO_HUNDRED_SECONDS + 3600], 0.0, [0, 2, 0]),
        ([0, TWO_HUNDRED_SECONDS, TWO_HUNDRED_SECONDS + 3600], 199.92, [2, 0]),
    ],
)
def test_a_video_behind_begins_with_the_video_and_again_when_it_ends(
    tmp_path: Path, times: list[int], start: float, numbers: list[int]
) -> None:
    video = make_video(tmp_path / "video.mp4", times=times, sound=None)
    behind = make_video(tmp_path / "b.mp4", times=[0, 3600, 7200], sound=None)
    nobody = Redness()
    nobody.__class__ = type(
        "Nobody", (Redness,), {"__call__": lambda self, square: np.zeros((32, 32), np.float32)}
    )
    video_job = VideoTask(source=video, target=tmp_path / "out.mkv", look=VideoStyle(background=behind),
                part=Part(start=start))  # fmt: skip
    convert_video(video_job, nobody)
    shown = frames_of(tmp_path / "out.mkv")
    assert len(shown) == len(numbers)
    for rgb, number in zip(shown, numbers, strict=True):
        apart = [np.abs(rgb.astype(int) - draw(other)).mean() for other in range(3)]
        assert np.argmin(apart) == number
