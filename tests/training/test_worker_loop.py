"""Training with workers: two processes of this machine that find each other by TF_CONFIG."""

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("tensorflow")

from figureground.training.batches import Part

LIMIT = 500  # seconds that all of a test may take
SCRIPT = Path(__file__).parents[1] / "tiny.py"
OPTIONS = [
    "--preset",
    "tiny",
    "--image-size",
    "32",
    "--batch-size",
    "4",
    "--epochs",
    "4",
    "--val-share",
    "0.3",
    "--learning-rate",
    "0.0001",
    "--warmup",
    "0",
    "--set",
    "ema_momentum=0.9",
    "--set",
    "gradient_clip_norm=0.1",
    "--json",
    "--set",
    "augment=false",
]


def ports(count: int) -> list[int]:
    """Numbers that no other process listens on."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    found = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return found


class Group:
    """Two workers that write what they say to files."""

    def __init__(self, folder: Path, data: Sequence[Path], options: Sequence[str] = ()) -> None:
        self.folder, self.data, self.options = folder, data, options
        self.run = folder / "run"
        self.addresses = [f"127.0.0.1:{port}" for port in ports(2)]
        self.until = time.monotonic() + LIMIT
        self.processes: list[subprocess.Popen] = [self.start(n) for n in (0, 1)]

    def start(self, index: int) -> subprocess.Popen:
        task = {"type": "worker", "index": index}
        config = {"cluster": {"worker": self.addresses}, "task": task}
        command = [sys.executable, str(SCRIPT), "train", "--data", f"{self.data[index]}:6"]
        with (self.folder / f"{index}.txt").open("a") as said:
            return subprocess.Popen(
                [*command, *OPTIONS, *self.options, "-o", str(self.run), "--workers"],
                stdout=said, stderr=subprocess.STDOUT,
                env={**os.environ, "TF_CONFIG": json.dumps(config)},
            )  # fmt: skip

    def said(self, index: int) -> str:
        return (self.folder / f"{index}.txt").read_text()

    def wait_for(self, true: Callable[[], bool]) -> None:
        while not true():
            assert time.monotonic() < self.until, self.said(0)[-2000:] + self.said(1)[-2000:]
            assert self.processes[0].poll() is None, self.said(0)[-2000:]
            time.sleep(0.1)

    def end(self) -> list[int]:
        """Wait until both have ended; returns what with."""
        try:
            return [p.wait(max(1, self.until - time.monotonic())) for p in self.processes]
        finally:
            for process in self.processes:
                process.kill()

    def rows(self) -> list[dict[str, Any]]:
        """The metrics, without the seconds."""
        with (self.run / "metrics.csv").open(newline="") as file:
            return [{**row, "seconds": ""} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def unbroken(people: Path, tmp_path_factory: pytest.TempPathFactory) -> Group:
    group = Group(tmp_path_factory.mktemp("unbroken"), [people] * 2)
    assert group.end() == [0, 0], group.said(0)[-3000:] + group.said(1)[-3000:]
    return group


@pytest.mark.soak
def test_two_workers_learn_as_one_device_does(
    unbroken: Group, people: Path, tmp_path: Path
) -> None:
    command = [sys.executable, str(SCRIPT), "train", "--data", f"{people}:6", *OPTIONS]
    subprocess.run([*command, "-o", str(tmp_path)], check=True, timeout=LIMIT)
    with (tmp_path / "metrics.csv").open(newline="") as file:
        alone = list(csv.DictReader(file))
    for one, two in zip(alone, unbroken.rows(), strict=True):
        for name in ("loss", "val_loss", "learning_rate"):  # rounding grows with each step
            assert float(two[name]) == pytest.approx(float(one[name]), rel=3e-4), name


@pytest.mark.soak
def test_only_the_chief_writes(unbroken: Group) -> None:
    names = {path.name for path in unbroken.run.iterdir()}
    assert names == {
        "best.weights.h5", "events", "last.weights.h5", "metrics.csv", "recipe.toml",
        "report.html", "run.json", "sheets",
    }  # fmt: skip
    assert '"epoch"' in unbroken.said(0) and '"epoch"' not in unbroken.said(1)


@pytest.mark.soak
def test_a_worker_that_is_killed_and_returns_goes_on_at_the_last_step(
    unbroken: Group, people: Path, tmp_path: Path
) -> None:
    group = Group(tmp_path, [people] * 2)
    group.wait_for(lambda: '"epoch": 2, "loss"' in group.said(0))
    group.processes[1].kill()
    group.processes[1].wait(60)
    group.wait_for(lambda: "a worker is gone" in group.said(0))
    group.processes[1] = group.start(1)
    assert group.end() == [0, 0], group.said(0)[-3000:] + group.said(1)[-3000:]
    assert group.rows() == unbroken.rows()


@pytest.mark.soak
def test_other_images_on_another_worker_are_refused_by_all(people: Path, tmp_path: Path) -> None:
    shutil.copytree(people, tmp_path / "other")
    (tmp_path / "other" / "images" / "4.jpg").write_bytes(
        (people / "images" / "5.jpg").read_bytes()
    )
    group = Group(tmp_path, [people, tmp_path / "other"])
    codes = group.end()
    assert codes[0] == codes[1] and codes[0] > 0
    for index in (0, 1):
        assert "worker 1 has data other than worker 0's" in group.said(index)
    assert not (group.run / "last.weights.h5").exists()


@pytest.mark.soak
def test_ctrl_c_at_one_worker_stops_all_and_keeps_the_step(people: Path, tmp_path: Path) -> None:
    group = Group(tmp_path, [people] * 2, ["--epochs", "60"])
    group.wait_for(lambda: '"epoch": 2, "loss"' in group.said(0))
    group.processes[1].send_signal(signal.SIGINT)
    assert group.end() == [130, 130], group.said(0)[-3000:] + group.said(1)[-3000:]
    assert all("the same command goes on" in group.said(n) for n in (0, 1))
    assert (group.run / "last.weights.h5").exists()


def test_parts_of_batches_hold_every_sample_once() -> None:
    samples = np.arange(24)
    parts = [Part(skip=1, index=n, of=2).take(samples, 8) for n in (0, 1)]
    assert parts[0].tolist() == [8, 9, 10, 11, 16, 17, 18, 19]
    assert sorted(np.concatenate(parts)) == list(range(8, 24))
