"""Who gets the cores of a job."""

from collections.abc import Generator

import cv2
import pytest

from figureground.jobs.cores import side_by_side


@pytest.fixture(autouse=True)
def three_threads() -> Generator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(3)
    yield
    cv2.setNumThreads(before)


def test_opencv_gets_its_threads_back_when_the_last_job_ends() -> None:
    first, second = side_by_side(), side_by_side()
    first.__enter__()
    second.__enter__()
    assert cv2.getNumThreads() == 1
    first.__exit__(None, None, None)
    assert cv2.getNumThreads() == 1
    second.__exit__(None, None, None)
    assert cv2.getNumThreads() == 3


def test_opencv_gets_its_threads_back_after_an_error() -> None:
    with pytest.raises(OSError, match="full"), side_by_side():
        raise OSError("full")
    assert cv2.getNumThreads() == 3
