"""Lists beside the journal: what failed, and where nobody is."""

import csv
import io
import os
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from figureground.errors import FileError
from figureground.media.atomic import atomic_own, check_own
from figureground.media.remote import is_remote

FAILURES = "figureground-failures.csv"
EMPTY = "figureground-empty.csv"
HEADERS = {FAILURES: ("source", "error"), EMPTY: ("source", "status")}

Row = tuple[str, str]  # a source, as its owner wrote it, and why it failed, or what became of it


def update_list(path: Path, rows: Sequence[Row], *, seen: Collection[str]) -> str:
    """Write a list with new rows, and with the old ones of sources that were not looked at now.

    Args:
        path: its name is one of HEADERS.
        rows: what to add.
        seen: sources whose old rows go.
    Returns: where the list lies, or why it does not, as the end of a sentence; nothing where there
        is nothing to list.
    """
    try:
        check_own(path)
    except FileError as error:
        return f" ({error})"
    if not _is_ours(path):
        return f" ({str(path)!r} is no list of ours and is left alone)"
    kept = [row for row in read_rows(path) if row[0] not in seen and _may_exist(row[0])]
    if not kept and not rows:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return ""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADERS[path.name], *kept, *rows])
    data = text.getvalue().encode("utf-8", "surrogateescape")  # names can be of another encoding
    try:
        with atomic_own(path) as part:
            part.write_bytes(data)
    except FileError as error:
        return f" ({error})"
    return f"; {str(path)!r} lists them"


def read_rows(path: Path) -> list[Row]:
    """The rows of a list; none where there is no list, or none of ours."""
    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        rows = list(csv.reader(io.StringIO(text, newline="")))
    except (OSError, csv.Error):
        return []
    return [(row[0], row[1]) for row in rows[1:] if len(row) == 2]


def _is_ours(path: Path) -> bool:
    """Return whether there is no file yet, or one that begins as our lists do."""
    try:
        with path.open("rb") as file:
            head = file.read(64).removeprefix(b"\xef\xbb\xbf")
    except OSError:
        return True
    return not head or head.startswith(",".join(HEADERS[path.name]).encode())


def _may_exist(source: str) -> bool:
    """Return whether a source is still there, as far as can be told at once."""
    return is_remote(source) or os.path.exists(source)
