"""Working through videos: what is done already, how far it is, what became of each."""

import argparse
import os
import sys
from time import monotonic

from figureground.cli.batch import divide, refuse_replacing
from figureground.cli.remove_plan import find_journal
from figureground.cli.silence import silenced
from figureground.cli.summary import Summary, begin, in_a_line, note, say
from figureground.cli.video_plan import plan_videos, task_of, video_settings
from figureground.engines import Engine
from figureground.jobs.journal import Journal, as_cut_short, stamp
from figureground.jobs.video import Outcome, VideoJob, convert_video
from figureground.jobs.video_style import CHROMA_GREEN
from figureground.matting.roi import open_video_engine
from figureground.media.atomic import sweep
from figureground.media.paths import Found
from figureground.media.video_open import is_sequence
from figureground.models.shipped import VIDEO_MODEL, find_model

EVERY = 0.5  # seconds between two reports of progress


def remove_videos(videos: list[Found], arguments: argparse.Namespace, *, alone: bool) -> Summary:
    """Work through videos.

    Args:
        videos: what was found.
        arguments: see `remove_options`.
        alone: whether there is nothing else to do.
    Raises:
        UsageError: what was asked for fits no video, or something would be lost.
    """
    named = [video.path for video in videos] == arguments.inputs and not arguments.container
    many = not (alone and named) or len(videos) > 1
    video_jobs = plan_videos(videos, arguments, many=many, alone=alone)
    journal = find_journal(
        arguments.output,
        [task_of(video_job) for video_job in video_jobs],
        several=not alone or len(video_jobs) > 1,
        settings=video_settings(arguments),
    )
    done, todo = divide(video_jobs, lambda video_job: is_done(video_job, arguments, journal))
    tasks = [task_of(video_job) for video_job in todo]
    refuse_replacing(tasks, None if arguments.overwrite else journal)
    if arguments.dry_run:
        for video_job in todo:
            print(video_job.target)
        return Summary(unit="videos")
    if done and not arguments.quiet:
        are = "is" if len(done) == 1 else "are"
        say(
            f"{len(done)} of {len(video_jobs)} videos {are} done already; --overwrite does them anew"
        )
    found = work(todo, arguments, journal) if todo else {}
    return Summary(
        unit="videos",
        asked=len(video_jobs),
        settled=[str(video_job.source) for video_job in done],
        tried=list(found),
        failures=[(source, why) for source, why in found.items() if why is not None],
        journal=journal,
    )


def is_done(video_job: VideoJob, arguments: argparse.Namespace, journal: Journal | None) -> bool:
    """Return whether there is nothing left to do; of numbered pictures no journal knows."""
    if arguments.overwrite:
        return False
    if arguments.skip_existing and os.path.exists(video_job.target):
        return True
    return (
        journal is not None
        and not is_sequence(video_job.source)
        and journal.holds(task_of(video_job))
    )


def work(
    video_jobs: list[VideoJob], arguments: argparse.Namespace, journal: Journal | None
) -> dict[str, str | None]:
    """Do them; returns the sources that were tried, and why they failed."""
    with silenced():
        engine = open_video_engine(find_model(arguments.model or VIDEO_MODEL))
    for folder in {video_job.target.parent for video_job in video_jobs}:
        sweep(folder)
    begin(journal)  # results can go elsewhere than the journal
    found: dict[str, str | None] = {}
    for video_job in video_jobs:
        why = convert(video_job, engine, journal, quiet=arguments.quiet)
        found[str(video_job.source)] = why
        if why is not None and arguments.fail_fast:
            say("stopped at the first failure, as --fail-fast asks")
            break
    return found


def convert(
    video_job: VideoJob, engine: Engine, journal: Journal | None, *, quiet: bool
) -> str | None:
    """Do one, and say and note what became of it; returns why it failed."""
    entry = None if journal is None else journal.entry(task_of(video_job))
    before, meter = stamp(video_job.target), FrameProgress(quiet=quiet)
    try:
        outcome = convert_video(video_job, engine, meter)
    except KeyboardInterrupt:
        meter.wipe()
        if stamp(video_job.target) != before:
            print(f"{video_job.target}: ends where it was interrupted", file=sys.stderr)
            note(journal, None if entry is None else as_cut_short(entry))
        raise
    except Exception as error:  # noqa: BLE001 - any error is the video's, not the job's
        meter.wipe()
        why = in_a_line(error, video_job.source)
        say(why)
        return why
    note(journal, entry)
    report(video_job, outcome, quiet=quiet, meter=meter)
    return None


class FrameProgress:
    """A line of progress, rewritten in place, on a terminal only."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = sys.stderr.isatty() and not quiet
        self.began = self._last = monotonic()

    def __call__(self, done: int, total: int | None) -> None:
        """Show how far it is, twice a second."""
        now = monotonic()
        if self._shown and now - self._last >= EVERY:
            self._last = now
            speed = done / (now - self.began)
            rest = f" of {total}, {max(0, total - done) / speed:.0f} s left" if total else ""
            self._write(f"{done} frames{rest}, {speed:.1f} a second")

    def wipe(self) -> None:
        """Clear the line."""
        if self._shown:
            self._write("")

    def _write(self, text: str) -> None:
        print(f"\r\x1b[2K{text}", end="", file=sys.stderr, flush=True)


def report(video_job: VideoJob, outcome: Outcome, *, quiet: bool, meter: FrameProgress) -> None:
    """Say where the result is, what it could not keep, and what the source lacked."""
    meter.wipe()
    if outcome.damaged or outcome.missing:
        print(
            f"figureground: {video_job.source}: {outcome.frames} frames done; in the source "
            f"{outcome.damaged} are damaged and {outcome.missing} missing",
            file=sys.stderr,
        )
    if quiet:
        return
    over = video_job.look.kind == "composite" and video_job.look.background == CHROMA_GREEN
    if over and video_job.target.suffix:
        outcome.notes.insert(
            0,
            f"the person is over green, since {video_job.target.suffix} holds no transparency; "
            "-o NAME.webm, NAME.mov or a folder does",
        )
    for loss in outcome.notes:
        print(f"{video_job.target}: {loss}", file=sys.stderr)
    print(video_job.target)
