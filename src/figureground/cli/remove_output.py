"""What a job tells, as lines: results on standard output, all else on standard error."""

import json
import sys
from collections.abc import Callable
from typing import Any

from figureground.cli import in_short
from figureground.cli.progress import Progress
from figureground.counts import are, counted
from figureground.jobs import events
from figureground.media.naming import Task
from figureground.media.remote import is_there, spell
from figureground.media.sorting import passed_over


def say(what: str) -> None:
    """A line about the job, on standard error."""
    print(f"figureground: {in_short(what)}", file=sys.stderr)


class Printer:
    """Prints what a job tells.

    Args:
        quiet: print nothing but errors.
        lines: print a JSON object an image or video.
        silent: print nothing on standard output, which is a result.
    """

    def __init__(self, *, quiet: bool = False, lines: bool = False, silent: bool = False) -> None:
        self.quiet, self.lines, self.silent = quiet, lines, silent
        self._bar: Progress | None = None
        self._frames: Progress | None = None
        self._ways: dict[type, Callable[[Any], None]] = {
            events.Planned: self._planned,
            events.PassedOver: self._passed_over,
            events.Begun: self._begun,
            events.AlreadyDone: self._already_done,
            events.ImageDone: self._image_done,
            events.ImageFailed: self._image_failed,
            events.VideoBegun: self._video_begun,
            events.VideoProgress: self._video_progress,
            events.VideoDone: self._video_done,
            events.VideoFailed: self._video_failed,
            events.VideoCutShort: self._cut_short,
            events.Note: self._note,
            events.Interrupted: self._interrupted,
            events.Ended: lambda event: self._finish(self._bar),
            events.Finished: self._finished,
        }

    def __call__(self, event: events.Event) -> None:
        """Print one event."""
        self._ways[type(event)](event)

    def _clear(self) -> None:
        if self._bar is not None:
            self._bar.clear()

    def _advance(self) -> None:
        if self._bar is not None:
            self._bar.advance()

    @staticmethod
    def _finish(bar: Progress | None, *, leave: bool = True) -> None:
        if bar is not None:
            bar.finish(leave=leave)

    def _planned(self, event: events.Planned) -> None:
        if self.lines:
            print(json.dumps(as_planned(event.task, done=event.done)))
        elif not event.done:
            print(*map(spell, event.task.targets.values()), sep="\n")

    def _passed_over(self, event: events.PassedOver) -> None:
        if not self.quiet:
            say(passed_over(event.counts, event.results))

    def _begun(self, event: events.Begun) -> None:
        if event.done and not self.quiet:
            done = counted(event.done, event.unit, of=event.done + (event.total or 0))
            say(f"{done} {are(event.done)} done already; --overwrite does all anew")
        bar = event.unit == "images" and event.total != 1 and not self.quiet
        self._bar = Progress(event.total, unit=event.unit) if bar else None

    def _already_done(self, event: events.AlreadyDone) -> None:
        if self.lines:
            print(json.dumps(as_planned(event.task, done=True)))

    def _image_done(self, event: events.ImageDone) -> None:
        self._clear()
        if self.lines and not self.silent:
            print(json.dumps(as_json(event)), flush=True)
        if event.presence.empty and not self.quiet:
            skipped = "" if event.written else "; skipped"
            say(f"there is nobody in {spell(event.task.source)!r}{skipped}")
        for note in () if self.quiet else event.notes:
            say(f"{spell(event.task.source)}: {note}")
        on_terminal = self._bar is not None and self._bar.shown and sys.stdout.isatty()
        if event.written and not (self.silent or self.quiet or self.lines or on_terminal):
            for path in event.task.targets.values():
                print(spell(path))
        self._advance()

    def _image_failed(self, event: events.ImageFailed) -> None:
        self._clear()
        if self.lines and not self.silent:
            print(json.dumps(as_json(event)), flush=True)
        say(event.error)
        self._advance()

    def _video_begun(self, event: events.VideoBegun) -> None:
        self._frames = None if self.quiet else Progress(None, unit="frames")

    def _video_progress(self, event: events.VideoProgress) -> None:
        if self._frames is not None:
            self._frames.reach(event.frames, event.total)

    def _video_failed(self, event: events.VideoFailed) -> None:
        self._finish(self._frames, leave=False)
        if self.lines:
            print(json.dumps(as_video_json(event)), flush=True)
        say(event.error)

    def _cut_short(self, event: events.VideoCutShort) -> None:
        self._finish(self._frames, leave=False)
        print(f"{event.task.target}: ends where it was interrupted", file=sys.stderr)

    def _video_done(self, event: events.VideoDone) -> None:
        """Say where the result is, what it could not keep, and what the source lacked."""
        self._finish(self._frames, leave=False)
        task, outcome = event.task, event.outcome
        if self.lines:
            print(json.dumps(as_video_json(event)), flush=True)
        if outcome.damaged or outcome.missing:
            done, damaged = counted(outcome.frames, "frames"), outcome.damaged
            say(f"{task.source}: {done}; in the source {damaged} {are(damaged)} damaged and "
                f"{outcome.missing} missing")  # fmt: skip
        if self.quiet:
            return
        if task.is_over_green and not task.is_folder:
            print(
                f"{task.target}: the person is over green, since {task.target.suffix} holds no "
                "transparency; -o NAME.webm, NAME.mov or a folder does",
                file=sys.stderr,
            )
        for loss in outcome.notes:
            print(f"{task.target}: {loss}", file=sys.stderr)
        if not self.lines:
            print(task.target)

    def _note(self, event: events.Note) -> None:
        self._clear()
        say(event.text)

    def _interrupted(self, event: events.Interrupted) -> None:
        self._finish(self._frames, leave=False)
        self._finish(self._bar)
        if event.total != 1:
            done = counted(event.done, event.unit, of=event.total)
            say(f"{done} {are(event.done)} done; the same command goes on")

    def _finished(self, event: events.Finished) -> None:
        summary = event.summary
        counts = summary.counts
        done_before = summary.asked - counts.tried
        if summary.totals and done_before and not self.quiet:
            done = counted(done_before, summary.unit, of=summary.asked)
            say(f"{done} {are(done_before)} done already; --overwrite does all anew")
        if counts.failed and summary.asked > 1:
            failed = counted(counts.failed, summary.unit, of=counts.tried)
            say(f"{failed} failed{summary.lists}")
        if counts.empty and summary.asked > 1 and not self.quiet:
            say(f"{counted(counts.empty, 'images')} without people{summary.empty_lists}")


def as_planned(task: Task, *, done: bool) -> dict[str, object]:
    """An image that is not worked on, for programs; one that is left to do has no status yet."""
    status = {"status": "exists"} if done else {}
    outputs = {k: spell(path) for k, path in task.targets.items() if not done or is_there(path)}
    return {"source": spell(task.source), **status, "outputs": outputs}


def as_json(event: events.ImageDone | events.ImageFailed) -> dict[str, object]:
    """What became of one image, for programs."""
    facts: dict[str, object] = {"source": spell(event.task.source)}
    if isinstance(event, events.ImageDone):
        outputs = {kind: spell(path) for kind, path in event.task.targets.items()}
        status = "skipped" if not event.written else "empty" if event.presence.empty else "done"
        facts |= {"status": status, "outputs": outputs if event.written else {}}
        facts |= {"notes": event.notes} if event.notes else {}
    else:
        facts |= {"status": "failed", "error": event.error}
    if event.size is not None and event.presence is not None:
        facts |= {
            "width": event.size[1],
            "height": event.size[0],
            "coverage": round(event.presence.share, 4),
            "confidence": round(event.presence.confidence, 4),
        }
    return {**facts, "seconds": round(event.seconds, 3)}


def as_video_json(event: events.VideoDone | events.VideoFailed) -> dict[str, object]:
    """What became of one video, for programs."""
    task = event.task
    seconds = {} if event.seconds is None else {"seconds": round(event.seconds, 3)}
    facts: dict[str, object] = {"source": str(task.source)}
    if isinstance(event, events.VideoFailed):
        return {**facts, "status": "failed", "error": event.error, **seconds}
    outcome = event.outcome
    rate = float(task.encoding.rate or outcome.rate / task.every)
    facts |= {"status": "done", "outputs": {kind: str(path) for kind, path in task.targets.items()}}
    facts |= {"notes": outcome.notes} if outcome.notes else {}
    counts = {
        name: getattr(outcome, name) for name in ("damaged", "missing") if getattr(outcome, name)
    }
    return {**facts, "frames": outcome.frames, "fps": round(rate, 3), **counts, **seconds}
