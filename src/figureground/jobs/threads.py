"""Keep OpenCV single-threaded while a job is parallel at a higher level."""

from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

import cv2

_lock = Lock()
_before: list[int] = []  # how many threads OpenCV had when each of the running jobs began


@contextmanager
def single_threaded_opencv() -> Generator[None]:
    """OpenCV works in the thread that calls it, for as long as any such job runs.

    Its own threads gain nothing where all cores are at work, and keep them busy while they wait.
    """
    with _lock:
        _before.append(cv2.getNumThreads())
        cv2.setNumThreads(1)
    try:
        yield
    finally:
        with _lock:  # whichever job ends last takes what the first found
            cv2.setNumThreads(_before.pop())
