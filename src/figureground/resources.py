"""What this process may use of the machine: its cores, and its memory, half of it unless it is told."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

SHARE = 0.5  # of the memory that is there
LIMITS = ("memory.max", "memory.high", "memory.limit_in_bytes")  # of cgroup v2 and v1
# Parameters of mallopt in glibc's malloc.h, bytes.
MMAP_THRESHOLD = -3, 64 << 20  # smaller arrays come from memory that is already there ...
TRIM_THRESHOLD = -1, 256 << 20  # ... of which so much stays when it is freed
_said: list[int] = []  # budgets of this process, the one that counts last


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def limited_to(max_memory: int | None) -> Iterator[None]:
    """Let all readers of this process, in whatever thread, go by a budget in such a block.

    max_memory: bytes; None changes nothing.
    """
    _said.extend([] if max_memory is None else [max_memory])
    try:
        yield
    finally:
        del _said[len(_said) - (max_memory is not None) :]


def default_budget() -> int:
    """Return what is said by `limited_to`, else half of the memory of this process, bytes."""
    return _said[-1] if _said else _half_of_all()


def free_memory(meminfo: Path = Path("/proc/meminfo")) -> int | None:
    """Return what programs may still take, bytes, swap left out; None where nobody tells."""
    try:
        lines = meminfo.read_text("ascii").splitlines()
    except (OSError, ValueError):
        return None
    told = [line.split() for line in lines if line.startswith("MemAvailable:")]
    return int(told[0][1]) * 1024 if told else None


def keep_freed_memory() -> None:
    """Let this process keep what images of some megapixels need, until it ends.

    glibc gives larger arrays back to the system as soon as they are freed. Each new one is then
    cleared and mapped page by page: up to a tenth of the work on an image. Other C libraries have
    no such switch, or none of that name. Peaks stay what they are.
    """
    import ctypes  # of those alone who ask

    with suppress(OSError, AttributeError, TypeError):  # TypeError is that of Windows
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, size in (MMAP_THRESHOLD, TRIM_THRESHOLD):
            mallopt(parameter, size)


@lru_cache(maxsize=1)
def _half_of_all() -> int:
    return int(SHARE * min([_installed(), *_container_limits(), _own_limit()]))


def _installed() -> int:
    """Memory of the machine, bytes; a large number where it cannot be told."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return _installed_in_windows() if os.name == "nt" else 2**63


def _installed_in_windows() -> int:
    import ctypes  # only there

    kilobytes = ctypes.c_ulonglong()
    found = getattr(ctypes, "windll").kernel32.GetPhysicallyInstalledSystemMemory(  # noqa: B009
        ctypes.byref(kilobytes)
    )
    return kilobytes.value * 1024 if found else 2**63


def _own_limit() -> int:
    """What `ulimit -v` allows, bytes."""
    try:
        import resource  # of POSIX only
    except ImportError:
        return 2**63
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    return soft if soft != resource.RLIM_INFINITY else 2**63


def _container_limits(root: Path = Path("/sys/fs/cgroup"), own: Path | None = None) -> list[int]:
    """What the control groups of this process allow, bytes, theirs and those above them.

    Source: Linux, Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst.
    """
    try:
        lines = (own or Path("/proc/self/cgroup")).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return []
    limits = []
    for line in lines:
        number, controllers, place = line.split(":", 2)
        if number != "0" and "memory" not in controllers.split(","):
            continue
        top = root if number == "0" else root / "memory"
        inside = Path(place.lstrip("/"))
        for folder in (top / inside, *((top / part) for part in inside.parents)):
            limits += [limit for name in LIMITS if (limit := _read_limit(folder / name))]
    return limits


def _read_limit(path: Path) -> int | None:
    try:
        return int(path.read_text("ascii"))
    except (OSError, ValueError):  # not there, or "max"
        return None
