"""One job's journal: what is done, what is begun, what died; whatever goes wrong with it is told."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from typing import TypeVar

from figureground.counts import counted
from figureground.errors import FileError, UsageError
from figureground.jobs.events import Note, Tell
from figureground.jobs.job import Job
from figureground.jobs.journal import NAME, Journal
from figureground.jobs.journal_lines import Entry, as_death
from figureground.media.lock import locked
from figureground.media.naming import Sourced
from figureground.media.remote import is_remote
from figureground.models.shipped import MODEL, VIDEO_MODEL

Work = TypeVar("Work")


class Bookkeeper:
    """Notes what is begun and done in a journal, where there is one; safe to share by threads."""

    def __init__(self, journal: Journal | None, tell: Tell) -> None:
        self.journal, self._tell = journal, tell
        self._entries: dict[Path, Entry] = {}  # of what is in work
        self._turn = Lock()

    def begin(self) -> None:
        """Write the journal anew; what is wrong with it is told, and is no reason not to work."""
        if self.journal is None:
            return
        try:
            self.journal.begin()
        except (FileError, OSError) as error:
            self.journal.usable = False
            self._tell(Note(text=f"{error}; so nothing is noted, and a rerun does all anew"))
        else:
            self._tell_of_odd_lines(self.journal)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the journal's lock in such a block, so that no other job writes the same results.

        What another wrote since the journal was read is taken up. Where no lock can be had, say in
        a folder that cannot be written, the job does without.

        Raises:
            FileError: another process works there.
        """
        if self.journal is None:
            yield
            return
        with ExitStack() as held:
            try:
                held.enter_context(locked(self.journal.path))
            except FileError as error:
                if not isinstance(error.__cause__, OSError):
                    raise
            self.journal.refresh()
            yield

    def take(self, task: Sourced) -> None:
        """Note the state of a source, and that work on it begins."""
        if self.journal is None:
            return
        entry = self.journal.entry(task)
        with self._turn:
            self._entries[task.source] = entry
        self._write(lambda journal: journal.take(entry))

    def done(self, task: Sourced, as_noted: Callable[[Entry], Entry] = dict) -> None:
        """Note that a task is done; `as_noted` changes what is noted."""
        entry = self._entries.pop(task.source, None)
        if entry is not None:
            self._write(lambda journal: self._add(journal, as_noted(entry)))

    def failed(self, task: Sourced) -> None:
        """Note that a task is not done, and that no process died of it."""
        entry = self._entries.pop(task.source, None)
        if entry is not None:
            self._write(lambda journal: journal.drop(entry))

    def died(self, task: Sourced, how: str) -> None:
        """Note that a process died on a task, and worked on nothing else."""
        self.done(task, lambda entry: as_death(entry, how))

    def is_suspect(self, task: Sourced) -> bool:
        """Return whether a process died while a task was in work, alone or beside others."""
        return self.journal is not None and self.journal.is_suspect(task)

    def is_left_out(self, task: Sourced) -> bool:
        """Return whether a process died on this very file, with these very settings."""
        return self.journal is not None and self.journal.is_left_out(task)

    def end(self) -> None:
        """Note that nothing is in work any more."""
        for entry in list(self._entries.values()):
            self._write(lambda journal, entry=entry: journal.drop(entry))  # type: ignore[misc]
        self._entries.clear()

    def _add(self, journal: Journal, entry: Entry) -> None:
        with self._turn:
            journal.add(entry)

    def _write(self, note: Callable[[Journal], object]) -> None:
        """Write into the journal; that it cannot be written is told once."""
        journal = self.journal
        if journal is None or not journal.usable:
            return
        try:
            note(journal)
        except OSError as error:
            with self._turn:
                told, journal.usable = not journal.usable, False
            if not told:
                self._tell(Note(text=f"cannot write {str(journal.path)!r}: {error.strerror}; a "
                                "rerun does the rest anew"))  # fmt: skip

    def _tell_of_odd_lines(self, journal: Journal) -> None:
        if journal.odd:
            odd = counted(len(journal.odd), "lines")
            self._tell(Note(text=f"{odd} of {str(journal.path)!r} cannot be read; kept in "
                            f"{str(journal.aside)!r}"))  # fmt: skip


def find_journal(
    job: Job, folders: Collection[str], *, several: bool, to_file: bool
) -> Journal | None:
    """The journal of these results, if it is worth one.

    One file beside its image, or of a name that was given, is not, unless there is one already.
    Where the output is the folder for all results the journal lies in it, whatever sub-folders are
    worked on, else in what the results' folders have in common.

    Args:
        job: where results go, and what they depend on.
        folders: of the results. Those far away, or on several drives, have no journal.
        several: whether there is more than one result.
        to_file: whether the output is the name of one.
    """
    out = None if to_file else job.out
    if any(map(is_remote, folders)) or (out is not None and is_remote(out)):
        return None
    if out is None:
        try:
            real = [os.path.realpath(folder or os.curdir) for folder in folders]
            out = Path(os.path.commonpath(real))
        except ValueError:  # on several drives
            return None
        if not several and not os.path.exists(out / NAME):
            return None
    path = out / NAME
    new = job.dry_run and job.model in (MODEL, VIDEO_MODEL) and not os.path.lexists(path)
    return Journal(path, settings="" if new else job.fingerprint())


def results_of(folder: str) -> set[str]:
    """The real paths of the results that a folder's journal knows; none where there is no journal."""
    path = Path(folder, NAME)
    if not os.path.isfile(path) or path.is_symlink():
        return set()
    return Journal(path, settings="").results()


def divide(
    all_of_it: Iterable[Work], is_done: Callable[[Work], bool]
) -> tuple[list[Work], list[Work]]:
    """Part work into what is done already and what is left."""
    parts: tuple[list[Work], list[Work]] = [], []
    for work in all_of_it:
        parts[not is_done(work)].append(work)
    return parts


def refuse_replacing(todo: Sequence[Sourced], journal: Journal | None, job: Job) -> None:
    """See that no result of another image or video is lost, and nothing that is no result.

    What a result is called without --name, or by -o, is meant to be replaced.

    Raises:
        UsageError: something would be lost.
    """
    if job.overwrite:
        return
    known = set() if journal is None else journal.results()
    for task in todo:
        for target in task.targets.values() if job.name is not None else ():
            if os.path.lexists(target) and os.path.realpath(target) not in known:
                raise UsageError(
                    f"{str(target)!r} is there already, and no journal knows it as a result; choose "
                    "another --name, or --overwrite"
                )
        other = None if journal is None else journal.other_source(task)
        if other is not None:
            raise UsageError(
                f"{str(task.source)!r} would replace what was made from {str(other)!r}; choose "
                "another -o, or --overwrite"
            )
