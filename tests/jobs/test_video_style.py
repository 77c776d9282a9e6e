"""A video as background, in step with the clip; and who is kept of several people."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from videos import SKIN, Redness, draw, frames_of, make_video

from figureground.errors import StyleError
from figureground.jobs.style import People, Style
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


def two_discs(number: int) -> np.ndarray:
    """A large disc that goes right, and below it a small one that goes left; uint8 (96, 128, 3)."""
    rows, columns = np.indices((96, 128))
    rgb = np.full((96, 128, 3), (90, 110, 140), np.uint8)
    rgb[(rows - 26) ** 2 + (columns - 30 - 3 * number) ** 2 < 400] = SKIN
    rgb[(rows - 78) ** 2 + (columns - 90 + 3 * number) ** 2 < 144] = SKIN
    return rgb


@pytest.mark.parametrize(
    ("people", "large", "small"),
    [("all", True, True), ("largest", True, False), ([(90, 78)], False, True)],
)
def test_those_who_were_chosen_in_the_first_frame_are_followed(
    tmp_path: Path, people: People, large: bool, small: bool
) -> None:
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in range(10):
        Image.fromarray(two_discs(number)).save(folder / f"{number:02}.png")
    task = VideoTask(source=folder, target=tmp_path / "m.mkv",
                     look=VideoStyle(kind="mask", edge=Style(people=people)))  # fmt: skip
    convert_video(task, Redness())
    shown = frames_of(task.target)
    assert len(shown) == 10
    for number, mask in enumerate(shown):
        assert (mask[26, 30 + 3 * number].mean() > 200) == large
        assert (mask[78, 90 - 3 * number].mean() > 200) == small


def test_a_point_where_nobody_is_in_the_first_frame_is_refused(tmp_path: Path) -> None:
    video = make_video(tmp_path / "v.mp4", sound=None)
    task = VideoTask(source=video, target=tmp_path / "m.mkv",
                     look=VideoStyle(kind="mask", edge=Style(people=[(60, 2)])))  # fmt: skip
    with pytest.raises(StyleError, match=r"nobody is at 60,2; somebody is at \d+,\d+"):
        convert_video(task, Redness())
    assert not task.target.exists()
