"""Working through videos: what is done already, how far it is, what became of each."""

import argparse
import os
import sys
from contextlib import suppress
from time import monotonic

from figureground.cli.batch import divide, refuse_replacing
from figureground.cli.clip_plan import clip_settings, plan_clips, task_of
from figureground.cli.loading import hushed
from figureground.cli.remove_plan import find_journal
from figureground.cli.tally import Tally, in_a_line, say
from figureground.engines import Engine
from figureground.errors import FiguregroundError
from figureground.jobs.clip import Clip, Outcome, remove_clip
from figureground.jobs.clip_look import GREEN
from figureground.jobs.journal import Entry, Journal, as_cut_short, stamp
from figureground.matting.film_look import open_film_engine
from figureground.media.atomic import sweep
from figureground.media.paths import Found
from figureground.media.video_open import is_sequence
from figureground.models.shipped import FILM_MODEL, find_model

EVERY = 0.5  # seconds between two reports of progress


def take_clips(videos: list[Found], arguments: argparse.Namespace, *, alone: bool) -> Tally:
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
    clips = plan_clips(videos, arguments, many=many, alone=alone)
    journal = find_journal(
        arguments.out,
        [task_of(clip) for clip in clips],
        several=not alone or len(clips) > 1,
        settings=clip_settings(arguments),
    )
    done, todo = divide(clips, lambda clip: is_done(clip, arguments, journal))
    tasks = [task_of(clip) for clip in todo]
    refuse_replacing(tasks, None if arguments.overwrite else journal)
    if arguments.dry_run:
        for clip in todo:
            print(clip.target)
        return Tally(unit="videos")
    if done and not arguments.quiet:
        say(f"{len(done)} of {len(clips)} videos are done already; --overwrite does them anew")
    found = work(todo, arguments, journal) if todo else {}
    return Tally(
        unit="videos",
        asked=len(clips),
        settled=[str(clip.source) for clip in done],
        tried=list(found),
        failures=[(source, why) for source, why in found.items() if why is not None],
        journal=journal,
    )


def is_done(clip: Clip, arguments: argparse.Namespace, journal: Journal | None) -> bool:
    """Whether there is nothing left to do; of numbered pictures no journal knows."""
    if arguments.overwrite:
        return False
    if arguments.skip_existing and os.path.exists(clip.target):
        return True
    return journal is not None and not is_sequence(clip.source) and journal.holds(task_of(clip))


def work(
    clips: list[Clip], arguments: argparse.Namespace, journal: Journal | None
) -> dict[str, str | None]:
    """Do them; returns the sources that were tried, and why they failed."""
    with hushed():
        engine = open_film_engine(find_model(arguments.model or FILM_MODEL))
    for folder in {clip.target.parent for clip in clips}:
        sweep(folder)
    if journal is not None:
        with suppress(FiguregroundError):  # results can go elsewhere than the journal
            journal.begin()
    found: dict[str, str | None] = {}
    for clip in clips:
        why = convert(clip, engine, journal, quiet=arguments.quiet)
        found[str(clip.source)] = why
        if why is not None and arguments.fail_fast:
            say("stopped at the first failure, as --fail-fast asks")
            break
    return found


def convert(clip: Clip, engine: Engine, journal: Journal | None, *, quiet: bool) -> str | None:
    """Do one, and say and note what became of it; returns why it failed."""
    entry = None if journal is None else journal.entry(task_of(clip))
    before, meter = stamp(clip.target), Meter(quiet=quiet)
    try:
        outcome = remove_clip(clip, engine, meter)
    except KeyboardInterrupt:
        meter.wipe()
        if stamp(clip.target) != before:
            print(f"{clip.target}: ends where it was interrupted", file=sys.stderr)
            note(journal, None if entry is None else as_cut_short(entry))
        raise
    except Exception as error:  # noqa: BLE001 - any error is the video's, not the job's
        meter.wipe()
        why = in_a_line(error, clip.source)
        say(why)
        return why
    note(journal, entry)
    report(clip, outcome, quiet=quiet, meter=meter)
    return None


def note(journal: Journal | None, entry: Entry | None) -> None:
    """Add an entry, where there is a journal."""
    if journal is not None and entry is not None:
        with suppress(OSError):  # results can go elsewhere than the journal
            journal.add(entry)


class Meter:
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


def report(clip: Clip, outcome: Outcome, *, quiet: bool, meter: Meter) -> None:
    """Say where the result is, what it could not keep, and what the source lacked."""
    meter.wipe()
    if outcome.damaged or outcome.missing:
        print(
            f"figureground: {clip.source}: {outcome.frames} frames done; in the source "
            f"{outcome.damaged} are damaged and {outcome.missing} missing",
            file=sys.stderr,
        )
    if quiet:
        return
    over = clip.look.kind == "composite" and clip.look.background == GREEN
    if over and clip.target.suffix:
        outcome.notes.insert(
            0,
            f"the person is over green, since {clip.target.suffix} holds no transparency; "
            "-o NAME.webm, NAME.mov or a folder does",
        )
    for note in outcome.notes:
        print(f"{clip.target}: {note}", file=sys.stderr)
    print(clip.target)
