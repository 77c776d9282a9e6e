"""What a cluster's journal tells: how much is done, how fast, what failed and why."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heappush, heappushpop
from pathlib import Path
from typing import Any

import numpy as np

from figureground.cluster.hashes import HashColumn, LastValues, text_hash
from figureground.cluster.journal import NAME, ClusterJournal
from figureground.cluster.listing import state_of
from figureground.cluster.rows import DIED, EMPTY, FAILED, SETTLED, SKIPPED, Item
from figureground.errors import FileError
from figureground.media.remote import spell

SLOWEST = 5  # that are listed
EXAMPLES = 3  # of each reason
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\S*[/\\]\S*|\d+")  # what differs from image to image


@dataclass(kw_only=True)
class JournalReport:
    """A journal in numbers; of rows about the same source and outputs the last one counts."""

    statuses: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)  # why some failed
    examples: dict[str, list[str]] = field(default_factory=dict)  # sources, by reason
    slowest: list[tuple[float, str]] = field(default_factory=list)  # seconds and source
    empties: list[str] = field(default_factory=list)  # some of the sources that show nobody
    seconds: float = 0.0  # of work on what is done
    first: datetime | None = None  # row
    last: datetime | None = None
    workers: Counter[str] = field(default_factory=Counter)  # rows of each

    @property
    def done(self) -> int:
        """How many have results, or show nobody."""
        return sum(self.statuses[status] for status in SETTLED)

    @property
    def span(self) -> float:
        """Seconds from the first row to the last."""
        if self.first is None or self.last is None:
            return 0.0
        return (self.last - self.first).total_seconds()


def open_journal(folder: Path) -> ClusterJournal:
    """The journal of the results in a folder. Raises FileError where there is none."""
    out = folder.parent if folder.name == NAME else folder
    journal = ClusterJournal(out, "")
    if not journal.parts():
        raise FileError(
            f"there is no journal of a cluster in {spell(out)!r}; give the folder that -o named"
        )
    return journal


def report_on(journal: ClusterJournal) -> JournalReport:
    """Sum a journal up, in two passes, so that only keys of rows are in memory."""
    report, rows = JournalReport(), last_rows(journal)
    for row in rows:
        status, source = row["status"], row["source"]
        report.statuses[status] += 1
        report.workers[row["worker"]] += 1
        when = row["finished"]
        report.first = when if report.first is None else min(report.first, when)
        report.last = when if report.last is None else max(report.last, when)
        if status in (FAILED, DIED):
            reason = QUOTED.sub("…", row["error"] or "no reason told")
            report.reasons[reason] += 1
            examples = report.examples.setdefault(reason, [])
            if len(examples) < EXAMPLES:
                examples.append(source)
            continue
        report.seconds += row["seconds"]
        if status in (EMPTY, SKIPPED) and len(report.empties) < SLOWEST:
            report.empties.append(source)
        entry = (row["seconds"], source)
        push = heappush if len(report.slowest) < SLOWEST else heappushpop
        push(report.slowest, entry)
    report.slowest.sort(reverse=True)
    return report


def last_rows(journal: ClusterJournal) -> Iterator[dict[str, Any]]:
    """The last row about each source and its outputs; 16 bytes a row are in memory."""
    names = HashColumn()
    for row in _rows(journal, ["source", "outputs"]):
        names.append(text_hash(row["source"], *row["outputs"]))
    hashes = names.all()
    is_last = np.zeros(len(hashes), bool)
    is_last[LastValues(hashes, np.arange(len(hashes), dtype=np.uint64)).values] = True
    yield from (row for row, last in zip(_rows(journal, None), is_last, strict=False) if last)


def _rows(journal: ClusterJournal, columns: list[str] | None) -> Iterator[dict[str, Any]]:
    for table in journal.tables(columns):
        yield from table.to_pylist()


def failed_items(journal: ClusterJournal) -> list[Item]:
    """What failed when it was last tried, or ended workers; as it is now."""
    items = []
    for row in last_rows(journal):
        if row["status"] in (FAILED, DIED):
            source = journal.path_of(row["source"])
            outputs = tuple(map(journal.path_of, row["outputs"]))
            items.append(Item(source, outputs, *state_of(source)))
    return items
