"""Many pictures: every core works on its own, and a bad picture stops none of the others."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from time import perf_counter

from figureground.errors import FiguregroundError
from figureground.jobs.remover import Cutout, Remover
from figureground.media.paths import Task


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of one picture."""

    task: Task
    seconds: float
    error: FiguregroundError | None = None


Write = Callable[[Cutout, Task], None]


def remove_many(
    tasks: Iterable[Task], make_remover: Callable[[], Remover], write: Write, *, workers: int
) -> Iterator[Result]:
    """Work through all tasks, several at a time, and yield each as it is done.

    Args:
        tasks: pictures and what is to be written of them.
        make_remover: makes the remover of one worker; called once in each.
        write: writes the files of one finished picture.
        workers: how many pictures are in work, and so in memory, at once.
    """
    own = threading.local()

    def work(task: Task) -> Result:
        began = perf_counter()
        try:
            if not hasattr(own, "remover"):
                own.remover = make_remover()
            write(own.remover.remove(task.source), task)
        except FiguregroundError as error:
            return Result(task=task, seconds=perf_counter() - began, error=error)
        return Result(task=task, seconds=perf_counter() - began)

    with ThreadPoolExecutor(workers) as pool:
        running: set[Future[Result]] = set()
        try:
            for task in tasks:
                running.add(pool.submit(work, task))
                if len(running) > workers:  # one waits its turn, so that no worker ever idles
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            while running:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        finally:
            for future in running:
                future.cancel()


def count_failures(results: Sequence[Result]) -> int:
    """How many pictures failed."""
    return sum(result.error is not None for result in results)
