"""Hands batches to a cluster and takes up what becomes of them, whatever happens to workers."""

import pickle
import statistics
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue
from typing import Any

from distributed import Client, Future, KilledWorker

from figureground.cluster.batch import Batch
from figureground.cluster.rows import DIED, Item, Row
from figureground.cluster.worker import JobPlugin, stop_station, work
from figureground.errors import RunError

FIRST = 4  # images of a batch before it is known how long one takes
SPAN = 4.0  # seconds that a batch is to take ...
SPAN_PER_THREAD = 0.03  # ... or so many a thread: more for the scheduler's sake
LARGEST = 512  # images of a batch
AHEAD = 2  # batches in flight for each thread
LOOK = 1.0  # seconds between two looks at the cluster
SLOW = 4.0  # times as long as batches usually take: it is done again elsewhere ...
AT_LEAST = 20.0  # ... but not within so many seconds
GRACE = 30.0  # seconds that workers may take for the images in work when a job is stopped
EMPTY_ANSWERS = 5  # of one batch: its worker knows nothing of the job


@dataclass(kw_only=True, eq=False)
class _Flight:
    """A batch that is in work or waits for it."""

    batch: Batch
    futures: list[Future] = field(default_factory=list)  # the batch, and its copy
    sent: float = field(default_factory=time.monotonic)
    begun: float | None = None
    workers: dict[bool, str] = field(default_factory=dict)  # by whether it is at work on the copy
    answers: int = 0  # without a row


class Coordinator:
    """Does items on a cluster.

    Args:
        client: of the cluster.
        plugin: brings the job to the workers.
    """

    def __init__(self, client: Client, plugin: JobPlugin) -> None:
        self._client, self._job = client, plugin.name
        self._flights: dict[str, _Flight] = {}
        self._news: SimpleQueue[Any] = SimpleQueue()  # futures that ended, and what workers tell
        self._took: deque[float] = deque(maxlen=200)  # seconds of work an image
        self._threads: dict[str, int] = {}  # of each worker
        self._held: dict[str, tuple[str, Future]] = {}  # done elsewhere, still in work at a worker
        self._number, self._looked = 0, 0.0
        self.stopping = False
        self.copies = 0  # batches that were done again elsewhere, since they took long
        client.subscribe_topic(plugin.name, self._hear)
        client.register_plugin(plugin, name=plugin.name)

    def work(self, items: Iterator[Item | None]) -> Iterator[list[Row]]:
        """Do items; yield rows as they come. None among items: there are none for now."""
        waiting: list[Item] = []
        more = True
        while more or self._flights:
            self._look()
            if more and len(self._flights) <= AHEAD * self._all_threads:
                more = self._take(items, waiting)
                if waiting and (not more or len(waiting) >= self._length()):
                    self._submit(Batch(name=self._name(), job=self._job, items=tuple(waiting)))
                    waiting.clear()
                yield from self._take_news(timeout=0)
            elif self._flights:
                yield from self._take_news(timeout=LOOK)

    def stop(self) -> Iterator[list[Row]]:
        """Let workers finish the images in work; yield what is done by then."""
        self.stopping = True
        self._client.run(stop_station, self._job, on_error="ignore")
        until = time.monotonic() + GRACE
        for flight in list(self._flights.values()):
            if flight.begun is None:
                self._forget(flight)
        while self._flights and time.monotonic() < until:
            yield from self._take_news(timeout=LOOK)

    def close(self) -> None:
        """Forget all that is in flight, and take the job from the workers."""
        for flight in list(self._flights.values()):
            self._forget(flight)
        for _, future in self._held.values():
            future.cancel()
        self._client.unsubscribe_topic(self._job)
        self._client.unregister_worker_plugin(self._job)

    def _take(self, items: Iterator[Item | None], waiting: list[Item]) -> bool:
        """Take items until there are enough for a batch; returns whether there may be more."""
        for item in items:
            if item is not None:
                waiting.append(item)
            if item is None or len(waiting) >= self._length():
                return True
        return False

    def _look(self) -> None:
        """See, now and then, how many workers there are, and whether one takes very long."""
        now = time.monotonic()
        if now - self._looked > LOOK:
            self._looked = now
            workers = self._client.scheduler_info(n_workers=-1)["workers"]
            self._threads = {address: one["nthreads"] for address, one in workers.items()}
            for name, (worker, future) in list(self._held.items()):
                if worker not in workers:  # it died; the scheduler must not do the batch again
                    future.cancel()
                    del self._held[name]
            self._repeat_slow(now)

    @property
    def _all_threads(self) -> int:
        return max(1, sum(self._threads.values()))

    def _length(self) -> int:
        """How many images the next batch has."""
        if len(self._took) < FIRST:
            return FIRST
        span = max(SPAN, SPAN_PER_THREAD * self._all_threads)
        return max(1, min(LARGEST, round(span / max(1e-3, statistics.fmean(self._took)))))

    def _name(self) -> str:
        self._number += 1
        return f"{self._job}-{self._number:08}"

    def _submit(self, batch: Batch) -> None:
        self._flights[batch.name] = flight = _Flight(batch=batch)
        held = Counter(worker for worker, _ in self._held.values())
        fit = [one for one, threads in self._threads.items() if held[one] < threads]
        self._send(flight, batch, fit if held else [])

    def _send(self, flight: _Flight, batch: Batch, workers: list[str]) -> None:
        """Hand a batch to one of these workers, or to any where there are none of them."""
        key = f"{batch.name}-copy" if batch.again else batch.name
        future = self._client.submit(work, batch, key=key, pure=False, workers=workers or None)
        flight.futures.append(future)
        future.add_done_callback(self._news.put)

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        self._news.put(event[1])

    def _take_news(self, timeout: float) -> Iterator[list[Row]]:
        """Wait for what comes next, not for long; yield new rows."""
        try:
            news = self._news.get(timeout=timeout) if timeout else self._news.get_nowait()
        except Empty:
            return
        if isinstance(news, Future):
            yield from self._ended(news)
        elif "begun" in news:
            flight = self._flights.get(news["begun"])
            if flight is not None:
                flight.workers[news["again"]] = news["at"]
                flight.begun = flight.begun or time.monotonic()
        else:
            yield from self._handed_over(news["batch"], pickle.loads(news["rows"]))

    def _ended(self, future: Future) -> Iterator[list[Row]]:
        """Take up the end of a batch, or of its copy; what has been taken up already is nothing."""
        name = str(future.key).removesuffix("-copy")
        if future.key == name:
            self._held.pop(name, None)
        flight = self._flights.get(name)
        if flight is None:
            return
        if future.cancelled():
            raise RunError("the scheduler is gone, or has forgotten the job; run it again to go on")
        if future.status == "error":
            yield from self._failed(flight, future)
            return
        rows: list[Row] = future.result()
        if future.key != name and False in flight.workers and not flight.futures[0].done():
            self._held[name] = flight.workers[False], flight.futures.pop(0)
        self._forget(flight)
        self._took.extend(row.seconds for row in rows if row.seconds)
        yield rows
        self._redo_rest(flight, rows)

    def _redo_rest(self, flight: _Flight, rows: list[Row]) -> None:
        """Submit again what a batch has left, as a worker that was told to go does."""
        rest = flight.batch.without({row.item.source for row in rows}, self._name())
        if not rest.items or self.stopping:
            return
        self._submit(rest)
        if not rows:
            self._flights[rest.name].answers = flight.answers + 1
        if self._flights[rest.name].answers > EMPTY_ANSWERS:
            raise RunError("workers know nothing of the job; see that all run this version")

    def _handed_over(self, name: str, rows: list[Row]) -> Iterator[list[Row]]:
        """Take up what a worker did before it went."""
        flight = self._flights.get(name)
        if flight is None:
            return
        self._forget(flight)
        yield rows
        self._redo_rest(flight, rows)

    def _failed(self, flight: _Flight, future: Future) -> Iterator[list[Row]]:
        """Several workers died of a batch: each image goes by itself. Raises what else went wrong."""
        error = future.exception()
        if not isinstance(error, KilledWorker):
            raise error
        self._forget(flight)
        if len(flight.batch.items) > 1:
            for part in flight.batch.parts():
                self._submit(part)
            return
        item = flight.batch.items[0]
        why = f"{item.source!r} ended every worker that took it; it is left out from now on"
        yield [Row(item=item, status=DIED, error=why, finished=time.time_ns() // 1000)]

    def _forget(self, flight: _Flight) -> None:
        self._flights.pop(flight.batch.name, None)
        for future in flight.futures:
            if future.done():
                future.release()
            else:
                future.cancel()

    def _repeat_slow(self, now: float) -> None:
        """Submit a copy of a batch that takes far longer than others, or waits behind such a one."""
        if len(self._took) < FIRST or len(self._threads) < 2:
            return
        usual, threads = statistics.median(self._took), self._threads
        busy = Counter(worker for worker, _ in self._held.values())
        for flight in self._flights.values():
            busy.update(flight.workers.values())
        for flight in self._flights.values():
            since = now - (flight.begun or flight.sent)
            slow = since > max(AT_LEAST, SLOW * usual * len(flight.batch.items))
            able = threads if flight.begun else [one for one in threads if busy[one] < threads[one]]
            others = [one for one in able if one != flight.workers.get(False)]
            if slow and others and len(flight.futures) == 1:
                self._send(flight, replace(flight.batch, again=True), others)
                self.copies += 1
