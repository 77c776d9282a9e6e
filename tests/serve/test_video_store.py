"""What is known of videos lies on disk, and goes when it is old, whatever the clock does."""

import json
import os
from pathlib import Path

import pytest

from figureground.serve.video_store import DONE, QUEUED, Store


class Clock:
    """A clock that is set by hand."""

    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_what_is_old_is_removed(tmp_path: Path) -> None:
    clock = Clock()
    store = Store(tmp_path, clock)
    ended, waiting = (store.create(owner="", fields={}) for _ in range(2))
    store.end(ended.id, DONE, result="result.mp4")
    store.change(waiting.id, state=QUEUED)
    clock.now += 99
    assert store.expire(100) == 0
    clock.now += 2
    assert store.expire(100) == 1
    assert [record.id for record in store.all()] == [waiting.id]


def test_a_clock_that_is_set_back_keeps_nothing_for_ever(tmp_path: Path) -> None:
    clock = Clock()
    store = Store(tmp_path, clock)
    ended = store.create(owner="", fields={})
    store.end(ended.id, DONE)
    clock.now -= 500_000
    assert store.expire(100) == 0
    clock.now += 101
    assert store.expire(100) == 1


def test_an_upload_that_nobody_goes_on_with_is_removed(tmp_path: Path) -> None:
    clock = Clock()
    store = Store(tmp_path, clock)
    begun = store.create(owner="", fields={}, length=9)
    os.utime(store.source(begun.id), (clock.now, clock.now))
    clock.now += 101
    assert store.expire(100) == 1


def test_an_upload_of_before_the_clock_was_set_back_is_removed(tmp_path: Path) -> None:
    clock = Clock()
    store = Store(tmp_path, clock)
    begun = store.create(owner="", fields={}, length=9)
    os.utime(store.source(begun.id), (clock.now, clock.now))
    clock.now -= 500_000
    assert store.expire(100) == 0
    clock.now += 101
    assert store.expire(100) == 1


@pytest.mark.parametrize("id", ["", "..", "../../etc/hostname", "a" * 21, "a" * 23, "/" * 22])
def test_only_an_id_is_an_id(tmp_path: Path, id: str) -> None:
    with pytest.raises(KeyError):
        Store(tmp_path).read(id)


WRONG = [{"id": "another"}, {"owner": 3}, {"state": None}, {"notes": "x"}, {"notes": [1]},
         {"fields": []}, {"fields": {"size": 3}}, {"created": "never"}, {"length": "long"}]  # fmt: skip


@pytest.mark.parametrize("wrong", ["{", "[" * 100_000, *WRONG], ids=range(len(WRONG) + 2))
def test_a_damaged_record_is_none(wrong: str | dict[str, object], tmp_path: Path) -> None:
    store = Store(tmp_path)
    record = store.create(owner="", fields={})
    path = store.path(record.id) / "job.json"
    whole = json.loads(path.read_text())
    path.write_text(wrong if isinstance(wrong, str) else json.dumps({**whole, **wrong}))
    with pytest.raises(KeyError):
        store.read(record.id)
    assert list(store.all()) == []
