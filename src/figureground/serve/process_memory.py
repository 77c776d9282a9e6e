"""How much memory a process fills."""

import os
from contextlib import suppress

ROOM = 400_000_000  # bytes that a process may fill beside those of its image or video


def memory_of(pid: int | None) -> int:
    """Return the bytes of memory that a process fills; 0 where that cannot be told."""
    with suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/statm") as file:  # noqa: PTH123 - of the system
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
