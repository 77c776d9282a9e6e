"""Clusters and object stores of a test's own, and small images to work on."""

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distributed import LocalCluster
from levels import distance
from PIL import Image

KEYS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}
COMMAND = [sys.executable, "-m", "figureground"]


@contextmanager
def cluster_of_threads(workers: int = 2) -> Iterator[str]:
    """The address of a scheduler whose workers are threads of this process: up in no time."""
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=False, protocol="tcp://",
        dashboard_address=":0", worker_dashboard_address=":0", silence_logs="CRITICAL",
    ) as cluster:  # fmt: skip
        yield cluster.scheduler_address


@contextmanager
def object_store() -> Iterator[dict[str, str]]:
    """An S3 of its own with the buckets `shop` and `cut`; yields what the environment has to hold."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_for_port(port)
        yield {**KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    finally:
        server.kill()
        server.wait(timeout=30)


def wait_for_port(port: int, seconds: float = 60) -> None:
    """Wait until a server answers. Raises TimeoutError."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing answers at port {port}")


def make_images(folder: Path, count: int, astronaut: Path, side: int = 48) -> Path:
    """So many small images that differ, in a folder and one below it."""
    with Image.open(astronaut) as image:
        for number in range(count):
            path = folder / ("more" if number % 3 == 2 else "") / f"{number:04}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            box = (number % 90, number // 90, 300, 300)
            image.crop(box).resize((side, side)).save(path)
    return folder


def sums(folder: Path) -> dict[str, str]:
    """The hash of each file below a folder that is no note of ours, by its path from there."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "figureground-" not in str(path.relative_to(folder))
    }


def differing(found: Path, expected: Path) -> float:
    """The greatest of the distances between two folders' images of the same names, see `distance`."""
    names = sums(expected).keys()
    assert sums(found).keys() == names
    return max(distance((found / n).read_bytes(), (expected / n).read_bytes()) for n in names)


def rows_of(out: Path) -> list[dict[str, Any]]:
    """All rows of the journal in a folder of results."""
    import pyarrow.parquet as pq

    parts = sorted((out / ".figureground-journal").glob("*.parquet"))
    return [row for part in parts for row in pq.read_table(part).to_pylist()]


def remove(*words: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `figureground remove` in a process of its own."""
    command = [*COMMAND, "remove", *map(str, words)]
    return subprocess.run(
        command, env={**os.environ, **(env or {})}, capture_output=True, text=True, timeout=300
    )
