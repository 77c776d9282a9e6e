"""What opens an encoder stays scheduled as it was."""

import os
import threading
from pathlib import Path

import pytest
from videos import convert, make_video

from figureground.media.formats import VideoEncoding
from figureground.media.scheduling import THREADS, usual_scheduling

pytestmark = pytest.mark.skipif(not THREADS.exists(), reason="only Linux lists threads")


def policies() -> set[int]:
    """How the threads of this process are scheduled."""
    return {os.sched_getscheduler(int(thread.name)) for thread in THREADS.iterdir()}


def test_a_video_in_av1_makes_nothing_real_time(tmp_path: Path) -> None:
    """As root, that is: nobody else may become so."""
    before = policies()
    convert(
        make_video(tmp_path / "in.mp4"), tmp_path / "a.mp4", encoding=VideoEncoding(codec="av1")
    )
    assert policies() == before


def test_what_a_block_changes_is_changed_back() -> None:
    done = threading.Event()
    with usual_scheduling():
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        other = threading.Thread(target=done.wait)  # which inherits it
        other.start()
    try:
        assert policies() == {os.SCHED_OTHER}
    finally:
        done.set()
        other.join()
