"""How far a long job is, on one line of the terminal, drawn by tqdm."""

import sys
from threading import RLock
from typing import Any, TextIO

EVERY = 0.1  # seconds between two drawings
SHAPE = (
    "{{percentage:3.0f}}%|{{bar:24}}| {{n_fmt}}/{{total_fmt}} {unit} "
    "[{{elapsed}}<{{remaining}}, {{rate_fmt}}{{postfix}}]"
)


def span(seconds: float) -> str:
    """A time as people say it: 40 s, 3 min 05 s, 2 h 10 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


class Progress:
    """A bar with rate and time left; draws nothing where nobody looks at a terminal.

    Args:
        total: steps in all; None where nobody knows.
        unit: what a step is called, in the plural.
        shown: whether to draw; None draws if the stream is a terminal.
        stream: where to; standard error if None.
        done: steps that were done before; the rate is that of the others.

    `note` may be set to what the line shall end with.
    """

    def __init__(
        self, total: int | None, *, unit: str, shown: bool | None = None,
        stream: TextIO | None = None, done: int = 0,
    ) -> None:  # fmt: skip
        self.total, self.unit, self.done, self.note = total or 0, unit, done, ""
        stream = sys.stderr if stream is None else stream
        self.shown = stream.isatty() if shown is None else shown
        self._bar = self._open(stream) if self.shown else None

    def _open(self, stream: TextIO) -> Any:
        from tqdm import tqdm  # 0.05 s, which jobs that show nothing need not wait for

        tqdm.set_lock(RLock())  # its own one is for several processes
        tqdm.monitor_interval = 0  # no thread of its own
        return tqdm(
            total=self.total or None, initial=self.done, file=stream, mininterval=EVERY, miniters=1,
            dynamic_ncols=True, bar_format=SHAPE.format(unit=self.unit),
        )  # fmt: skip

    def advance(self, steps: int = 1) -> None:
        """So many more steps are done."""
        self.reach(self.done + steps)

    def reach(self, done: int, total: int | None = None) -> None:
        """So many steps are done in all, of so many, where that is known now."""
        self.done = done
        self.total = self.total if total is None else total
        if self._bar is not None:
            self._bar.total = self.total or None
            self._bar.set_postfix_str(self.note, refresh=False)
            self._bar.update(done - self._bar.n)

    def clear(self) -> None:
        """Make room for other lines; the bar comes back with the next step."""
        if self._bar is not None:
            self._bar.clear()

    def finish(self, *, leave: bool = True) -> None:
        """Leave the bar as it stands, or nothing of it."""
        if self._bar is not None:
            self._bar.leave = leave and self.done > 0
            self._bar.close()
            self._bar = None
