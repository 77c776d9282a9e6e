"""What workers of `local:N` do when they start: Dask calls it, as a preload."""

import signal
from contextlib import suppress

from distributed import Worker


def dask_setup(worker: Worker) -> None:
    """Leave Ctrl-C, which a terminal sends to all its processes, to the one that asks."""
    with suppress(ValueError):  # not in a thread, which gets none
        signal.signal(signal.SIGINT, signal.SIG_IGN)
