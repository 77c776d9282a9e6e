"""Files that workers died on: the first time may be chance, the second is the file's doing."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable

from figureground.serve.problems import Problem

KEPT = 1000  # files that are remembered
SECONDS = 3600.0  # for which they are
TWICE = 2


class Deaths:
    """Remembers files by their SHA-256, not their content."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none."""
        self._clock = clock
        self._seen: OrderedDict[bytes, tuple[int, float]] = OrderedDict()

    def check(self, data: bytes) -> None:
        """Raise Problem, 422, for a file that two workers died on."""
        if self._seen and self._count(_digest(data)) >= TWICE:
            raise _refused()

    def note(self, data: bytes, how: str, *, retry_after: int) -> Problem:
        """Note that a worker died on a file; returns what its request is told."""
        key = _digest(data)
        count = self._count(key) + 1
        self._seen[key] = count, self._clock()
        self._seen.move_to_end(key)
        while len(self._seen) > KEPT:
            self._seen.popitem(last=False)
        if count >= TWICE:
            return _refused()
        return Problem(
            503, "worker_died",
            f"the process that worked on it ended ({how}); another one can try it",
            retry_after=retry_after,
        )  # fmt: skip

    def _count(self, key: bytes) -> int:
        count, when = self._seen.get(key, (0, 0.0))
        return count if self._clock() - when < SECONDS else 0


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _refused() -> Problem:
    return Problem(
        422, "deadly_image",
        "two processes that worked on this image ended, or were ended for their time or memory; "
        "it is damaged or too large",
    )  # fmt: skip
