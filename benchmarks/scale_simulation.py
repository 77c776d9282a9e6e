"""Fifty million images on a thousand cores, simulated with times that are measured first.

    python benchmarks/scale_simulation.py [--images 50000000] [--cores 1000]

Measures on this machine what one image costs whoever asks (listing, naming, looking into the
journal, taking up its row), what one batch costs a scheduler, and what a row of the journal takes
on disk. Then it plays the job batch by batch, with the rules of `figureground.cluster.coordinator`:
slow hosts, lost hosts, copies of batches that take long. Times of an image and of a page of a
listing are given, since they depend on images and on the store.
"""

import argparse
import gc
import heapq
import logging
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from distributed import Client, LocalCluster

from figureground import ImageJob
from figureground.cluster import coordinator, listing
from figureground.cluster.journal import ClusterJournal
from figureground.cluster.known import Known
from figureground.cluster.planning import Planner
from figureground.cluster.rows import Row
from figureground.cluster.run import _Run
from figureground.media.walk import Search

SAMPLE = 50_000  # rows that are measured


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Seconds on this machine, but where said otherwise."""

    plan: float  # of whoever asks, an image: its name, whether it is done, into a batch
    settle: float  # of whoever asks, a row
    known: float  # to read a row of the journal, once, when a job begins
    known_bytes: float  # of memory a row
    part_bytes: float  # of a row on disk
    task: float  # of the scheduler, a batch


def measure() -> Costs:
    """Measure all of them."""
    with tempfile.TemporaryDirectory() as own:
        out = Path(own, "out")
        job = ImageJob(inputs="s3://shop/new", output=out, output_folder=True)
        journal = ClusterJournal(out, "f" * 64)
        items, plan = _planned(job, journal)
        rows = [
            Row(item=item, status="done", seconds=0.2, share=0.3, confidence=0.9, shape=(1000, 1000),
                finished=time.time_ns() // 1000, worker=f"host{n % 100}:{n % 7000}")
            for n, item in enumerate(items)
        ]  # fmt: skip
        run = _Run(job=job, journal=journal, known=Known(journal), tell=lambda event: None)
        began = time.process_time()
        for start in range(0, SAMPLE, 100):
            run._add(rows[start : start + 100])
        journal.flush()
        settle = (time.process_time() - began) / SAMPLE
        size = sum(part.stat().st_size for part in journal.folder.iterdir()) / SAMPLE
        began = time.process_time()
        known = Known(journal)
        read = (time.process_time() - began) / SAMPLE
        arrays = [known._states, known._makers]
        held = sum(one._keys.nbytes + one.values.nbytes for one in arrays) / SAMPLE
    return Costs(
        plan=plan, settle=settle, known=read, known_bytes=held, part_bytes=size, task=_task()
    )


def _planned(job: ImageJob, journal: ClusterJournal) -> tuple[list[object], float]:
    def objects(given: Path) -> Iterator[tuple[str, listing.State]]:
        for number in range(SAMPLE):
            name = f"{number // 1000:06}/{number:08}.jpg"
            yield name, listing.State(200_000, 1_700_000_000_000_000 + number)

    listing._objects = objects
    run = _Run(job=job, journal=journal, known=Known(journal), tell=lambda event: None)
    planner, search = Planner(job=job), Search()
    began = time.process_time()
    items = [
        item
        for chunk in listing._remote(Path("s3://shop/new"), search)
        for item in planner.items(chunk)
        if run._is_left(item)
    ]
    return items, (time.process_time() - began) / SAMPLE


def _task(count: int = 3000) -> float:
    """Processor seconds of scheduler and client for one batch: both are this process here."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(
        cluster
    ) as client:  # fmt: skip
        gc.collect()
        began = time.process_time()
        for start in range(0, count, 10):
            futures = [client.submit(abs, -n, pure=False) for n in range(start, start + 10)]
            client.gather(futures)
        return (time.process_time() - began) / count


@dataclass(kw_only=True)
class Played:
    """What came of a simulated job."""

    hours: float
    batches: int
    lost: int  # batches that hosts took along
    copies: int
    redone: int  # images that were done more than once
    tail: float  # seconds from when the first core had nothing to do to the end

    def count(self, took: float, usual: float, images: int, *, lost: bool) -> float:
        """Count a batch that takes so many seconds; returns after how many it is there."""
        self.batches += 1
        self.lost += lost
        self.redone += images // 2 if lost else 0
        limit = max(coordinator.AT_LEAST, coordinator.SLOW * usual)
        if took <= limit:
            return took
        self.copies, self.redone = self.copies + 1, self.redone + images
        return limit + usual  # a copy is done elsewhere by then


def play(asked: argparse.Namespace, costs: Costs, *, span: float | None = None) -> Played:
    """Play a job; `span` is the seconds that a batch is to take, None as the coordinator has it."""
    chance = random.Random(1)
    span = span or max(coordinator.SPAN, coordinator.SPAN_PER_THREAD * asked.cores)
    length = max(1, min(coordinator.LARGEST, round(span / asked.seconds)))
    hosts = -(-asked.cores // asked.host)
    speed = [
        4.0 if chance.random() < asked.slow else chance.uniform(0.9, 1.15) for _ in range(hosts)
    ]
    free = [(0.0, core) for core in range(asked.cores)]
    heapq.heapify(free)
    left, served = asked.images, 0.0
    result = Played(hours=0, batches=0, lost=0, copies=0, redone=0, tail=0)
    first_idle = end = 0.0
    while left > 0:
        now, core = heapq.heappop(free)
        count = min(length, left)
        left -= count
        served = max(served, now) + costs.task + count * (costs.plan + costs.settle)
        begin = max(now, served)  # one process hands out all batches
        usual = count * asked.seconds
        took = usual * speed[core // asked.host] * chance.lognormvariate(0, 0.08)
        lost = chance.random() < asked.lost * took / 3600
        took = result.count(took, usual, count, lost=lost)
        if lost:
            left += count
            took = took * chance.random() + 60  # until another host is up
        end = max(end, begin + took)
        heapq.heappush(free, (begin + took, core))
        if left <= 0 and not first_idle:
            first_idle = free[0][0]
    result.hours, result.tail = end / 3600, end - first_idle
    return result


def main() -> None:
    """Measure, play, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=50_000_000)
    parser.add_argument("--cores", type=int, default=1000)
    parser.add_argument("--host", type=int, default=16, help="cores of a host")
    parser.add_argument("--seconds", type=float, default=0.3, help="an image on a core")
    parser.add_argument(
        "--page", type=float, default=0.1, help="seconds for 1,000 keys of a listing"
    )
    parser.add_argument(
        "--slow", type=float, default=0.03, help="share of hosts four times as slow"
    )
    parser.add_argument("--lost", type=float, default=0.05, help="of a host, times an hour")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    costs = measure()
    both = costs.plan + costs.settle
    print(f"an image: {costs.plan * 1e6:.0f} µs to plan, {costs.settle * 1e6:.0f} µs to settle; a batch: "
          f"{costs.task * 1e3:.2f} ms; a row: {costs.part_bytes:.0f} bytes, {costs.known * 1e6:.0f} µs and "
          f"{costs.known_bytes:.0f} bytes of memory to read again")  # fmt: skip
    ideal = asked.images * asked.seconds / asked.cores / 3600
    rate = asked.cores / asked.seconds
    print(f"journal: {asked.images * costs.part_bytes / 1e9:.1f} GB; read again in "
          f"{asked.images * costs.known / 60:.0f} min, {asked.images * costs.known_bytes / 1e9:.1f} GB of "
          f"memory; listing: {asked.images / 1000 * asked.page / 3600:.1f} h beside {ideal:.1f} h of work")  # fmt: skip
    few = argparse.Namespace(**{**vars(asked), "images": asked.images // 10})
    for job, span in ((few, coordinator.SPAN), (asked, None)):
        played = play(job, costs, span=span)
        ideal = job.images * asked.seconds / asked.cores / 3600
        asks = (both * rate + costs.task * played.batches / played.hours / 3600) * 100
        print(f"{job.images:,} in batches of {span or 'the length for so many cores'}: {played.hours:.2f} h "
              f"({ideal / played.hours:.1%} of ideal), {played.batches:,} batches, "
              f"{played.batches / played.hours / 3600:.0f} a second; who asks and scheduler busy {asks:.0f} %; "
              f"{played.lost} lost with hosts, {played.copies} copies, {played.redone:,} images done twice, "
              f"tail {played.tail:.0f} s", flush=True)  # fmt: skip
    for cores in (1000, 2000, 4000, 8000):
        wide = argparse.Namespace(**{**vars(asked), "cores": cores})
        played = play(wide, costs)
        print(f"{cores:>6} cores: {played.hours:6.2f} h, "
              f"{asked.images * asked.seconds / cores / 3600 / played.hours:.1%} of ideal")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
