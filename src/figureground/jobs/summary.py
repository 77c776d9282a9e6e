"""What became of a job: how much of it failed, and a list of that beside the journal."""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from figureground.errors import FiguregroundError, FileError, StyleError
from figureground.jobs.journal import Journal
from figureground.media.atomic import atomic_own, check_own
from figureground.media.remote import is_remote, spell

FAILURES = "figureground-failures.csv"
HEADER = ("source", "error")

Failure = tuple[str, str]  # what failed, as its owner wrote it, and why in one line


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What became of pictures, of videos, or of both."""

    unit: str  # pictures, videos
    asked: int = 0  # how many were asked for
    settled: Sequence[str] = ()  # those that were done already
    tried: Sequence[str] = ()  # those that were not
    failures: Sequence[Failure] = ()
    journal: Journal | None = None
    lists: str = ""  # where what failed is listed, or why it is not, as the end of a sentence

    @property
    def listed(self) -> Path | None:
        """Where what failed is listed."""
        return None if self.journal is None else self.journal.path.with_name(FAILURES)


def sum_up(summaries: Sequence[Summary]) -> Summary:
    """Put summaries together, and bring the lists of failures up to date."""
    told = ""
    for path in dict.fromkeys(summary.listed for summary in summaries):
        if path is not None:
            told += _update(path, [summary for summary in summaries if summary.listed == path])
    return Summary(
        unit=" and ".join(summary.unit for summary in summaries),
        asked=sum(summary.asked for summary in summaries),
        settled=[source for summary in summaries for source in summary.settled],
        tried=[source for summary in summaries for source in summary.tried],
        failures=[failure for summary in summaries for failure in summary.failures],
        journal=summaries[0].journal,
        lists=told,
    )


def _update(path: Path, summaries: Sequence[Summary]) -> str:
    """List what failed, and what did in earlier runs and was not looked at now.

    Returns:
        Where the list lies, or why it does not; nothing, where there is nothing to list.
    """
    try:
        check_own(path)
    except FileError as error:
        return f" ({error})"
    if not _is_ours(path):
        return f" ({str(path)!r} is no list of failures of ours and is left alone)"
    seen = {source for summary in summaries for source in (*summary.settled, *summary.tried)}
    rows = [row for row in _read(path) if row[0] not in seen and _may_exist(row[0])]
    rows += [failure for summary in summaries for failure in summary.failures]
    if not rows:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return ""
    import csv
    import io

    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADER, *rows])
    data = text.getvalue().encode("utf-8", "surrogateescape")  # names can be of another encoding
    try:
        with atomic_own(path) as part:
            part.write_bytes(data)
    except FileError as error:
        return f" ({error})"
    return f"; {str(path)!r} lists them"


def _read(path: Path) -> list[Failure]:
    """Return what a list holds; nothing, where there is none, or none of ours."""
    import csv
    import io

    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except (OSError, csv.Error):
        return []
    return [(row[0], row[1]) for row in rows[1:] if len(row) == len(HEADER)]


def _is_ours(path: Path) -> bool:
    """Return whether there is no file yet, or one that begins as our lists do."""
    try:
        with path.open("rb") as file:
            head = file.read(64).removeprefix(b"\xef\xbb\xbf")
    except OSError:
        return True
    return not head or head.startswith(",".join(HEADER).encode())


def _may_exist(source: str) -> bool:
    """Return whether a source is still there, as far as can be told at once."""
    return is_remote(source) or os.path.exists(source)


def in_a_line(error: Exception, source: Path) -> str:
    """Why a source failed; what is asked for of all is told of the one that it does not fit."""
    if isinstance(error, StyleError):
        return f"{spell(source)}: {error}"
    if isinstance(error, FiguregroundError):
        return str(error)
    return f"{spell(source)}: {type(error).__name__}: {error}"
