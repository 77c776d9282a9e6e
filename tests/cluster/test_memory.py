"""Memory does not grow with the number of images, neither of the scheduler nor of who asks."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from clusters import cluster_of_threads

from figureground import ImageJob
from figureground.cluster import coordinator, journal, worker
from figureground.cluster.rows import Item
from figureground.cluster.run import run_on_cluster
from figureground.jobs.cutout import Presence
from figureground.jobs.events import Event, ImageDone
from figureground.jobs.workers import Result
from figureground.media.naming import Task

COUNT = 20_000


@pytest.mark.soak
def test_twenty_thousand_tiny_images_leave_memory_flat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coordinator, "LARGEST", 4)  # five thousand batches
    monkeypatch.setattr(journal, "ROWS", 1000)

    def done_at_once(task: Task, *rest: object) -> Result:
        seen = Presence(share=0.5, confidence=1.0)
        return Result(task=task, seconds=0.001, size=(8, 8), presence=seen)

    def items() -> Iterator[Item]:
        for number in range(COUNT):
            yield Item(f"/shop/{number:08}.png", (f"/cut/{number:08}.png",), 100, number)

    alive: list[int] = []  # objects of scheduler, workers and client, which are one process here

    def tell(event: Event) -> None:
        if isinstance(event, ImageDone):
            tell.count += 1  # type: ignore[attr-defined]
            if tell.count % 4000 == 0:  # type: ignore[attr-defined]
                gc.collect()
                alive.append(len(gc.get_objects()))

    tell.count = 0  # type: ignore[attr-defined]
    monkeypatch.setattr(worker, "remove_one", done_at_once)
    with cluster_of_threads() as address:
        job = ImageJob(inputs="/shop", output=f"{tmp_path}/out/")
        summary = run_on_cluster(job, address, tell, items=items())
    assert summary.counts == (COUNT, 0, 0)
    assert max(alive[3:]) < 1.05 * alive[2], alive  # Dask's own logs are full by then
