"""Prefetch: run each step of a job in a thread of its own, with a short queue between."""

from collections.abc import Generator, Iterable
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")
DEPTH = 3  # items between two steps: enough to smooth out differences, few enough for memory
PATIENCE = 0.1  # seconds between looks at whether anybody still wants what waits


class _End:
    """Marks the last item, or carries the error that ended a step."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def prefetch(items: Iterable[Item], depth: int = DEPTH) -> Generator[Item, None, None]:
    """The same items, worked out by another thread up to `depth` ahead.

    Errors of that thread are raised here, in their turn. Closing this generator ends the thread.
    """
    queue: Queue[Item | _End] = Queue(depth)
    stop = Event()
    thread = Thread(target=_work, args=(items, queue, stop), daemon=True)
    thread.start()
    try:
        while True:
            item = queue.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item
    finally:
        stop.set()
        thread.join()


def _work(items: Iterable[Item], queue: "Queue[Item | _End]", stop: Event) -> None:
    end = _End()
    try:
        for item in items:
            if not _put(item, queue, stop):
                break
    except BaseException as error:  # noqa: BLE001 - raised again in the other thread
        end = _End(error)
    if isinstance(items, Generator):
        items.close()  # ends the threads that it waits for in its turn
    _put(end, queue, stop)


def _put(item: Item | _End, queue: "Queue[Item | _End]", stop: Event) -> bool:
    """Wait for room; False once nobody wants more."""
    while not stop.is_set():
        try:
            queue.put(item, timeout=PATIENCE)
            return True
        except Full:
            continue
    return False
