"""The journal of a large job: a folder of Parquet parts, which DuckDB and pandas read.

Each part holds rows of what became of images and videos, and is written whole or not at all. Of
rows about the same source and outputs the last one counts: parts are named by when they were
written, each later than all before it, and so are in order.
"""

import io
import os
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from figureground.cluster.rows import Row
from figureground.errors import FileError
from figureground.media.lock import locked
from figureground.media.places import Places
from figureground.media.remote import is_remote, spell, write_bytes
from figureground.media.remote_folder import names_in, read_bytes

NAME = ".figureground-journal"  # of the folder, among the results
BEGUN = "begun"  # how folders in it begin, of marks of batches in work
ENDING = ".parquet"
PART = re.compile(rf"part-(\d{{20}})-[0-9a-f]+{re.escape(ENDING)}")
ROWS = 20_000  # of a part
SECONDS = 30.0  # after which a part is written, however few rows it has

SCHEMA = pa.schema([
    ("source", pa.string()), ("size", pa.int64()), ("modified", pa.timestamp("us", tz="UTC")),
    ("status", pa.string()), ("error", pa.string()), ("seconds", pa.float64()),
    ("share", pa.float64()), ("confidence", pa.float64()),
    ("outputs", pa.list_(pa.string())), ("fingerprint", pa.string()),
    ("finished", pa.timestamp("us", tz="UTC")), ("worker", pa.string()),
])  # fmt: skip


class ClusterJournal:
    """The journal of the results below a folder.

    Args:
        out: that folder, remote or not.
        fingerprint: of the job that adds rows.
    """

    def __init__(self, out: Path, fingerprint: str) -> None:
        self.folder, self.fingerprint = out / NAME, fingerprint
        self._out = None if is_remote(out) else os.path.realpath(out)
        self._places = Places()
        self._rows: list[Row] = []
        self._since = time.monotonic()
        self._last: int | None = None  # number of the last part, once one is written

    def place(self, path: str) -> str:
        """A path as the journal names it: a URL, or seen from the results' folder.

        So a folder may be moved as a whole.
        """
        if self._out is None or is_remote(path):
            return spell(path if is_remote(path) else os.path.realpath(path))
        real = self._places.real(path, link=False)
        try:
            return os.path.relpath(real, self._out)
        except ValueError:  # on another drive
            return real

    def path_of(self, place: str) -> str:
        """The path that `place` names so; the reverse."""
        if self._out is None or is_remote(place):
            return str(Path(place))
        return os.path.normpath(Path(self._out, place))

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold a lock in such a block, so that no other job writes the same results.

        Only on a disk: an object store has no locks, and two jobs there are not noticed.

        Raises:
            FileError: another job works there.
        """
        if self._out is None:
            yield
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder):
            yield

    def add(self, rows: Iterable[Row]) -> None:
        """Take up rows; write a part where there are enough of them, or enough time went by."""
        self._rows += rows
        if len(self._rows) >= ROWS or time.monotonic() - self._since > SECONDS:
            self.flush()

    def flush(self) -> None:
        """Write the rows that wait as a part. Raises FileError where that fails."""
        self._since = time.monotonic()
        if not self._rows:
            return
        data = io.BytesIO()
        pq.write_table(self._table(self._rows), data, compression="zstd")
        write_bytes(self.folder / self._next_name(), data.getvalue(), error=FileError)
        self._rows = []

    def _next_name(self) -> str:
        """Name a part by the time, or, where the clock was set back, as after the last one."""
        if self._last is None:
            numbers = (PART.fullmatch(part.name) for part in self.parts())
            self._last = max((int(found[1]) for found in numbers if found), default=0)
        self._last = max(time.time_ns(), self._last + 1)
        return f"part-{self._last:020}-{os.urandom(4).hex()}{ENDING}"

    def _table(self, rows: Sequence[Row]) -> Any:
        columns = {
            "source": [self.place(row.item.source) for row in rows],
            "size": [row.item.size for row in rows],
            "modified": [row.item.modified for row in rows],
            "outputs": [[self.place(path) for path in row.item.outputs] for row in rows],
            "fingerprint": [self.fingerprint] * len(rows),
        }
        names = ("status", "error", "seconds", "share", "confidence", "finished", "worker")
        columns |= {name: [getattr(row, name) for row in rows] for name in names}
        return pa.table([pa.array(columns[one.name], one.type) for one in SCHEMA], schema=SCHEMA)

    def parts(self) -> list[Path]:
        """The parts, in the order in which they were written."""
        names = sorted(name for name in names_in(self.folder) if name.endswith(ENDING))
        return [self.folder / name for name in names]

    def tables(self, columns: Sequence[str] | None = None) -> Iterator[Any]:
        """The parts' rows, a `pyarrow.Table` a part; all columns, or some.

        Raises:
            FileError: a part cannot be read.
        """
        for part in self.parts():
            try:
                yield pq.read_table(io.BytesIO(read_bytes(part)), columns=columns and [*columns])
            except (pa.ArrowException, OSError, ValueError) as error:
                said = " ".join(str(error).split())[:120]  # it may list every column
                raise FileError(
                    f"cannot read the journal's part {spell(part)!r}: {said}; move it away, and "
                    "what it tells is done again"
                ) from error

    def marks(self, job: str) -> Path:
        """The folder of files that say which batches of a job have begun."""
        return self.folder / f"{BEGUN}-{job}"
