"""Who gets the cores of a job."""

from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from videos import Redness, make_video

from figureground.jobs.threads import single_threaded_opencv
from figureground.jobs.video import VideoTask, convert_video
from figureground.jobs.video_style import VideoStyle
from figureground.jobs.workers import remove_many
from figureground.media.naming import Task


@pytest.fixture(autouse=True)
def three_threads() -> Generator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(3)
    yield
    cv2.setNumThreads(before)


def test_opencv_gets_its_threads_back_when_the_last_job_ends() -> None:
    first, second = single_threaded_opencv(), single_threaded_opencv()
    first.__enter__()
    second.__enter__()
    assert cv2.getNumThreads() == 1
    first.__exit__(None, None, None)
    assert cv2.getNumThreads() == 1
    second.__exit__(None, None, None)
    assert cv2.getNumThreads() == 3


def test_opencv_gets_its_threads_back_after_an_error() -> None:
    with pytest.raises(OSError, match="full"), single_threaded_opencv():
        raise OSError("full")
    assert cv2.getNumThreads() == 3


class Counting(Redness):
    """Notes how many threads OpenCV has when it is asked."""

    def __init__(self) -> None:
        self.threads: set[int] = set()

    def __call__(self, image: np.ndarray) -> np.ndarray:
        self.threads.add(cv2.getNumThreads())
        return super().__call__(image)


def test_a_video_s_steps_share_the_cores(tmp_path: Path) -> None:
    video, engine = make_video(tmp_path / "video.mp4"), Counting()
    convert_video(VideoTask(source=video, target=tmp_path / "out.mp4", look=VideoStyle()), engine)
    assert engine.threads == {1} and cv2.getNumThreads() == 3


@pytest.mark.parametrize(("workers", "threads"), [(2, 1), (1, 3)])
def test_several_images_share_the_cores_and_one_has_them_all(workers: int, threads: int) -> None:
    seen = set()

    def remove(source: Path) -> None:
        seen.add(cv2.getNumThreads())
        raise OSError("enough")

    removers = [SimpleNamespace(remove=remove, max_memory=None) for _ in range(workers)]
    tasks = [Task(source=Path(f"{number}.jpg"), targets={}) for number in range(4)]
    assert len(list(remove_many(tasks, removers, lambda cutout, task: None))) == 4
    assert seen == {threads} and cv2.getNumThreads() == 3
