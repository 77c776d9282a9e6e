"""A folder that fills: whatever appears in it is worked on, until Ctrl-C."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from figureground.errors import ImageError, UsageError
from figureground.jobs.bookkeeping import Bookkeeper, divide, refuse_replacing
from figureground.jobs.events import Finished, Note, Tell
from figureground.jobs.image_batch import ImageBatch
from figureground.jobs.job import ImageJob
from figureground.jobs.journal import NAME, Journal, stamp
from figureground.jobs.planning import find_of, goes_to_file, plan_images, sources_of
from figureground.jobs.summary import Summary, sum_up
from figureground.media.naming import Task, Tasks
from figureground.media.remote import is_remote, spell
from figureground.media.walk import Inputs
from figureground.resources import cores

PAUSE = 1.0  # seconds between two looks at a watched folder


def watch(job: ImageJob, tell: Tell) -> Summary:
    """Do whatever appears; a file is taken once it has stopped growing.

    What failed is tried again once it changes, and so is everything that is done anew.

    Returns:
        With `fail_fast`, what was done when something failed.
    Raises:
        UsageError: results have no folder here, or what is asked for makes no sense.
    """
    out = _folder_of(job)
    with suppress(ImageError):  # nothing there yet; misuse ends it at once
        _look(job)
    journal = Journal(out / NAME, settings=job.fingerprint())
    batch = ImageBatch(job, Bookkeeper(journal, tell), tell)
    batch.prepare(cores(), check=_refuse(journal, job))
    with batch.keeper.alone():
        batch.keeper.begin()
        return _go_on(job, batch, tell)


def _go_on(job: ImageJob, batch: ImageBatch, tell: Tell) -> Summary:
    """Look again and again; see `watch`."""
    seen: dict[Path, list[int] | None] = {}
    tried: dict[Path, list[int] | None] = {}
    while True:
        now = {task.source: (task, stamp(task.source)) for task in _look_if_clear(job, tell)}
        still = {source: one for source, one in now.items() if seen.get(source) == one[1]}
        fresh = [task for task, state in still.values() if tried.get(task.source) != state]
        summary = batch.work(*divide(fresh, batch.is_done), quietly=True)
        failed = {source for source, _ in summary.failures}
        tried |= {
            task.source: now[task.source][1]
            for task in fresh
            if job.overwrite or spell(task.source) in failed
        }
        if summary.tried:
            summary = sum_up([summary])
            tell(Finished(summary=summary))
        if summary.failures and job.fail_fast:
            return summary
        seen = {source: state for source, (_, state) in now.items()}
        time.sleep(PAUSE)


def _folder_of(job: ImageJob) -> Path:
    """The folder for results. Raises UsageError where there is none here."""
    if job.dry_run:
        raise UsageError("--watch cannot know what will appear; leave --dry-run or --watch out")
    out = job.out
    away = out is None or any(map(is_remote, [*job.sources, out]))
    if out is None or away or goes_to_file(job, Inputs(given=sources_of(job))):
        raise UsageError("--watch needs a folder here for the results: -o FOLDER")
    return out


def _refuse(journal: Journal, job: ImageJob) -> Callable[[Task], object]:
    return lambda task: refuse_replacing([task], journal, job)


def _look(job: ImageJob) -> Tasks:
    return plan_images(job, find_of(job))[0]


def _look_if_clear(job: ImageJob, tell: Tell) -> "Tasks | list[Task]":
    """The tasks, as soon as there are any and no two have results of one name, which is told."""
    said = ""
    while True:
        try:
            return _look(job)
        except ImageError:  # nothing there yet
            return []
        except UsageError as error:
            if str(error) != said:
                said = str(error)
                tell(Note(text=f"{said}; until then nothing is done"))
        time.sleep(PAUSE)
