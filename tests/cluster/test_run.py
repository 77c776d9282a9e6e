"""A cluster makes the same files as this machine alone, once each, and goes on where it stopped."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from clusters import cluster_of_threads, differing, make_images, rows_of, sums
from levels import CLOSE

from figureground import ImageJob, run
from figureground.cluster.journal import NAME
from figureground.cluster.run import run_on_cluster
from figureground.errors import RunError, UsageError
from figureground.jobs import events
from figureground.jobs.events import Event
from figureground.jobs.style import Style


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with cluster_of_threads() as one:
        yield one


@pytest.fixture
def folder(tmp_path: Path, astronaut: Path) -> Path:
    made = make_images(tmp_path / "in", 7, astronaut)
    shutil.copy(made / "0000.png", made / "0001.jpg")  # a name that is there twice
    (made / "note.txt").write_text("no image")
    (made / "bad.jpg").write_bytes(b"no image")
    return made


def kinds_of(told: list[Event]) -> dict[str, int]:
    names = [type(event).__name__ for event in told]
    return {name: names.count(name) for name in set(names)}


def test_names_and_bytes_are_those_of_the_local_engine(
    folder: Path, tmp_path: Path, address: str
) -> None:
    for number, options in enumerate([
        {"kinds": ("cutout", "mask")},
        {"background": str(folder / "0000.png"), "name": "{number:03}-{stem}.webp",
         "style": Style(feather=1.0)},
    ]):  # fmt: skip
        here, there = tmp_path / f"here{number}", tmp_path / f"there{number}"
        alone = run(ImageJob(inputs=folder, output=here, **options))
        told: list[Event] = []
        summary = run_on_cluster(
            ImageJob(inputs=folder, output=there, **options), address, told.append
        )
        assert differing(there, here) < CLOSE and len(sums(there)) >= 8
        assert summary.counts.failed == len(alone.failures) == 1
        assert "bad.jpg" in summary.failures[0][0]
        assert kinds_of(told)["ImageDone"] == 8 and kinds_of(told)["PassedOver"] == 1


def test_a_second_run_does_what_is_missing_and_touches_nothing_else(
    folder: Path, tmp_path: Path, address: str
) -> None:
    (folder / "bad.jpg").unlink()
    out = tmp_path / "out"
    job = ImageJob(inputs=folder, output=out)
    run_on_cluster(job, address)
    rows, before = rows_of(out), {path: path.stat() for path in out.rglob("*.png")}
    assert len(rows) == 8 and {row["status"] for row in rows} <= {"done", "empty"}

    assert run_on_cluster(job, address).counts.tried == 0
    assert {path: path.stat() for path in out.rglob("*.png")} == before
    assert rows_of(out) == rows

    os.utime(folder / "0003.png", (1, 1))
    (out / "0004.cutout.png").unlink()
    make_images(folder / "new", 1, folder / "0000.png")
    again = run_on_cluster(job, address)
    done = {row["source"] for row in rows_of(out)[len(rows) :]}
    assert done == {"../in/0003.png", "../in/0004.png", "../in/new/0000.png"}
    assert (again.counts.tried, again.asked) == (3, 9)
    assert run_on_cluster(ImageJob(inputs=folder, output=out, raw=True), address).counts.tried == 9


def test_the_journal_tells_of_each_image_what_became_of_it(
    folder: Path, tmp_path: Path, address: str
) -> None:
    out = tmp_path / "out"
    run_on_cluster(ImageJob(inputs=folder, output=out), address)
    rows = {row["source"]: row for row in rows_of(out)}
    good, bad = rows["../in/0000.png"], rows["../in/bad.jpg"]
    assert good["outputs"] == ["0000.cutout.png"] and good["size"] > 0 and good["seconds"] > 0
    assert 0 <= good["share"] <= 1 and len(good["fingerprint"]) == 64
    assert bad["status"] == "failed" and "not an image" in bad["error"]
    assert sorted(path.suffix for path in (out / NAME).iterdir()) == [".parquet"]


def test_what_was_made_from_another_image_is_not_replaced(
    folder: Path, tmp_path: Path, address: str
) -> None:
    out = tmp_path / "out"
    run_on_cluster(ImageJob(inputs=folder / "0000.png", output=f"{out}/"), address)
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(folder / "0003.png", other / "0000.png")
    before = sums(out)
    summary = run_on_cluster(ImageJob(inputs=other, output=out), address)
    assert "would replace what was made from another image" in summary.failures[0][1]
    assert sums(out) == before
    summary = run_on_cluster(ImageJob(inputs=other, output=out, overwrite=True), address)
    assert summary.counts == (1, 0, 0) and sums(out) != before


def test_a_dry_run_tells_what_is_left_and_writes_nothing(
    folder: Path, tmp_path: Path, address: str
) -> None:
    told: list[Event] = []
    job = ImageJob(inputs=folder, output=tmp_path / "out", dry_run=True)
    run_on_cluster(job, address, told.append)
    planned = [event for event in told if isinstance(event, events.Planned)]
    assert len(planned) == 9 and not any(event.done for event in planned)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("changes", "words"), [
    ({"output": None}, "needs a folder for the results"),
    ({"output": "one.png"}, "needs a folder for the results"),
    ({"watch": True}, "leave --watch out"),
    ({"inputs": "-"}, "not standard input"),
    ({"output": "in/out", "name": "{stem}.png"}, "lie in one another"),
])  # fmt: skip
def test_what_no_cluster_does_is_refused_at_once(changes: dict[str, object], words: str) -> None:
    job = ImageJob(**{"inputs": "in", "output": "out", **changes})
    with pytest.raises(UsageError, match=words):
        run_on_cluster(job, "tcp://127.0.0.1:9")


def test_an_address_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="local:N"):
        run_on_cluster(ImageJob(inputs="in", output=tmp_path), "my-cluster")


def test_a_scheduler_that_is_not_there_is_said(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("figureground.cluster.connect.WAIT", 0.5)
    with pytest.raises(RunError, match="there is no scheduler at tcp"):
        run_on_cluster(ImageJob(inputs=folder, output=tmp_path / "out"), "tcp://127.0.0.1:9")
