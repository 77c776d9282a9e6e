"""Keep an encoder from making this process real-time."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

THREADS = Path("/proc/self/task")
NO_PRIORITY = {getattr(os, name, -1) for name in ("SCHED_OTHER", "SCHED_BATCH", "SCHED_IDLE")}


@contextmanager
def usual_scheduling() -> Iterator[None]:
    """Undo what an encoder that is opened in such a block does to how this process is scheduled.

    Opened by root, as in most containers, SVT-AV1 (4.1, in PyAV 18.1) gives its threads real-time
    priority, and the thread that opens it: all else on the machine waits, and processes that are
    started later inherit it.
    """
    before = _policies()
    try:
        yield
    finally:
        for thread, policy in _policies().items():
            was = before.get(thread, before[threading.get_native_id()])
            if was != policy and was in NO_PRIORITY:
                with suppress(OSError):  # it has ended
                    os.sched_setscheduler(thread, was, os.sched_param(0))


def _policies() -> dict[int, int]:
    """How each thread of this process is scheduled; empty where that cannot be told, as off Linux."""
    found = {}
    with suppress(OSError, AttributeError):
        for thread in THREADS.iterdir():
            with suppress(OSError):
                found[int(thread.name)] = os.sched_getscheduler(int(thread.name))
    return found
