"""What a cluster costs beside the local engine, and what a second worker brings.

    python benchmarks/scale.py [--images 500] [--rounds 5]

By turns, in one run: the local engine on one core, and one worker of a cluster that is up, on the
same images; then two workers. Processor time counts all processes: who asks, scheduler, workers.
Last the memory of a scheduler in a process of its own before and after 20,000 tiny tasks.
"""

import argparse
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from distributed import Client
from PIL import Image

from figureground import ImageJob, run
from figureground.cluster.connect import QUIET
from figureground.cluster.run import run_on_cluster

ASTRONAUT = Path(__file__).parent.parent / "examples" / "astronaut.jpg"
TINY = 20_000


def make_images(folder: Path, count: int, side: int) -> None:
    """So many images that differ."""
    folder.mkdir()
    with Image.open(ASTRONAUT) as image:
        for number in range(count):
            box = (number % 50, number // 50, 420, 420)
            image.crop(box).resize((side, side)).save(folder / f"{number:05}.jpg", quality=92)


@contextmanager
def cluster(workers: int) -> Iterator[tuple[str, list[psutil.Process]]]:
    """A scheduler and workers, each a process; yields the address and all of them."""
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    file = tempfile.mktemp(suffix=".json")
    settings = {f"DASK_{name.upper().replace('.', '__')}".replace("-", "_"): str(value)
                for name, value in QUIET.items()}  # fmt: skip
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL,
             "env": {**os.environ, **settings}}  # fmt: skip
    scheduler = subprocess.Popen(
        [
            *command,
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            file,
        ],
        **quiet,
    )
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", file, "--nthreads",
              "1", "--no-nanny", "--no-dashboard"]  # fmt: skip
    started = [scheduler, *(subprocess.Popen(worker, **quiet) for _ in range(workers))]
    try:
        with Client(scheduler_file=file, timeout=120) as client:
            client.wait_for_workers(workers, timeout=120)
            address = client.scheduler.address
        yield address, [psutil.Process(one.pid) for one in started]
    finally:
        for one in reversed(started):
            one.kill()
            one.wait(timeout=30)


def processor_time(processes: list[psutil.Process]) -> float:
    """Seconds of all processes and of this one."""
    times = [one.cpu_times() for one in [*processes, psutil.Process()]]
    return sum(one.user + one.system for one in times)


def measured(work: Callable[[], object], processes: list[psutil.Process]) -> tuple[float, float]:
    """Wall and processor seconds of some work."""
    wall, own = time.perf_counter(), processor_time(processes)
    work()
    return time.perf_counter() - wall, processor_time(processes) - own


def compare(folder: Path, out: Path, rounds: int) -> None:
    """Print the local engine against one worker."""
    walls, owns = [], []
    with cluster(1) as (address, processes):
        run_on_cluster(job_on(folder, out / "first"), address)  # networks are loaded, files cached
        for number in range(rounds):
            alone = measured(lambda n=number: run(job_on(folder, out / f"here{n}")), [])
            job = job_on(folder, out / f"there{number}")
            there = measured(lambda job=job: run_on_cluster(job, address), processes)
            walls.append(there[0] / alone[0])
            owns.append(there[1] / alone[1])
            print(f"  local {alone[0]:.1f} s ({alone[1]:.1f} of processor), "
                  f"one worker {there[0]:.1f} s ({there[1]:.1f})", flush=True)  # fmt: skip
    print(f"one worker / local engine: {statistics.median(walls):.3f} by the clock, "
          f"{statistics.median(owns):.3f} by processor time")  # fmt: skip


def scale(folder: Path, out: Path, count: int, rounds: int) -> None:
    """Print one worker against two."""
    rates: dict[int, float] = {}
    for workers in (1, 2):
        with cluster(workers) as (address, processes):
            run_on_cluster(job_on(folder, out / f"warm{workers}"), address)
            taken = []
            for number in range(rounds):
                job = job_on(folder, out / f"scale{workers}-{number}")
                taken.append(measured(lambda job=job: run_on_cluster(job, address), processes))
        wall, own = min(one[0] for one in taken), min(one[1] for one in taken)
        rates[workers] = count / wall
        print(f"{workers} worker(s): {count / wall * 3600:,.0f} images an hour, "
              f"{count / own * 3600:,.0f} an hour a core by processor time")  # fmt: skip
    print(f"two workers / one: {rates[2] / rates[1]:.2f}")


def scheduler_memory() -> None:
    """Print a scheduler's memory over many tiny tasks, in flight as a job has them."""
    with cluster(1) as (address, processes), Client(address) as client:
        for done in range(0, TINY, TINY // 4):
            for start in range(done, done + TINY // 4, 8):
                futures = [client.submit(abs, -n, pure=False) for n in range(start, start + 8)]
                client.gather(futures)
                client.log_event("figureground", {"begun": start})
            print(
                f"scheduler after {done + TINY // 4:,} tasks: {processes[0].memory_info().rss / 1e6:.0f} MB"
            )


def job_on(folder: Path, out: Path) -> ImageJob:
    """What is done."""
    return ImageJob(inputs=folder, output=f"{out}/", background="white", format="jpg")


def main() -> None:
    """Print all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--side", type=int, default=512, help="pixels")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as own:
        folder = Path(own, "in")
        make_images(folder, asked.images, asked.side)
        os.sched_setaffinity(0, cores[:1])  # all of it on one core, scheduler and all
        compare(folder, Path(own), asked.rounds)
        os.sched_setaffinity(0, cores)
        scale(folder, Path(own), asked.images, 1)
    scheduler_memory()


if __name__ == "__main__":
    main()
