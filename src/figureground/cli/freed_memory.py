"""Memory that images leave behind, kept for the next one."""

import ctypes
from contextlib import suppress

# Parameters of mallopt in glibc's malloc.h, bytes.
MMAP_THRESHOLD = -3, 64 << 20  # smaller arrays come from memory that is already there ...
TRIM_THRESHOLD = -1, 256 << 20  # ... of which so much stays when it is freed


def keep_freed_memory() -> None:
    """Let this process keep what images of some megapixels need, until it ends.

    glibc gives larger arrays back to the system as soon as they are freed. Each new one is then
    cleared and mapped page by page: up to a tenth of the work on an image. Other C libraries have
    no such switch, or none of that name. Peaks stay what they are.
    """
    with suppress(OSError, AttributeError, TypeError):  # TypeError is that of Windows
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, size in (MMAP_THRESHOLD, TRIM_THRESHOLD):
            mallopt(parameter, size)
