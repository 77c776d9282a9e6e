"""Working through videos: what is done already, and what became of each of the others."""

import os
from collections.abc import Generator, Sequence
from contextlib import closing, nullcontext
from time import perf_counter

from figureground.engines import Engine
from figureground.errors import UsageError
from figureground.jobs.bookkeeping import Bookkeeper, divide, find_journal, refuse_replacing
from figureground.jobs.events import (
    AlreadyDone,
    Begun,
    Ended,
    Interrupted,
    Note,
    Planned,
    Tell,
    VideoBegun,
    VideoCutShort,
    VideoDone,
    VideoFailed,
    VideoProgress,
)
from figureground.jobs.image_batch import STOPPED
from figureground.jobs.job import VideoJob
from figureground.jobs.journal import stamp
from figureground.jobs.journal_lines import as_cut_short
from figureground.jobs.summary import Summary, in_a_line
from figureground.jobs.suspects import try_suspects
from figureground.jobs.video import Outcome, VideoTask, convert_video
from figureground.jobs.video_planning import plan_videos
from figureground.matting.roi import open_video_engine
from figureground.media.atomic import sweep
from figureground.media.naming import Task
from figureground.media.remote import is_remote, spell
from figureground.media.video_open import is_sequence
from figureground.media.walk import Inputs
from figureground.models.shipped import find_model

UNIT = "videos"


def remove_videos(job: VideoJob, inputs: Inputs, tell: Tell) -> Summary:
    """Do what a job asks for; in a dry run, tell it.

    Raises:
        UsageError: what was asked for fits no video, or something would be lost.
    """
    videos = [video.path for video in inputs.videos]
    far = [spell(path) for path in videos if is_remote(path)]
    if far:
        raise UsageError(f"{far[0]!r} is a remote video; download it first")
    alone = not inputs.given
    named = videos == list(job.sources) and not job.container
    by_folder = not (alone and named) or len(videos) > 1 or job.name is not None
    tasks = plan_videos(job, inputs, many=by_folder)
    journal = find_journal(
        job,
        {str(task.target.parent) for task in tasks},
        several=not alone or len(tasks) > 1,
        to_file=job.out in [task.target for task in tasks],
    )
    done, todo = divide(tasks, lambda task: is_done(job, task, Bookkeeper(journal, tell)))
    refuse_replacing(todo, journal, job)
    if job.dry_run:
        for task in tasks:
            tell(Planned(task=_named(task), unit=UNIT, done=task not in todo))
        return Summary(unit=UNIT)
    tell(Begun(unit=UNIT, total=len(todo), done=len(done)))
    for task in done:
        tell(AlreadyDone(task=_named(task), unit=UNIT))
    keeper = Bookkeeper(journal, tell)
    with keeper.alone() if todo else nullcontext():
        found = work(job, todo, keeper, tell) if todo else []
    tell(Ended(unit=UNIT))
    return Summary(
        unit=UNIT,
        asked=len(tasks),
        done_before=[str(task.source) for task in done],
        tried=[source for source, _ in found],
        failures=[(source, why) for source, why in found if why is not None],
        journal=journal,
    )


def is_done(job: VideoJob, task: VideoTask, keeper: Bookkeeper) -> bool:
    """Return whether there is nothing left to do; of numbered images no journal knows."""
    if job.overwrite:
        return False
    if job.skip_existing and os.path.exists(task.target):
        return True
    journal = keeper.journal
    return journal is not None and not is_sequence(task.source) and journal.holds(task)


def work(
    job: VideoJob, tasks: Sequence[VideoTask], keeper: Bookkeeper, tell: Tell
) -> list[tuple[str, str | None]]:
    """Do them; returns the sources that were tried, and why they failed."""
    engine = open_network(job)
    for folder in {task.target.parent for task in tasks}:
        sweep(folder)
    keeper.begin()
    found: list[tuple[str, str | None]] = []
    try:
        with closing(_each(job, tasks, engine, keeper, tell)) as each:
            for task, why in each:
                found.append((str(task.source), why))
                if why is not None and job.fail_fast:
                    tell(Note(text=STOPPED))
                    break
    except KeyboardInterrupt:
        tell(Interrupted(unit=UNIT, done=len(found), total=len(tasks)))
        raise
    finally:
        keeper.end()
    return found


def open_network(job: VideoJob) -> Engine:
    """Load the network that a job asks for."""
    return open_video_engine(find_model(job.model))


def _each(
    job: VideoJob, tasks: Sequence[VideoTask], engine: Engine, keeper: Bookkeeper, tell: Tell
) -> Generator[tuple[VideoTask, str | None]]:
    """Do the tasks; yield each with why it failed."""
    suspects, rest = divide(tasks, keeper.is_suspect)
    with closing(try_suspects(job, tuple(suspects), keeper, tell)) as answers:
        for task, outcome, why in answers:
            suspects.remove(task)
            yield task, _note_outcome(task, outcome, why, keeper, tell)
    for task in (*suspects, *rest):
        keeper.take(task)
        began = perf_counter()
        outcome, why = convert(task, engine, keeper, tell)
        seconds = perf_counter() - began
        yield task, _note_outcome(task, outcome, why, keeper, tell, seconds)


def convert(
    task: VideoTask, engine: Engine, keeper: Bookkeeper, tell: Tell
) -> tuple[Outcome | None, str | None]:
    """Do one; returns what became of it, or why it failed."""
    before = stamp(task.target)
    tell(VideoBegun(task=task))

    def progress(done: int, of: int | None) -> None:
        tell(VideoProgress(task=task, frames=done, total=of))

    try:
        outcome = convert_video(task, engine, progress)
    except KeyboardInterrupt:
        if stamp(task.target) != before:
            keeper.done(task, as_cut_short)
            tell(VideoCutShort(task=task))
        raise
    except Exception as error:  # noqa: BLE001 - any error is the video's, not the job's
        return None, in_a_line(error, task.source)
    return outcome, None


def _note_outcome(
    task: VideoTask, outcome: Outcome | None, why: str | None, keeper: Bookkeeper, tell: Tell,
    seconds: float | None = None,
) -> str | None:  # fmt: skip
    """Note and tell what became of a video; returns why it failed."""
    if outcome is None:
        keeper.failed(task)
        tell(VideoFailed(task=task, error=why or "", seconds=seconds))
        return why
    keeper.done(task)
    tell(VideoDone(task=task, outcome=outcome, seconds=seconds))
    return None


def _named(task: VideoTask) -> Task:
    return Task(source=task.source, targets=task.targets)
