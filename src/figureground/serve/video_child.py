"""The process that works on one video, and may die of it: `python -m figureground.serve.video_child DIR`.

It ends with the service that started it. What it made by then stays: the next one goes on there.
"""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from figureground.errors import FiguregroundError, FileError
from figureground.jobs.events import Event, VideoDone, VideoFailed, VideoProgress
from figureground.jobs.run import run
from figureground.jobs.suspects import end_with_parent
from figureground.media.atomic import atomic
from figureground.media.lock import locked
from figureground.serve.video_options import read_video_job

EVERY = 0.5  # seconds between two notes of progress
PATIENCE = 30.0  # seconds that a process before may take to end
BUSY = 75  # exit code where another one works on it


def main(folder: Path) -> int:
    """Do what `job.json` asks for, and write `outcome.json`; returns the exit code."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)  # the service ends it
    end_with_parent(sys.stdin.buffer)
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with locked(folder):
                if not (folder / "outcome.json").exists():  # another service may have done it
                    _work(folder)
                return 0
        except FileError:
            if time.monotonic() > until:
                return BUSY
            time.sleep(0.2)


def _work(folder: Path) -> None:
    fields = json.loads((folder / "job.json").read_text("utf-8"))["fields"]
    outcome: dict[str, Any] = {}
    noted = 0.0

    def on_event(event: Event) -> None:
        nonlocal noted
        if isinstance(event, VideoProgress) and time.monotonic() - noted > EVERY:
            noted = time.monotonic()
            write(folder / "progress.json", {"frames": event.frames, "total": event.total})
        if isinstance(event, VideoDone):
            outcome.update(frames=event.outcome.frames, notes=event.outcome.notes)
        if isinstance(event, VideoFailed):
            outcome.update(error=event.error)

    try:
        job = read_video_job(fields, folder / "source", folder, colors=True)
        target = job.out or folder
        if not target.is_file():  # it appears whole, so it is done if it is there
            run(job, on_event)
        outcome["result"] = target.name
    except FiguregroundError as error:
        outcome["error"] = str(error)
    if outcome.get("error"):  # names on this machine are nobody else's
        outcome["error"] = str(outcome["error"]).replace(f"{folder}{os.sep}", "")[:300]
    write(folder / "outcome.json", outcome)


def write(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file, whole or not at all."""
    with atomic(path) as part:
        part.write_text(json.dumps(content), "utf-8")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main(Path(sys.argv[1])))
