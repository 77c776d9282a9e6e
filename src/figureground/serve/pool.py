"""Workers: processes that are watched, ended where they take too much, and replaced."""

import asyncio
import multiprocessing
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import connection as pipes
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from figureground.errors import FiguregroundError
from figureground.resources import cores
from figureground.serve import worker
from figureground.serve.process_memory import ROOM, memory_of
from figureground.serve.settings import ServeSettings
from figureground.serve.wire import receive, send, widen

LOOK = 0.25  # seconds between two looks at a worker in work
START = 120.0  # seconds that a worker may take to start, on a busy machine
PAUSE = 2.0  # seconds before a start that failed is tried again
TEMPLATE = "figureground.serve.template"


class WorkerDiedError(Exception):
    """A worker ended, or was ended, before it answered; says how."""


class NotBegunError(WorkerDiedError):
    """A worker died before it looked at the request, so another one can have it."""


class Answer(NamedTuple):
    """What a worker said."""

    header: dict[str, Any]
    parts: list[bytes]


class Worker:
    """One process, which answers one request at a time."""

    def __init__(self, about: dict[str, Any], is_wanted: Callable[[], bool]) -> None:
        """Start it. Raises WorkerDiedError where it does not come up, or is not wanted any more."""
        context = _context()
        asked, self._to = context.Pipe(duplex=False)
        self._from, told = context.Pipe(duplex=False)
        widen(self._to)
        widen(self._from)
        self._process = context.Process(target=worker.main, args=(asked, told, about), daemon=True)
        self._process.start()
        asked.close()
        told.close()
        self._limit = sys.maxsize
        self.is_busy = False
        try:
            told = self._answer(time.monotonic() + START, is_wanted).header
            self._limit = int(told["max_memory"]) + ROOM
        except WorkerDiedError:
            self.end()
            raise

    @property
    def is_alive(self) -> bool:
        """Whether its process runs."""
        return bool(self._process.is_alive())

    @property
    def is_too_large(self) -> bool:
        """Whether it keeps more memory than any image needs."""
        return self.memory() > self._limit

    def ask(self, header: dict[str, Any], parts: Sequence[bytes], seconds: float) -> Answer:
        """Let it answer one request.

        Raises:
            NotBegunError: it died before.
            WorkerDiedError: it died, or took too long or too much memory and was ended.
        """
        try:
            send(self._to, header, parts)
            self._answer(time.monotonic() + seconds)
        except (OSError, WorkerDiedError) as error:
            raise NotBegunError(self._how_it_ended()) from error
        self.is_busy = True
        answer = self._answer(time.monotonic() + seconds)
        self.is_busy = False
        return answer

    def _answer(self, until: float, is_wanted: Callable[[], bool] = lambda: True) -> Answer:
        while not pipes.wait([self._from], LOOK):
            if time.monotonic() > until or not is_wanted():
                raise WorkerDiedError("it took too long")
            if self.is_too_large:
                raise WorkerDiedError("it took too much memory")
        try:
            return Answer(*receive(self._from))
        except (EOFError, OSError, ValueError, KeyError) as error:
            raise WorkerDiedError(self._how_it_ended()) from error

    def _how_it_ended(self) -> str:
        self._process.join(1)
        code = self._process.exitcode
        if code is None:
            return "it stopped answering"
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def memory(self) -> int:
        """Bytes of memory that it fills; 0 where that cannot be told."""
        return memory_of(self._process.pid)

    def end(self) -> None:
        """End it, whatever it does."""
        for pipe in (self._to, self._from):
            with suppress(OSError):
                pipe.close()
        self._process.kill()
        self._process.join(5)


def _context() -> Any:
    """How processes start: forked from one that has all libraries loaded, where that is possible."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([TEMPLATE])
    return context


class Pool:
    """All workers; each thread of it waits for one of them, so that the event loop never does."""

    def __init__(self, settings: ServeSettings) -> None:
        """Note what workers have in common; `start` starts them."""
        self.size = settings.workers
        self._about = {
            "model": settings.models[0],
            "threads": max(1, cores() // settings.workers),
            "workers": settings.workers,
            "max_pixels": settings.max_pixels,
            "max_memory": settings.max_memory,
            "max_bytes": settings.max_bytes,
        }
        self._seconds = settings.max_seconds
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        self._all: set[Worker] = set()
        self._threads = ThreadPoolExecutor(settings.workers, "worker")
        self._keeper = ThreadPoolExecutor(1, "keeper")
        self._ended = False
        self.deaths = 0

    @property
    def alive(self) -> int:
        """How many workers there are."""
        return sum(one.is_alive for one in list(self._all))

    @property
    def busy(self) -> int:
        """How many of them are in work."""
        return sum(one.is_busy for one in list(self._all))

    def memory(self) -> int:
        """Bytes of memory that all workers fill."""
        return sum(one.memory() for one in list(self._all))

    async def start(self) -> None:
        """Start all workers, and wait for them. Raises WorkerDiedError."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._keeper, self._begin)

    async def work(self, header: dict[str, Any], parts: Sequence[bytes]) -> Answer:
        """Let a worker answer, as soon as one is free. Raises WorkerDiedError."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._work, header, parts)

    async def close(self) -> None:
        """End all workers; what was asked of them is answered by then."""
        self._ended = True
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._threads.shutdown)
        await loop.run_in_executor(None, self._keeper.shutdown)
        for one in list(self._all):
            await loop.run_in_executor(None, one.end)

    def _begin(self) -> None:
        for _ in range(self.size):
            self._add()

    def _add(self) -> None:
        one = Worker(self._about, lambda: not self._ended)
        self._all.add(one)
        self._idle.put(one)

    def _work(self, header: dict[str, Any], parts: Sequence[bytes]) -> Answer:
        """Let a worker answer; one that died while it was idle costs nothing."""
        while True:
            one = self._take()
            try:
                answer = one.ask(header, parts, self._seconds)
            except NotBegunError:
                self._replace(one)
            except BaseException:
                self.deaths += 1
                self._replace(one)
                raise
            else:
                self._idle.put(one) if not one.is_too_large else self._replace(one)
                return answer

    def _take(self) -> Worker:
        try:
            return self._idle.get(timeout=START)
        except Empty:
            raise WorkerDiedError("no worker can be started") from None

    def _replace(self, one: Worker) -> None:
        self._keeper.submit(self._start_anew, one)

    def _start_anew(self, one: Worker) -> None:
        """End a worker, and start another until one comes up."""
        one.end()
        self._all.discard(one)
        while not self._ended:
            try:
                self._add()
            except (WorkerDiedError, OSError, EOFError, FiguregroundError):
                time.sleep(PAUSE)
            else:
                return
