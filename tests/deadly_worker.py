"""A stand-in for `figureground.serve.worker`, which dies, or waits, where an image says so.

b"die"          ends its process
b"fill"         fills its memory until it is ended
b"wait PATH"    goes on once there is a file at PATH
"""

import os
import signal
import time
from pathlib import Path

from figureground.serve import work, worker

STAND_IN = (
    "import figureground.serve.pool, deadly_worker; figureground.serve.pool.worker = deadly_worker"
)


def main(asked, told, about) -> None:
    """Be a worker."""
    plain = work.Desk.work

    def deadly(desk, header, parts):
        word = parts[0].split()[:1]
        if word == [b"die"]:
            os.kill(os.getpid(), signal.SIGKILL)
        kept = []
        while word == [b"fill"]:
            kept.append(b"x" * 50_000_000)
            time.sleep(0.01)
        while word == [b"wait"] and not Path(parts[0].split()[1].decode()).exists():
            time.sleep(0.05)
        return plain(desk, header, parts)

    work.Desk.work = deadly  # type: ignore[method-assign]
    worker.main(asked, told, about)
