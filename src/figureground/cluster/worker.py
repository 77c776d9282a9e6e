"""What runs on a worker: a network that is loaded once, and batches of images, one after another."""

import asyncio
import os
import pickle
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any

from distributed import Status, Worker, WorkerPlugin, get_worker

from figureground.cluster.batch import Batch
from figureground.cluster.rows import DIED, DONE, EMPTY, EXISTS, FAILED, SKIPPED, Item, Row
from figureground.errors import FileError
from figureground.jobs.image_batch import load_removers, writer_for
from figureground.jobs.job import ImageJob
from figureground.jobs.remover import Remover
from figureground.jobs.summary import in_a_line
from figureground.jobs.workers import Result, Write, remove_one
from figureground.media.atomic import sweep
from figureground.media.naming import Task
from figureground.media.remote import is_remote, is_there, write_bytes
from figureground.media.remote_folder import remove_files

PATIENCE = 60.0  # seconds that a worker which is told to go takes for the image in work
LEAVING = Status.closing, Status.closing_gracefully
LOOK = 0.05  # seconds between two looks whether it is done


class Station:
    """One job at one worker.

    Args:
        job: what is to be done; paths are such as this machine finds.
        marks: folder for files that say which batches are in work; remote or not.
        threads: cores that a network may use.
        report: tells the client something, as a dictionary.
    """

    def __init__(self, job: ImageJob, marks: Path, threads: int, report: Any) -> None:
        self.job, self.marks, self.report = job, marks, report
        self._threads = threads
        self._idle: SimpleQueue[tuple[Remover, Write]] = SimpleQueue()
        self._swept: set[str] = set()
        self._turn = Lock()
        self.stopping = False
        self.at_work = 0

    def work(self, batch: Batch) -> list[Row]:
        """Do a batch; where the worker is told to go, as far as the image in work."""
        self.report({"begun": batch.name, "again": batch.again})
        careful = batch.careful or not self._is_first(batch)
        rows: list[Row] = []
        with self._turn:
            self.at_work += 1
        try:
            for row in self._carefully(batch) if careful else self._each(batch):
                rows.append(row)
                if self.stopping and len(rows) < len(batch.items):
                    self.report({"rows": pickle.dumps(rows), "batch": batch.name})
                    break
        finally:
            if not batch.again:
                remove_files([self.marks / batch.name])
            with self._turn:
                self.at_work -= 1
        return rows

    def _is_first(self, batch: Batch) -> bool:
        """Mark a batch as begun; returns False where another worker did and has not ended it."""
        if batch.again:
            return True
        mark = self.marks / batch.name
        if is_there(mark):
            return False
        write_bytes(mark, _name().encode(), error=FileError)
        return True

    def _each(self, batch: Batch) -> Iterator[Row]:
        """Do the images of a batch in this process."""
        remover, write = self._take()
        try:
            for item in batch.items:
                task = as_task(self.job, item)
                if self._exists(task):
                    yield Row(item=item, status=EXISTS)
                    continue
                self._sweep(task)
                yield as_row(self.job, item, remove_one(task, remover, write))
        finally:
            self._idle.put((remover, write))

    def _carefully(self, batch: Batch) -> Iterator[Row]:
        """Do the images of a batch one at a time in a process of its own."""
        from figureground.cluster.careful import try_each  # hardly ever needed

        tasks = {as_task(self.job, item).source: item for item in batch.items}
        for task, result, why, died in try_each(
            self.job, [as_task(self.job, item) for item in batch.items]
        ):
            item = tasks.pop(task.source)
            if result is not None and why is None:
                yield as_row(self.job, item, result)
            else:
                yield _row(item, DIED if died else FAILED, error=why)
        if tasks:
            yield from self._each(Batch(name=batch.name, job=batch.job, items=(*tasks.values(),)))

    def _exists(self, task: Task) -> bool:
        return self.job.skip_existing and all(map(is_there, task.targets.values()))

    def _sweep(self, task: Task) -> None:
        """Remove what killed processes of this machine left in a folder of results, once."""
        for path in task.targets.values():
            folder = str(path.parent)
            if folder not in self._swept and not is_remote(path):
                self._swept.add(folder)
                sweep(path.parent)

    def _take(self) -> tuple[Remover, Write]:
        try:
            return self._idle.get_nowait()
        except Empty:
            remover = load_removers(self.job, 1, threads=self._threads)[0]
            return remover, writer_for(self.job)


# Of this process, by the worker's id and the job's name.
STATIONS: dict[tuple[str, str], Station] = {}


class JobPlugin(WorkerPlugin):  # type: ignore[misc]
    """Brings a job to every worker, also to those that come later."""

    def __init__(
        self, name: str, job: ImageJob, marks: Path, *, threads: int = 1, model: bytes | None = None
    ) -> None:
        """Take what is to be known.

        Args:
            name: of the job, unlike that of any other.
            job: what is to be done.
            marks: see `Station`.
            threads: cores that a network may use.
            model: the network's file, where it is none that ships.
        """
        self.name, self.job, self.marks = name, job, marks
        self.threads, self.model = threads, model

    def setup(self, worker: Worker) -> None:
        """Make the job known here."""
        from dataclasses import replace

        job = self.job
        if self.model is not None:
            path = Path(tempfile.mkdtemp(prefix="figureground-"), Path(job.model).name)
            path.write_bytes(self.model)
            job = replace(job, model=path)
        limit = worker.memory_manager.memory_limit
        if job.max_memory is None and limit:
            job = replace(job, max_memory=int(limit * 0.6 / worker.state.nthreads))

        def report(what: dict[str, Any]) -> None:
            worker.loop.add_callback(worker.log_event, self.name, {"at": worker.address, **what})

        STATIONS[worker.id, self.name] = Station(job, self.marks, self.threads, report)

    async def teardown(self, worker: Worker) -> None:
        """Stop the job here; a worker that is to go waits until the image in work is done."""
        station = STATIONS.pop((worker.id, self.name), None)
        if station is None:
            return
        station.stopping = True
        until = time.monotonic() + PATIENCE
        while worker.status in LEAVING and station.at_work and time.monotonic() < until:
            await asyncio.sleep(LOOK)


def work(batch: Batch) -> list[Row]:
    """Do a batch on this worker."""
    station = STATIONS.get((get_worker().id, batch.job))
    if station is None:  # the job has ended, or this worker has
        return []
    return station.work(batch)


def stop_station(job: str, dask_worker: Worker) -> None:
    """Let a job's images in work be done on this worker, and begin no others."""
    station = STATIONS.get((dask_worker.id, job))
    if station is not None:
        station.stopping = True


def as_task(job: ImageJob, item: Item) -> Task:
    """An item as a task."""
    targets = dict(zip(job.wanted_kinds, map(Path, item.outputs), strict=True))
    return Task(source=Path(item.source), targets=targets)


def as_row(job: ImageJob, item: Item, result: Result) -> Row:
    """What became of an image."""
    seen = result.presence
    if result.error is not None or seen is None:
        why = in_a_line(result.error, Path(item.source)) if result.error else ""
        return _row(item, FAILED, error=why, seconds=result.seconds, shape=result.size)
    status = DONE if not seen.empty else SKIPPED if job.on_empty == "skip" else EMPTY
    return _row(
        item, status, seconds=result.seconds, share=seen.share, confidence=seen.confidence,
        shape=result.size, notes=result.notes,
    )  # fmt: skip


def _row(item: Item, status: str, **facts: Any) -> Row:
    now = time.time_ns() // 1000
    return Row(item=item, status=status, finished=now, worker=_name(), **facts)


def _name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
