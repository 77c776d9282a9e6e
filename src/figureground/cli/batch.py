"""Working through planned pictures: what is done already, how far it is, what became of each."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from figureground.cli.lines import as_json, as_planned
from figureground.cli.progress import Progress
from figureground.cli.summary import Failure, Summary, begin, in_a_line, note, say, sum_up
from figureground.errors import PictureError, UsageError
from figureground.jobs.journal import Entry, Journal, as_empty, stamp
from figureground.jobs.remover import Cutout, Remover
from figureground.jobs.workers import Result, Write, remove_many
from figureground.media.atomic import sweep
from figureground.media.naming import Task
from figureground.media.remote import is_remote, is_there, spell

PAUSE = 1.0  # seconds between two looks at a watched folder

Work = TypeVar("Work")


@dataclass(frozen=True, kw_only=True)
class Batch:
    """How a job is run."""

    write: Write
    removers: Sequence[Remover] = ()
    journal: Journal | None = None
    overwrite: bool = False  # do all, whatever is done already
    skip_existing: bool = False  # leave every picture that has all its results, whoever made them
    fail_fast: bool = False
    on_empty: str = "keep"  # what to do where there is nobody: keep, skip or fail
    quiet: bool = False
    lines: bool = False  # a JSON object a picture on standard output


def is_done(task: Task, batch: Batch) -> bool:
    """Return whether there is nothing left to do for a picture."""
    if batch.overwrite:
        return False
    remote = any(is_remote(target) for target in task.targets.values())  # no journal knows of it
    if (batch.skip_existing or remote) and all(map(is_there, task.targets.values())):
        return True
    skip_empty = batch.on_empty == "skip"
    return batch.journal is not None and batch.journal.holds(task, skip_empty=skip_empty)


def run_batch(tasks: Sequence[Task], batch: Batch) -> Summary:
    """Do what is left of the tasks, and say what became of each."""
    done, todo = divide(tasks, lambda task: is_done(task, batch))
    refuse_replacing(todo, None if batch.overwrite else batch.journal)
    if done and not batch.quiet:
        are = "is" if len(done) == 1 else "are"
        say(f"{len(done)} of {len(tasks)} pictures {are} done already; --overwrite does them anew")
    for task in done if batch.lines else ():
        print(json.dumps(as_planned(task, done=True)))
    if batch.journal is not None and todo:
        begin(batch.journal)  # results can go elsewhere than the journal
        for folder in {target.parent for task in todo for target in task.targets.values()}:
            sweep(folder)
    return _do(done, todo, batch)


def tell_plan(tasks: Sequence[Task], batch: Batch) -> None:
    """Print what would be written, or a JSON object a picture."""
    for task in tasks:
        done = is_done(task, batch)
        if batch.lines:
            print(json.dumps(as_planned(task, done=done)))
        elif not done:
            print(*map(spell, task.targets.values()), sep="\n")


def divide(
    all_of_it: Sequence[Work], is_done: Callable[[Work], bool]
) -> tuple[list[Work], list[Work]]:
    """Return what is done already, and what is left."""
    parts: tuple[list[Work], list[Work]] = [], []
    for work in all_of_it:
        parts[not is_done(work)].append(work)
    return parts


def _do(done: Sequence[Task], todo: Sequence[Task], batch: Batch) -> Summary:
    """Do what is left."""
    tried: list[str] = []
    failures: list[Failure] = []
    for result in _work(todo, batch):
        tried.append(spell(result.task.source))
        if result.error is not None:
            failures.append((tried[-1], in_a_line(result.error, result.task.source)))
    return Summary(
        unit="pictures",
        asked=len(done) + len(todo),
        settled=[spell(task.source) for task in done],
        tried=tried,
        failures=failures,
        journal=batch.journal,
    )


def refuse_replacing(todo: Sequence[Task], journal: Journal | None) -> None:
    """See that no result of another picture or video is lost. Raises UsageError."""
    for task in todo:
        other = None if journal is None else journal.other_source(task)
        if other is not None:
            raise UsageError(
                f"{str(task.source)!r} would replace what was made from {str(other)!r}; choose "
                "another -o, or --overwrite"
            )


def _work(todo: Sequence[Task], batch: Batch) -> Iterator[Result]:
    """Do the tasks; yield what became of each."""
    entries: dict[Path, Entry] = {}
    progress = Progress(
        len(todo), unit="pictures", shown=None if len(todo) > 1 and not batch.quiet else False
    )
    tasks = _noting(todo, batch.journal, entries)
    results = remove_many(tasks, batch.removers, on_empty(batch.on_empty, batch.write))
    for result in telling_interruption(results, progress):
        entry = entries.pop(result.task.source, None)
        if batch.journal is not None and entry is not None and result.error is None:
            note(batch.journal, as_empty(entry) if was_skipped(result, batch) else entry)
        progress.clear()
        report(result, batch, bar=progress.shown)
        progress.advance()
        yield result
        if result.error is not None and batch.fail_fast:
            say("stopped at the first failure, as --fail-fast asks")
            break
    progress.finish()


def telling_interruption(results: Iterator[Result], progress: Progress) -> Iterator[Result]:
    """The results; where Ctrl-C ends them, it is said how many are done."""
    try:
        yield from results
    except KeyboardInterrupt:
        progress.finish()
        if progress.total > 1:
            are = "is" if progress.done == 1 else "are"
            say(f"{progress.done} of {progress.total} {progress.unit} {are} done; "
                "the same command goes on")  # fmt: skip
        raise


def _noting(
    tasks: Sequence[Task], journal: Journal | None, entries: dict[Path, Entry]
) -> Iterator[Task]:
    """The tasks, each picture's state noted before it is read: what changes later is done anew."""
    for task in tasks:
        if journal is not None:
            entries[task.source] = journal.entry(task)
        yield task


def on_empty(what: str, write: Write) -> Write:
    """A writer that meets pictures without people as asked."""

    def checked(cutout: Cutout, task: Task) -> None:
        if cutout.presence.empty and what == "fail":
            raise PictureError(
                f"there is nobody in {str(task.source)!r}; --on-empty keep writes it all the same"
            )
        if not (cutout.presence.empty and what == "skip"):
            write(cutout, task)

    return checked


def was_skipped(result: Result, batch: Batch) -> bool:
    """Return whether nothing was written of a picture, since it shows nobody."""
    return result.presence is not None and result.presence.empty and batch.on_empty == "skip"


def report(result: Result, batch: Batch, *, bar: bool, silent: bool = False) -> None:
    """Say what became of one picture; `silent` prints nothing on standard output."""
    skipped = was_skipped(result, batch)
    if batch.lines and not silent:
        print(json.dumps(as_json(result, skipped=skipped)), flush=True)
    if result.error is not None:
        say(in_a_line(result.error, result.task.source))
        return
    if result.presence is not None and result.presence.empty and not batch.quiet:
        say(f"there is nobody in {spell(result.task.source)!r}{'; skipped' if skipped else ''}")
    if not (silent or batch.quiet or batch.lines or skipped or (bar and sys.stdout.isatty())):
        for path in result.task.targets.values():
            print(spell(path))


def watch(find: Callable[[], list[Task]], batch: Batch) -> Summary:
    """Do whatever appears, until Ctrl-C; a file is taken once it has stopped growing.

    What failed is tried again once it changes, and so is everything that is done anew.

    Returns:
        With `fail_fast`, what was done when something failed.
    """
    seen: dict[Path, list[int] | None] = {}
    tried: dict[Path, list[int] | None] = {}
    while True:
        tasks = _find_if_clear(find)
        now = {task.source: stamp(task.source) for task in tasks}
        still = [task for task in tasks if seen.get(task.source) == now[task.source]]
        fresh = [task for task in still if tried.get(task.source) != now[task.source]]
        summary = _do(*divide(fresh, lambda task: is_done(task, batch)), batch)
        failed = {source for source, _ in summary.failures}
        for task in fresh:
            if batch.overwrite or spell(task.source) in failed:
                tried[task.source] = now[task.source]
        if summary.failures and batch.fail_fast:
            return summary
        if summary.tried:
            sum_up([summary])
        seen = now
        time.sleep(PAUSE)


def _find_if_clear(find: Callable[[], list[Task]]) -> list[Task]:
    """The tasks, as soon as there are any and no two have results of one name, which is said."""
    said = ""
    while True:
        try:
            return find()
        except PictureError:  # nothing there yet
            return []
        except UsageError as error:
            if str(error) != said:
                said = str(error)
                say(f"{said}; until then nothing is done")
        time.sleep(PAUSE)
