"""Working through images: what is done already, and what became of each of the others."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from figureground.errors import ImageError
from figureground.jobs.bookkeeping import Bookkeeper, divide, find_journal, refuse_replacing
from figureground.jobs.events import (
    AlreadyDone,
    Begun,
    Ended,
    ImageDone,
    ImageFailed,
    Interrupted,
    Note,
    Planned,
    Tell,
)
from figureground.jobs.job import ImageJob
from figureground.jobs.journal_lines import as_empty
from figureground.jobs.planning import plan_images
from figureground.jobs.style import read_style
from figureground.jobs.summary import Failure, Summary, in_a_line
from figureground.media.atomic import sweep
from figureground.media.naming import Task
from figureground.media.remote import is_remote, is_there, spell
from figureground.media.walk import Inputs

if TYPE_CHECKING:
    from figureground.jobs.cutout import Cutout
    from figureground.jobs.remover import Remover
    from figureground.jobs.workers import Result, Write

UNIT = "images"
STOPPED = "stopped at the first failure, as --fail-fast asks"


def remove_images(job: ImageJob, inputs: Inputs, tell: Tell) -> Summary:
    """Do what a job asks for; in a dry run, tell it.

    Raises:
        UsageError: what is asked for makes no sense, or something would be lost.
        FiguregroundError: a background or a network cannot be read.
    """
    tasks, to_file = plan_images(job, inputs)
    journal = find_journal(job, tasks.folders, several=len(tasks) > 1, to_file=to_file)
    keeper = Bookkeeper(journal, tell)
    batch = ImageBatch(job, keeper, tell)
    if job.dry_run:
        for task in tasks:
            tell(Planned(task=task, unit=UNIT, done=batch.is_done(task)))
        return Summary(unit=UNIT)
    done, todo = divide(tasks, batch.is_done)
    refuse_replacing(todo, journal, job)
    if not todo:
        return batch.work(done, todo)
    batch.prepare(len(todo))
    if journal is None:
        return batch.work(done, todo)
    with keeper.alone():
        keeper.begin()
        for folder in tasks.folders:
            sweep(Path(folder))
        return batch.work(done, todo)


class ImageBatch:
    """Works on images as a job asks for."""

    def __init__(self, job: ImageJob, keeper: Bookkeeper, tell: Tell) -> None:
        self.job, self.keeper, self.tell = job, keeper, tell
        named = job.background is not None or job.style.keep_mask is not None
        if named or job.background_fit or job.flip_background:
            read_style(job)  # which is told before anything is done
        self._removers: Sequence[Remover] = ()
        self._empty: list[tuple[str, str]] = []  # source; empty or skipped
        self._noted: set[Path] = set()  # sources that are done, some before their turn to be told
        self._write: Write

    def prepare(self, tasks: int, *, check: Callable[[Task], object] | None = None) -> None:
        """Load a network for each image that is worked on at once.

        check: looks at an image before its results are written.
        """
        self._removers, write = load_removers(self.job, tasks), writer_for(self.job)

        def checked(cutout: "Cutout", task: Task) -> None:
            if check is not None:
                check(task)
            write(cutout, task)
            self._note_done(task, empty=cutout.presence.empty)

        self._write = checked

    def is_done(self, task: Task) -> bool:
        """Return whether there is nothing left to do for an image."""
        if self.job.overwrite:
            return False
        remote = any(map(is_remote, task.targets.values()))  # no journal knows of it
        if (self.job.skip_existing or remote) and all(map(is_there, task.targets.values())):
            return True
        journal = self.keeper.journal
        return journal is not None and journal.holds(task, skip_empty=self.job.on_empty == "skip")

    def work(self, done: Sequence[Task], todo: Sequence[Task], *, quietly: bool = False) -> Summary:
        """Do what is left; `quietly` tells nothing of what is done already."""
        self.tell(Begun(unit=UNIT, total=len(todo), done=0 if quietly else len(done)))
        for task in () if quietly else done:
            self.tell(AlreadyDone(task=task, unit=UNIT))
        tried: list[str] = []
        failures: list[Failure] = []
        self._empty, self._noted = [], set()
        try:
            with closing(self._each(todo)) as each:
                for task, why in each:
                    tried.append(spell(task.source))
                    if why is not None:
                        failures.append((tried[-1], why))
                    if why is not None and self.job.fail_fast:
                        self.tell(Note(text=STOPPED))
                        break
        except KeyboardInterrupt:
            done_now = max(len(self._noted), len(tried))
            self.tell(Interrupted(unit=UNIT, done=done_now, total=len(todo)))
            raise
        finally:
            self.keeper.end()
        self.tell(Ended(unit=UNIT))
        return Summary(
            unit=UNIT,
            asked=len(done) + len(todo),
            done_before=[spell(task.source) for task in done],
            tried=tried,
            failures=failures,
            empty=self._empty,
            journal=self.keeper.journal,
        )

    def _each(self, todo: Sequence[Task]) -> Generator[tuple[Task, str | None]]:
        """Do the tasks; yield each with why it failed."""
        from figureground.jobs.workers import remove_many

        suspects, rest = divide(todo, self.keeper.is_suspect)
        if suspects:
            yield from self._suspected(suspects)
        rest = [*suspects, *rest]
        if not rest:
            return
        results = remove_many(rest, self._removers, self._write, self.keeper.take)
        with closing(results):
            for result in results:
                why = None if result.error is None else in_a_line(result.error, result.task.source)
                yield result.task, self._note_outcome(result.task, result, why)

    def _suspected(self, suspects: list[Task]) -> Generator[tuple[Task, str | None]]:
        """Do those that a process may have died of; what is not done stays in the list."""
        from figureground.jobs.suspects import try_suspects  # hardly ever needed

        with closing(try_suspects(self.job, tuple(suspects), self.keeper, self.tell)) as answers:
            for task, result, why in answers:
                suspects.remove(task)
                yield task, self._note_outcome(task, result, why)

    def _note_done(self, task: Task, *, empty: bool) -> None:
        """Note at once what is done, as Ctrl-C may come."""
        self.keeper.done(task, as_empty if self._is_left_out(empty) else dict)
        self._noted.add(task.source)

    def _is_left_out(self, empty: bool) -> bool:
        return empty and self.job.on_empty == "skip"

    def _note_outcome(self, task: Task, result: "Result | None", why: str | None) -> str | None:
        """Note and tell what became of an image; returns why it failed."""
        if why is not None or result is None or result.size is None or result.presence is None:
            self.keeper.failed(task)
            self.tell(
                ImageFailed(
                    task=task,
                    error=why or "",
                    seconds=0.0 if result is None else result.seconds,
                    size=None if result is None else result.size,
                    presence=None if result is None else result.presence,
                )
            )
            return why
        empty = result.presence.empty
        written = not self._is_left_out(empty)
        if task.source not in self._noted:  # it was done by another process
            self._note_done(task, empty=empty)
        if empty:
            self._empty.append((spell(task.source), "empty" if written else "skipped"))
        self.tell(
            ImageDone(
                task=task, seconds=result.seconds, size=result.size, presence=result.presence,
                written=written, notes=result.notes,
            )
        )  # fmt: skip
        return None


def load_removers(job: ImageJob, tasks: int, *, threads: int | None = None) -> "list[Remover]":
    """A network for each image that is worked on at once.

    threads: cores that each may use; if None, all cores are shared between them.
    """
    from figureground.jobs.remover import Remover
    from figureground.resources import cores

    workers = max(1, min(tasks, own := cores()))
    threads = threads or max(1, own // workers)
    return [
        Remover(
            job.model,
            threads=threads,
            max_pixels=job.max_pixels,
            max_memory=job.max_memory,
            smooth=job.smooth,
            raw=job.raw,
            device=job.device,
            color=job.color,
        )
        for _ in range(workers)
    ]


def writer_for(job: ImageJob, put: Callable[[Path, bytes], None] | None = None) -> "Write":
    """What writes the results of one image; where there is nobody, as the job asks.

    put: puts a file in its place; None writes it there.
    """
    from figureground.jobs import outputs
    from figureground.media.remote import write_bytes

    style, place = read_style(job), put or write_bytes

    def write(cutout: "Cutout", task: Task) -> None:
        left_out = job.on_empty != "keep" and cutout.presence.empty
        if left_out and job.on_empty == "fail":
            raise ImageError(
                f"there is nobody in {str(task.source)!r}; --on-empty keep writes it all the same"
            )
        if not left_out:
            outputs.write_outputs(cutout, task, style, job.encoding, place)

    return write
