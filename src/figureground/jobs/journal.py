"""What is done already, so that a job that was stopped does only the rest.

A journal is a text file of one JSON object a line, one line a finished picture or video. Lines are
appended in one write each: a killed process loses at most the last one, and a torn line is passed
over.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from figureground.media.atomic import check_own, write_own
from figureground.media.naming import Task

ODD = "odd"  # ending of the file that keeps lines which cannot be read
NAME = ".figureground-journal.jsonl"

FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)

Entry = dict[str, Any]


def stamp(path: Path) -> list[int] | None:
    """Return what changes when a file does: its size in bytes and time in nanoseconds; None if gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def settings_of(*facts: object) -> str:
    """A text that changes when anything does that results depend on, files by their stamps."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def as_empty(entry: Entry) -> Entry:
    """The entry of a picture that was skipped, since it shows nobody."""
    return {**entry, "empty": True}


def as_cut_short(entry: Entry) -> Entry:
    """The entry of a video that was written as far as it was when interrupted: it is not done."""
    return {**entry, "cut_short": True}


def _is_whole(result: Path) -> bool:
    """Return whether a result is there; a power cut can leave a file that is empty."""
    size, _ = stamp(result) or (0, 0)
    return size > 0 or os.path.isdir(result)


class Journal:
    """The finished pictures of a folder of results.

    Args:
        path: the journal's file; made when the first picture is done.
        settings: what decides how results look, as text; with others, all is done anew.
    Raises:
        FileError: the file is a link, a pipe or a device.
    """

    def __init__(self, path: Path, *, settings: str) -> None:
        self.path = path
        self.settings = settings
        self.entries: dict[tuple[str, ...], Entry] = {}
        self._makers: dict[str, tuple[str, ...]] = {}  # the key of the entry that wrote a result
        self.odd: list[bytes] = []  # lines that cannot be read
        self.usable = True  # whether it can be written, as far as is known
        for entry in self._read():
            self._note(entry)

    def begin(self) -> None:
        """Write the file anew, each picture once, before lines are appended.

        Lines that cannot be read are kept aside, at `aside`.

        Raises:
            FileError: the file cannot be written.
        """
        lines = "".join(f"{json.dumps(entry)}\n" for entry in self.entries.values())
        if self.odd:
            check_own(self.aside)
            kept = self.aside.read_bytes() if self.aside.is_file() else b""
            kept += b"".join(line + b"\n" for line in self.odd)
            write_own(self.aside, lambda path: path.write_bytes(kept))
        write_own(self.path, lambda path: path.write_text(lines, encoding="utf-8"))

    @property
    def aside(self) -> Path:
        """Where lines that cannot be read are kept."""
        return self.path.with_name(f"{self.path.name}.{ODD}")

    def entry(self, task: Task) -> Entry:
        """Return what stands in the journal once this task is done; made before its picture is read."""
        return {
            "source": self._place(task.source),
            "stamp": stamp(task.source),
            "results": sorted(self._place(target) for target in task.targets.values()),
            "settings": self.settings,
        }

    def holds(self, task: Task, *, skip_empty: bool = False) -> bool:
        """Return whether a picture is done, has not changed since, and its results are all there.

        With `skip_empty`, one that was found to show nobody, and so has no results, is done too.
        """
        entry = self.entry(task)
        known = self.entries.get(self._key(entry))
        if known == as_empty(entry):
            return skip_empty
        return known == entry and all(map(_is_whole, task.targets.values()))

    def other_source(self, task: Task) -> Path | None:
        """Another picture, still there, that one of a task's results was made from."""
        own = self._place(task.source)
        for target in task.targets.values():
            maker = self._makers.get(self._place(target))
            if maker is not None and maker[0] != own and os.path.exists(target):
                source = Path(os.path.normpath(self.path.parent / maker[0]))
                if os.path.exists(source):
                    return source
        return None

    def add(self, entry: Entry) -> None:
        """Note that a picture is done. Raises OSError where the file cannot be written."""
        self._note(entry)
        file = os.open(self.path, FLAGS, 0o644)
        try:
            os.write(file, f"{json.dumps(entry)}\n".encode())
        finally:
            os.close(file)

    def _note(self, entry: Entry) -> None:
        """Take an entry up; of those that wrote the same files before, nothing is left."""
        key = self._key(entry)
        self.entries[key] = entry
        for result in () if entry.get("empty") else entry["results"]:
            before = self._makers.get(result)
            if before is not None and before != key:
                self.entries.pop(before, None)
            self._makers[result] = key

    def _place(self, path: Path) -> str:
        """A path as seen from the journal, so that a folder may be moved as a whole."""
        real = os.path.realpath(path)
        try:
            return os.path.relpath(real, os.path.realpath(self.path.parent))
        except ValueError:  # on another drive
            return real

    @staticmethod
    def _key(entry: Entry) -> tuple[str, ...]:
        return (entry["source"], *entry["results"])

    def _read(self) -> Iterable[Entry]:
        check_own(self.path)
        try:
            *lines, _torn = self.path.read_bytes().split(b"\n")
        except OSError:
            return
        for line in filter(None, lines):
            entry = _parse(line)
            if entry is None:
                self.odd.append(line)
            else:
                yield entry


def _parse(line: bytes) -> Entry | None:
    """The entry in a line; None where there is none."""
    try:
        entry = json.loads(line)
        json.dumps(entry)  # what nests too deeply could not be written again
    except (ValueError, RecursionError):
        return None
    if not isinstance(entry, dict) or not isinstance(entry.get("results"), list):
        return None
    names = [entry.get("source"), *entry["results"]]
    return entry if all(isinstance(name, str) for name in names) else None
