"""A worker: a process that works on one image at a time, and may die of it."""

import ctypes
import os
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from figureground.serve.wire import receive, send

READY, BEGUN = "ready", "begun"


def main(asked: Connection, told: Connection, about: dict[str, Any]) -> None:
    """Answer what is asked until the service closes that pipe.

    about: see `pool.Pool`: what every image has in common.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    import cv2

    from figureground.serve.work import Desk

    cv2.setNumThreads(1)
    desk = Desk(about)
    trim = _trimmer()
    with suppress(EOFError, OSError):
        send(told, {"state": READY, "max_memory": desk.max_memory})
        while True:
            header, parts = receive(asked)
            send(told, {"state": BEGUN})
            send(told, *desk.work(header, parts))
            del header, parts
            trim()
    os._exit(0)  # what libraries left behind needs no tidying, which could fail


def _trimmer() -> Any:
    """What gives freed memory back to the system, where the C library can."""
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL("libc.so.6")
        return lambda: libc.malloc_trim(0)
    return lambda: None
