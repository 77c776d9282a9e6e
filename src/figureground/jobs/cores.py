"""Who gets the cores of a job whose steps or pictures are worked on side by side."""

from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

import cv2

_lock = Lock()
_jobs: list[int] = []  # how many threads OpenCV had when the first of the running jobs began


@contextmanager
def side_by_side() -> Generator[None]:
    """OpenCV works in the thread that calls it, for as long as any such job runs.

    Its own threads gain nothing where all cores are at work, and keep them busy while they wait.
    """
    with _lock:
        _jobs.append(_jobs[0] if _jobs else cv2.getNumThreads())
        cv2.setNumThreads(1)
    try:
        yield
    finally:
        with _lock:
            before = _jobs.pop()
            if not _jobs:
                cv2.setNumThreads(before)
