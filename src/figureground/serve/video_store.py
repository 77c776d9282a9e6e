"""Videos on disk: a folder each, whose files are all that is known of it.

    FOLDER/jobs/ID/  job.json       what was asked for, and what has become of it
                     source         the video, as much of it as came
                     progress.json  frames done, and of how many
                     result.webm    the result, which appears whole
                     outcome.json   what the process that made it says, once it has ended
                     cancelled      there as soon as nobody wants it

The queue only says which is next: what it loses, or tells twice, is told by these files.
"""

import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from figureground.errors import FileError
from figureground.media.atomic import atomic

ID = re.compile(r"[\w-]{22}")
UPLOADING, QUEUED, RUNNING, DONE, FAILED = "uploading", "queued", "running", "done", "failed"
ENDED = (DONE, FAILED)


@dataclass(frozen=True, kw_only=True)
class Record:
    """What `job.json` holds."""

    id: str
    owner: str = ""  # the client that may see it; empty where all may
    state: str = UPLOADING
    fields: dict[str, str] = field(default_factory=dict)
    length: int | None = None  # bytes of the video, where they are known beforehand
    result: str = ""  # the result's file name, once it is there
    created: float = 0.0  # seconds since 1970
    finished: float = 0.0
    deaths: int = 0  # processes that ended over it
    error: str = ""
    notes: list[str] = field(default_factory=list)  # what the result could not keep


class Store:
    """The folder of all videos."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        """Make the folder. Raises FileError where that fails."""
        self._folder, self._clock = folder / "jobs", clock
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(f"cannot write {str(self._folder)!r}: {error.strerror}") from error

    def create(self, *, owner: str, fields: dict[str, str], length: int | None = None) -> Record:
        """Begin with one. Raises FileError where it cannot be written."""
        record = Record(
            id=secrets.token_urlsafe(16), owner=owner, fields=fields, length=length,
            created=self._clock(),
        )  # fmt: skip
        try:
            self.path(record.id).mkdir(mode=0o700)
            self.source(record.id).touch(mode=0o600)
            self.save(record)
        except BaseException:
            self.remove(record.id)
            raise
        return record

    def path(self, id: str) -> Path:
        """The folder of one. Raises KeyError where that is no id."""
        if not ID.fullmatch(id):
            raise KeyError(id)
        return self._folder / id

    def source(self, id: str) -> Path:
        """The video that was sent."""
        return self.path(id) / "source"

    def save(self, record: Record) -> None:
        """Write one. Raises FileError."""
        with atomic(self.path(record.id) / "job.json") as part:
            part.write_text(json.dumps(asdict(record)), "utf-8")

    def read(self, id: str) -> Record:
        """What is known of one. Raises KeyError where there is none."""
        try:
            record = Record(**json.loads((self.path(id) / "job.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError, RecursionError):
            raise KeyError(id) from None
        if record.id != id or not _is_sound(record):
            raise KeyError(id)
        return record

    def change(self, id: str, **fields: Any) -> Record:
        """Write one anew with other fields. Raises KeyError, FileError."""
        record = replace(self.read(id), **fields)
        self.save(record)
        return record

    def end(self, id: str, state: str, **fields: Any) -> Record:
        """Note that work on one has ended; what it was made from is removed."""
        record = self.change(id, state=state, finished=self._clock(), **fields)
        for name in ("source", "background", "keep_mask", "progress.json"):
            (self.path(id) / name).unlink(missing_ok=True)
        return record

    def progress(self, id: str) -> dict[str, Any]:
        """How far work on one is: `frames`, and `total` where that is known."""
        with suppress(OSError, ValueError, KeyError, RecursionError):
            found = json.loads((self.path(id) / "progress.json").read_text("utf-8"))
            return found if isinstance(found, dict) else {}
        return {}

    def cancel(self, id: str) -> None:
        """Note that nobody wants it; whoever works on it stops."""
        (self.path(id) / "cancelled").touch()

    def is_cancelled(self, id: str) -> bool:
        """Whether nobody wants it."""
        return (self.path(id) / "cancelled").exists() or not self.path(id).exists()

    def remove(self, id: str) -> None:
        """Remove all of one."""
        shutil.rmtree(self.path(id), ignore_errors=True)

    def all(self) -> Iterator[Record]:
        """All that there are."""
        for path in self._folder.iterdir():
            with suppress(KeyError):
                yield self.read(path.name)

    def expire(self, seconds: float) -> int:
        """Remove what ended so long ago, and uploads that nobody goes on with; returns how many.

        Where the clock was set back, what ended, or came, in the future counts as of now.
        """
        now, removed = self._clock(), 0
        for record in list(self.all()):
            since = record.finished if record.state in ENDED else now
            if record.state == UPLOADING:
                with suppress(OSError):
                    since = self.source(record.id).stat().st_mtime
            if since > now and record.state in ENDED:
                self.change(record.id, finished=now)
            elif since > now:
                with suppress(OSError):
                    os.utime(self.source(record.id), (now, now))
            elif now - since > seconds:
                self.remove(record.id)
                removed += 1
        return removed


def _is_sound(record: Record) -> bool:
    """Whether each field is of its kind: a file that was damaged may hold anything."""
    if not (isinstance(record.notes, list) and isinstance(record.fields, dict)):
        return False
    texts = record.owner, record.state, record.result, record.error, *record.notes
    numbers = record.created, record.finished, record.deaths
    return (
        all(isinstance(text, str) for text in (*texts, *record.fields, *record.fields.values()))
        and all(isinstance(number, int | float) for number in numbers)
        and isinstance(record.length, int | None)
    )
