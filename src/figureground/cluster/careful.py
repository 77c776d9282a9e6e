"""Images of a batch that workers died of: each in a process of its own, to find which one it was."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from figureground.jobs.bookkeeping import Bookkeeper
from figureground.jobs.events import Event
from figureground.jobs.job import ImageJob
from figureground.jobs.suspects import try_suspects
from figureground.media.naming import Task


class _Deaths(Bookkeeper):
    """Keeps what ended the process that worked on it."""

    def __init__(self) -> None:
        super().__init__(None, _silent)
        self.last: Task | None = None

    def died(self, task: Any, how: str) -> None:
        """Keep it."""
        self.last = task


def try_each(job: ImageJob, tasks: Sequence[Task]) -> Iterator[tuple[Task, Any, str | None, bool]]:
    """Do tasks in another process; yield each, its result, why it failed, and whether that died.

    What is not yielded could not be tried, since there is no other process to be had.
    """
    deaths = _Deaths()
    with closing(try_suspects(job, tasks, deaths, _silent)) as answers:
        for task, result, why in answers:
            yield task, result, why, deaths.last is task


def _silent(event: Event) -> None:
    """Tell nobody."""
