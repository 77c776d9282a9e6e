"""Workers die, are told to go, or take for ever: nothing is lost, twice or half-written."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Any

import dask
import psutil
import pytest
from clusters import COMMAND, cluster_of_threads, differing, make_images, remove, rows_of, sums
from distributed import Client
from levels import CLOSE

from figureground import ImageJob, run
from figureground.cluster import coordinator, worker
from figureground.cluster.careful import try_each
from figureground.cluster.rows import Item
from figureground.cluster.run import run_on_cluster
from figureground.cluster.worker import as_task
from figureground.jobs.workers import remove_one

# As a native library that aborts would: the process ends in the middle of writing a result.
DEADLY = """
import os
import figureground.jobs.outputs as outputs

def encode(cutout, targets, look, encoding, whole=outputs.encode_outputs):
    if any("deadly" in path.name for path in targets.values()):
        os._exit(86)
    return whole(cutout, targets, look, encoding)

outputs.encode_outputs = encode
"""


@pytest.fixture
def deadly(tmp_path: Path) -> dict[str, str]:
    """An environment in which files of that name end every process that works on them."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(DEADLY)
    paths = os.pathsep.join([str(tmp_path / "site"), *filter(None, sys.path)])
    return {"PYTHONPATH": paths}


def on_two_workers(folder: Path, out: Path) -> list[str]:
    """The command that does a folder on two workers of this machine."""
    return [*COMMAND, "remove", str(folder), "-o", str(out), "--cluster", "local:2", "-q"]


def kill_one(process: subprocess.Popen[bytes], choose: random.Random) -> bool:
    """Kill one of the workers that a command has started."""
    workers = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it has ended since
            if "spawn_main" in " ".join(child.cmdline()):
                workers.append(child.pid)
    if workers:
        os.kill(choose.choice(workers), signal.SIGKILL)
    return bool(workers)


def run_with_kills(folder: Path, out: Path, kills: int, seed: int) -> int:
    """Run a job of two workers, kill some at random moments; returns how many were killed."""
    choose, killed = random.Random(seed), 0
    process = subprocess.Popen(on_two_workers(folder, out))
    until = time.monotonic() + 400
    try:
        while process.poll() is None and time.monotonic() < until:
            time.sleep(choose.uniform(0.2, 2))
            if killed < kills and any(out.rglob("*.png")):
                killed += kill_one(process, choose)
        assert process.wait(timeout=200) == 0
    finally:
        process.kill()
        process.wait(timeout=30)
    return killed


def check_all_there(folder: Path, out: Path, here: Path) -> None:
    run(ImageJob(inputs=folder, output=here))
    assert differing(out, here) < CLOSE
    rows = rows_of(out)
    assert len(rows) == len({row["source"] for row in rows}) == len(sums(here))
    hidden = [path for path in out.rglob(".*") if path.name != ".figureground-journal"]
    assert hidden == []


def test_a_worker_that_is_killed_loses_nothing(tmp_path: Path, astronaut: Path) -> None:
    folder, out = make_images(tmp_path / "in", 30, astronaut), tmp_path / "out"
    assert run_with_kills(folder, out, kills=1, seed=1) == 1
    check_all_there(folder, out, tmp_path / "here")


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(3))
def test_workers_killed_at_ten_random_moments_lose_nothing(
    seed: int, tmp_path: Path, astronaut: Path
) -> None:
    folder, out = make_images(tmp_path / "in", 300, astronaut), tmp_path / "out"
    assert run_with_kills(folder, out, kills=10, seed=seed) == 10
    check_all_there(folder, out, tmp_path / "here")
    before = {path: path.stat() for path in out.rglob("*.png")}
    assert remove(folder, "-o", out, "--cluster", "local:2").returncode == 0
    assert {path: path.stat() for path in out.rglob("*.png")} == before


@pytest.mark.soak
def test_a_command_killed_at_random_moments_goes_on_and_leaves_no_process(
    tmp_path: Path, astronaut: Path
) -> None:
    folder, out = make_images(tmp_path / "in", 90, astronaut), tmp_path / "out"
    choose = random.Random(8)
    for _ in range(10):
        process = subprocess.Popen(on_two_workers(folder, out), stderr=subprocess.DEVNULL)
        time.sleep(choose.uniform(0.5, 9))
        started = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.wait(timeout=30)
        _, left = psutil.wait_procs(started, timeout=90)
        assert not [one for one in left if one.status() != psutil.STATUS_ZOMBIE]
    assert subprocess.run(on_two_workers(folder, out), timeout=1200).returncode == 0
    check_all_there(folder, out, tmp_path / "here")


@pytest.mark.soak
def test_an_image_that_ends_workers_is_found_and_left_out(
    tmp_path: Path, astronaut: Path, deadly: dict[str, str]
) -> None:
    folder, out = make_images(tmp_path / "in", 12, astronaut), tmp_path / "out"
    (folder / "0004-deadly.png").write_bytes((folder / "0004.png").read_bytes())
    words = [folder, "-o", out, "--cluster", "local:2"]
    first = remove(*words, env=deadly)
    assert first.returncode == 1
    assert "0004-deadly.png' ended the process that worked on it (exit code 86)" in first.stderr
    assert len(sums(out)) == 12
    assert [row["source"] for row in rows_of(out) if row["status"] == "died"] == [
        "../in/0004-deadly.png"
    ]
    second = remove(*words, env=deadly)
    assert second.returncode == 1 and "is left out, since it ended" in second.stderr
    assert len(rows_of(out)) == 13
    third = remove(*words, "--overwrite")
    assert third.returncode == 0 and len(sums(out)) == 13


def test_a_careful_batch_tells_the_image_that_ends_a_process(
    tmp_path: Path, astronaut: Path, deadly: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_images(tmp_path / "in", 2, astronaut)
    (folder / "deadly.png").write_bytes((folder / "0000.png").read_bytes())
    job = ImageJob(inputs=folder, output=tmp_path / "out")
    names = ("0000", "deadly", "0001")
    items = [Item(str(folder / f"{name}.png"), (str(tmp_path / f"{name}.png"),)) for name in names]
    monkeypatch.syspath_prepend(tmp_path / "site")
    tried = list(try_each(job, [as_task(job, item) for item in items]))
    assert [(task.source.stem, died) for task, _, _, died in tried] == [
        ("0000", False), ("deadly", True), ("0001", False)
    ]  # fmt: skip
    assert (tmp_path / "0001.png").is_file() and not (tmp_path / "deadly.png").exists()


def test_a_worker_that_is_told_to_go_finishes_its_image(
    tmp_path: Path, astronaut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = make_images(tmp_path / "in", 24, astronaut), tmp_path / "out"
    monkeypatch.setattr(coordinator, "FIRST", 12)  # two batches of twelve
    with cluster_of_threads() as address, Client(address) as client:
        gone = False

        def slowly(task: object, *rest: object) -> object:
            nonlocal gone
            if not gone:
                gone = True
                victim = next(iter(client.scheduler_info(n_workers=-1)["workers"]))
                client.loop.add_callback(client.scheduler.retire_workers, workers=[victim],
                                         close_workers=True, remove=True)  # fmt: skip
            time.sleep(0.1)
            return remove_one(task, *rest)

        monkeypatch.setattr(worker, "remove_one", slowly)
        summary = run_on_cluster(ImageJob(inputs=folder, output=out), address)
    assert summary.counts.tried == 24 and gone
    rows = rows_of(out)
    assert len(rows) == len({row["source"] for row in rows}) == 24
    assert len(sums(out)) == 24


@pytest.mark.parametrize("stealing", [True, False])
def test_a_batch_that_takes_far_too_long_is_done_elsewhere_and_so_are_those_behind_it(
    stealing: bool, tmp_path: Path, astronaut: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = make_images(tmp_path / "in", 24, astronaut), tmp_path / "out"
    monkeypatch.setattr(coordinator, "AT_LEAST", 1.0)
    monkeypatch.setattr(coordinator, "LOOK", 0.2)
    over, stuck = Event(), list[bool]()

    def slow_once(task: Any, *rest: object) -> object:
        if "0003" in str(task.source) and not stuck:
            stuck.append(True)
            stuck.append(over.wait(timeout=120))
        return remove_one(task, *rest)

    monkeypatch.setattr(worker, "remove_one", slow_once)
    with (
        dask.config.set({"distributed.scheduler.work-stealing": stealing}),
        cluster_of_threads(2) as address,
    ):
        summary = run_on_cluster(ImageJob(inputs=folder, output=out), address)
        assert stuck == [True]  # the first still takes its time
        over.set()
    assert summary.counts.tried == len(rows_of(out)) == len(sums(out)) == 24


@pytest.mark.soak
def test_ctrl_c_lets_workers_finish_and_the_same_command_goes_on(
    tmp_path: Path, astronaut: Path
) -> None:
    folder, out = make_images(tmp_path / "in", 120, astronaut), tmp_path / "out"
    process = subprocess.Popen(
        on_two_workers(folder, out), start_new_session=True, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background
    )  # fmt: skip
    try:
        until = time.monotonic() + 120
        while not any(out.rglob("*.png")) and time.monotonic() < until:
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: workers get it, too
        _, said = process.communicate(timeout=100)
    finally:
        process.kill()
        process.wait(timeout=30)
    assert process.returncode == 130 and b"Traceback" not in said
    stopped = len(rows_of(out))
    assert 0 < stopped < 120
    assert remove(folder, "-o", out, "--cluster", "local:2").returncode == 0
    assert len(rows_of(out)) == 120
    check_all_there(folder, out, tmp_path / "here")
