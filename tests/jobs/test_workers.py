"""Many images at once."""

import gc
import weakref
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from levels import CLOSE, distance

from figureground.errors import ImageError
from figureground.jobs.cutout import Cutout
from figureground.jobs.remover import Presence, Remover
from figureground.jobs.workers import remove_many
from figureground.media.naming import Task

READ = SimpleNamespace(notes=("its high dynamic range is gone",))
TASKS = [Task(source=Path(f"{number}.jpg"), targets={}) for number in range(20)]


def remover(fails_at: set[str]) -> Any:
    def remove(source: Path) -> SimpleNamespace:
        if source.name in fails_at:
            raise MemoryError("no room")
        presence = Presence(share=0.5, confidence=1.0)
        return SimpleNamespace(source=source, size=(2, 3), presence=presence, original=READ)

    return SimpleNamespace(remove=remove, max_memory=None)


@pytest.mark.parametrize("workers", [1, 3])
def test_every_image_is_done_once_and_failures_are_told(workers: int) -> None:
    written: list[Path] = []
    removers = [remover({"4.jpg", "9.jpg"}) for _ in range(workers)]
    write: Callable = lambda cutout, task: written.append(cutout.source)  # noqa: E731
    results = list(remove_many(TASKS, removers, write))
    assert sorted(result.task.source.name for result in results) == sorted(
        task.source.name for task in TASKS
    )
    failed = {result.task.source.name for result in results if result.error is not None}
    assert failed == {"4.jpg", "9.jpg"}
    assert len(written) == len(set(written)) == 18
    done = [result for result in results if result.error is None]
    assert {result.size for result in done} == {(2, 3)}
    assert {result.notes for result in done} == {READ.notes}


def test_no_more_images_are_in_memory_than_there_are_removers() -> None:
    asked = []

    def tasks():
        for task in TASKS:
            asked.append(task)
            yield task

    results = remove_many(tasks(), [remover(set()), remover(set())], lambda cutout, task: None)
    next(results)
    assert len(asked) <= 3
    assert len(list(results)) + 1 == 20


def test_an_image_that_fails_does_not_stay_in_memory() -> None:
    made: list[weakref.ref] = []

    class Kept(SimpleNamespace):
        pass

    def remove(source: Path) -> Kept:
        cutout = Kept(size=(2, 3), presence=None, original=READ)
        made.append(weakref.ref(cutout))
        return cutout

    def write(cutout: Kept, task: Task) -> None:
        try:
            raise OSError("disk full")
        except OSError as error:
            raise ImageError(f"cannot write {task.source}") from error

    gc.disable()  # which would find it in the end
    workers: list[Any] = [SimpleNamespace(remove=remove, max_memory=None)]
    try:
        results = list(remove_many(TASKS[:4], workers, write))
        assert {str(result.error) for result in results} == {
            f"cannot write {task.source}" for task in TASKS[:4]
        }
        assert not any(cutout() for cutout in made)
    finally:
        gc.enable()


def test_stopping_early_begins_nothing_new() -> None:
    written: list[Path] = []
    results = remove_many(
        TASKS,
        [remover(set())],
        lambda cutout, task: written.append(cutout.source),  # type: ignore[attr-defined]
    )
    next(results)
    results.close()
    assert len(written) < 5


@pytest.mark.parametrize(("workers", "threads"), [(2, 1), (3, 2), (1, 2)])
def test_a_result_is_the_same_whatever_the_number_of_workers_and_threads(
    workers: int, threads: int, people: Path, astronaut: Path
) -> None:
    sources = [astronaut, *sorted((people / "images").iterdir())[:3]]
    tasks = [Task(source=source, targets={"cutout": Path("a.png")}) for source in sources]

    def work(removers: list[Remover]) -> dict[str, bytes]:
        made: dict[str, bytes] = {}

        def keep(cutout: Cutout, task: Task) -> None:
            made[task.source.name] = cutout.to_bytes()

        assert all(result.error is None for result in remove_many(tasks, removers, keep))
        return made

    alone = work([Remover(threads=1)])
    shared = work([Remover(threads=threads) for _ in range(workers)])
    assert shared.keys() == alone.keys()
    for name in alone:
        assert distance(shared[name], alone[name]) < CLOSE, name
