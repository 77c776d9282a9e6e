"""The journal of a cluster's job keeps its order."""

import time
from pathlib import Path

import pytest

from figureground.cluster.journal import ClusterJournal
from figureground.cluster.known import Known
from figureground.cluster.rows import DIED, DONE, Item, Row


def note(out: Path, *statuses: str) -> Item:
    """Write a part a status, as a job does, about one image."""
    item = Item(source=str(out / "a.png"), outputs=(str(out / "b.png"),), size=1, modified=1)
    journal = ClusterJournal(out, "same")
    for status in statuses:
        journal.add([Row(item=item, status=status)])
        journal.flush()
    return item


def test_the_last_row_counts_where_the_clock_is_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note(tmp_path, DIED)
    now = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: now - 10**18)  # of a job that comes later
    item = note(tmp_path, DIED, DIED, DONE)
    journal = ClusterJournal(tmp_path, "same")
    assert len(journal.parts()) == 4
    assert Known(journal).is_done(item, skip_empty=False)
    assert not Known(journal).is_left_out(item)
