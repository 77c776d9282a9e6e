"""What is done already, so that a job that was stopped does only the rest.

A journal is a text file of one JSON object a line, appended in one write each: a killed process
loses at most the last one, and a torn line is passed over. What is done has `source`, `stamp`,
`results` and `settings`. Three more kinds of lines guard against files that end the process:

    begun: PROCESS   a worker takes an image or video; the line of what is done replaces it
    ended: PROCESS   it failed, or was interrupted: nothing is begun any more
    died: WHY        a process that worked on nothing else died on it: it is left out from now on
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from figureground.jobs.journal_lines import Entry, Key, as_empty, name_of, parse
from figureground.media.atomic import atomic_own, check_own, has_died, process_name
from figureground.media.naming import Sourced
from figureground.media.places import Places

ODD = "odd"  # ending of the file that keeps lines which cannot be read
NAME = ".figureground-journal.jsonl"

FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)


def stamp(path: Path) -> list[int] | None:
    """Return a file's size in bytes and time in nanoseconds, which tell a change; None if it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def _is_whole(result: Path) -> bool:
    """Return whether a result is there; a power cut can leave a file that is empty."""
    size, _ = stamp(result) or (0, 0)
    return size > 0 or os.path.isdir(result)


class Journal:
    """The finished images of a folder of results.

    Args:
        path: the journal's file; made when the first image is done.
        settings: what decides how results look, as text; with others, all is done anew.
    Raises:
        FileError: the file is a link, a pipe or a device.
    """

    def __init__(self, path: Path, *, settings: str) -> None:
        self.path = path
        self.settings = settings
        self.entries: dict[Key, Entry] = {}
        self.begun: dict[Key, Entry] = {}  # taken by a worker, and nothing is known since
        self.deaths: dict[Key, Entry] = {}  # what ended a process
        self._makers: dict[str, Key] = {}  # the key of the entry that wrote a result
        self.odd: list[bytes] = []  # lines that cannot be read
        self.usable = True  # whether it can be written, as far as is known
        self._places = Places()
        self._folders: dict[str, str] = {}  # as seen from the journal
        self._read_at: list[int] | None = None
        self.refresh()

    def refresh(self) -> None:
        """Take up what the file holds, if it has changed since it was read."""
        now = stamp(self.path)
        if now is None or now != self._read_at:
            self._read_at, self.odd = now, []
            for entry in self._read():
                self._note(entry)

    def begin(self) -> None:
        """Write the file anew, each image once, before lines are appended.

        Lines that cannot be read are kept aside, at `aside`.

        Raises:
            FileError: the file cannot be written.
        """
        known = (*self.entries.values(), *self.deaths.values(), *self.begun.values())
        lines = "".join(f"{json.dumps(entry)}\n" for entry in known)
        if self.odd:
            check_own(self.aside)
            kept = self.aside.read_bytes() if self.aside.is_file() else b""
            kept += b"".join(line + b"\n" for line in self.odd)
            with atomic_own(self.aside) as part:
                part.write_bytes(kept)
        with atomic_own(self.path) as part:
            part.write_text(lines, encoding="utf-8")

    @property
    def aside(self) -> Path:
        """Where lines that cannot be read are kept."""
        return self.path.with_name(f"{self.path.name}.{ODD}")

    def entry(self, task: Sourced) -> Entry:
        """Return the entry of this task once it is done; made before its image is read."""
        source, *results = self._key_of(task)
        return {
            "source": source,
            "stamp": stamp(task.source),
            "results": results,
            "settings": self.settings,
        }

    def holds(self, task: Sourced, *, skip_empty: bool = False) -> bool:
        """Return whether an image is done, has not changed since, and its results are all there.

        With `skip_empty`, one that was found to show nobody, and so has no results, is done too.
        """
        known = self.entries.get(self._key_of(task)) if self.entries else None
        if known is None:
            return False
        entry = self.entry(task)
        if known == as_empty(entry):
            return skip_empty
        return known == entry and all(map(_is_whole, task.targets.values()))

    def other_source(self, task: Sourced) -> Path | None:
        """Another image, still there, that one of a task's results was made from."""
        if not self._makers:
            return None
        own, *results = self._key_of(task)
        for result in results:
            maker = self._makers.get(result)
            if maker is not None and maker[0] != own and os.path.exists(self.path.parent / result):
                source = Path(os.path.normpath(self.path.parent / maker[0]))
                if os.path.exists(source):
                    return source
        return None

    def is_suspect(self, task: Sourced) -> bool:
        """Return whether a process died while this task was in work, alone or beside others."""
        if not self.begun and not self.deaths:
            return False
        key = self._key_of(task)
        begun = self.begun.get(key)
        return bool(begun and has_died(begun["begun"])) or self._died(task) is not None

    def is_left_out(self, task: Sourced) -> bool:
        """Return whether a process died on this very file, with these very settings."""
        death = self._died(task) if self.deaths else None
        return death is not None and death.get("settings") == self.settings

    def _died(self, task: Sourced) -> Entry | None:
        death = self.deaths.get(self._key_of(task))
        same = death is not None and death.get("stamp") == stamp(task.source)
        return death if same else None

    def results(self) -> set[str]:
        """The real paths of all results that it knows, and of those that were begun."""
        folder = Path(os.path.realpath(self.path.parent))
        begun = (result for entry in self.begun.values() for result in entry["results"])
        return {os.path.normpath(folder / result) for result in (*self._makers, *begun)}

    def take(self, entry: Entry) -> None:
        """Note that work on a task begins. Raises OSError where the file cannot be written."""
        self._append({**name_of(entry), "begun": process_name()})

    def drop(self, entry: Entry) -> None:
        """Note that a task that was begun failed, or was interrupted. Raises OSError as `take`."""
        self._append({**name_of(entry), "ended": process_name()})

    def add(self, entry: Entry) -> None:
        """Note that an image is done. Raises OSError where the file cannot be written."""
        self._note(entry)
        self._append(entry)

    def _append(self, entry: Entry) -> None:
        file = os.open(self.path, FLAGS, 0o644)
        try:
            os.write(file, f"{json.dumps(entry)}\n".encode())
        finally:
            os.close(file)

    def _note(self, entry: Entry) -> None:
        """Take an entry up; of those that wrote the same files before, nothing is left."""
        key = self._key(entry)
        self.begun.pop(key, None)
        if "begun" in entry:
            self.begun[key] = entry
        elif "died" in entry:
            self.deaths[key] = entry
        elif "ended" not in entry:
            self._note_done(key, entry)

    def _note_done(self, key: Key, entry: Entry) -> None:
        self.deaths.pop(key, None)
        self.entries[key] = entry
        for result in () if entry.get("empty") else entry["results"]:
            before = self._makers.get(result)
            if before is not None and before != key:
                self.entries.pop(before, None)
            self._makers[result] = key

    def _key_of(self, task: Sourced) -> Key:
        return (
            self._place(task.source),
            *sorted(self._place(target) for target in task.targets.values()),
        )

    def _place(self, path: Path) -> str:
        """A path as seen from the journal, so that a folder may be moved as a whole."""
        folder, _, name = self._places.real(str(path)).rpartition(os.sep)
        seen = self._folders.get(folder)
        if seen is None:
            try:
                own = self._places.folder(str(self.path.parent))
                seen = os.path.relpath(folder or os.sep, own)
            except ValueError:  # on another drive
                seen = folder
            self._folders[folder] = seen
        return name if seen == os.curdir else f"{seen}{os.sep}{name}"

    @staticmethod
    def _key(entry: Entry) -> Key:
        return (entry["source"], *entry["results"])

    def _read(self) -> Iterable[Entry]:
        check_own(self.path)
        try:
            *lines, _torn = self.path.read_bytes().split(b"\n")
        except OSError:
            return
        for line in filter(None, lines):
            entry = parse(line)
            if entry is None:
                self.odd.append(line)
            else:
                yield entry
