"""Work on many images at once: one per core; a bad image stops none of the others."""

from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import nullcontext
from queue import SimpleQueue
from time import perf_counter
from typing import NamedTuple

from figureground.arrays import Size
from figureground.jobs.remover import Cutout, Presence, Remover
from figureground.jobs.threads import single_threaded_opencv
from figureground.media.memory_budget import SharedBudget, file_cost
from figureground.media.naming import Task


class Result(NamedTuple):
    """What became of one image."""

    task: Task
    seconds: float
    error: Exception | None = None
    size: Size | None = None  # rows and columns
    presence: Presence | None = None
    notes: tuple[str, ...] = ()  # what reading it could not keep


Write = Callable[[Cutout, Task], None]


def remove_many(
    tasks: Iterable[Task],
    removers: Sequence[Remover],
    write: Write,
    begun: Callable[[Task], object] = lambda task: None,
) -> Generator[Result]:
    """Work through all tasks, as many at a time as there are removers; yield each as it is done.

    Args:
        tasks: images and what is to be written of them.
        removers: one for each image that may be in work, and so in memory, at once.
        write: draws, encodes and writes the files of one finished image.
        begun: is told of an image before it is read, in the thread that works on it.
    """
    if isinstance(tasks, Sequence) and len(tasks) == 1:  # a thread for it would gain nothing
        begun(tasks[0])
        yield remove_one(tasks[0], removers[0], write)
        return
    idle: SimpleQueue[Remover] = SimpleQueue()
    for remover in removers:
        idle.put(remover)
    budget = SharedBudget(removers[0].max_memory)

    def work(task: Task) -> Result:
        remover = idle.get()
        try:
            with budget.reserved(file_cost(task.source) if len(removers) > 1 else 0):
                begun(task)
                return remove_one(task, remover, write)
        finally:
            idle.put(remover)

    from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait  # slow to load

    several = single_threaded_opencv() if len(removers) > 1 else nullcontext()
    with several, ThreadPoolExecutor(len(removers)) as pool:
        running: set[Future[Result]] = set()
        try:
            for task in tasks:
                running.add(pool.submit(work, task))
                if len(running) > len(removers):  # one waits its turn, so that no core idles
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            for future in running:
                future.cancel()


def remove_one(task: Task, remover: Remover, write: Write) -> Result:
    """Do one task; whatever goes wrong is told with the result."""
    began = perf_counter()
    failure: Exception | None = None
    size: Size | None = None
    presence: Presence | None = None
    notes: tuple[str, ...] = ()
    try:
        cutout = remover.remove(task.source)
        size, presence = cutout.size, cutout.presence
        notes = cutout.original.notes
        write(cutout, task)
    except Exception as error:  # noqa: BLE001 - any error is the image's, not the job's
        failure = without_frames(error)
    seconds = perf_counter() - began
    return Result(
        task=task, seconds=seconds, error=failure, size=size, presence=presence, notes=notes
    )


def without_frames(error: Exception) -> Exception:
    """An error without where it came from, which would keep the image in memory."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
