"""Ctrl-C in training: the first one waits until the state is saved."""

import signal
import threading
from collections.abc import Callable
from types import FrameType


class Interrupt:
    """Whether somebody wants a run to end; within its `with`, Ctrl-C asks, and twice forces.

    Where there is nothing to save, as before the first step, once is enough. Outside of the main
    thread, where signals cannot be met, Ctrl-C stays what it was.
    """

    def __init__(self, on_ask: Callable[[], None] = lambda: None) -> None:
        self.asked = False
        self.unsaved = True  # whether there is anything that would be lost
        self._on_ask = on_ask
        self._before: object = None

    def __enter__(self) -> "Interrupt":
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)  # type: ignore[arg-type]

    def _ask(self, number: int, where: FrameType | None) -> None:
        if self.asked or not self.unsaved:
            raise KeyboardInterrupt
        self.asked = True
        self._on_ask()
