"""Who may come in: one bounded queue, and nobody fills it alone for long."""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from figureground.serve.problems import Problem

FIRST = 1.0  # seconds that an image is thought to take before one was measured
WEIGHT = 0.1  # of the newest time in the running mean


class Admission:
    """Counts requests that are in the house: in work, waiting, or still coming in."""

    def __init__(self, *, workers: int, queue: int) -> None:
        """Let so many in at once, `workers` of them at work."""
        self.workers, self.limit = workers, workers + queue
        self.inside = 0
        self.mean = FIRST
        self._clients: Counter[str] = Counter()

    @contextmanager
    def place(self, client: str) -> Iterator[None]:
        """Hold a place for a client's request in such a block.

        Raises:
            Problem: 429 where the house is full, most of it of this client; else 503.
        """
        if self.inside >= self.limit:
            raise self._full(client)
        self.inside += 1
        self._clients[client] += 1
        try:
            yield
        finally:
            self.inside -= 1
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]

    def note(self, seconds: float) -> None:
        """Note how long the work on one request took."""
        self.mean += WEIGHT * (seconds - self.mean)

    @property
    def wait(self) -> int:
        """Seconds after which there is likely a place."""
        ahead = self.mean * max(1, self.inside - self.workers + 1) / self.workers
        return max(1, min(600, math.ceil(ahead)))

    def _full(self, client: str) -> Problem:
        mine = 2 * self._clients[client] > self.limit and len(self._clients) > 1
        if mine:
            return Problem(
                429, "too_many_requests",
                f"{self._clients[client]} of your requests fill the queue of {self.limit}; send "
                "fewer at once",
                retry_after=self.wait,
            )  # fmt: skip
        return Problem(
            503, "queue_full",
            f"{self.inside} requests are in work or wait, and no more may; try again later",
            retry_after=self.wait,
        )  # fmt: skip
