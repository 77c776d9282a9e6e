"""How far a long job is, on one line of the terminal."""

import sys
from collections import deque
from shutil import get_terminal_size
from time import monotonic
from typing import TextIO

BAR = 24  # characters
EVERY = 0.1  # seconds between two drawings
RECENT = 50  # the rate is that of so many last steps


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
        total: steps in all.
        unit: what a step is called, in the plural.
        shown: whether to draw; None draws if the stream is a terminal.
        stream: where to; standard error if None.

    `note` may be set to what the line shall end with.
    """

    def __init__(
        self, total: int, *, unit: str, shown: bool | None = None, stream: TextIO | None = None
    ) -> None:
        self.total, self.unit, self.done, self.note = total, unit, 0, ""
        self.stream = sys.stderr if stream is None else stream
        self.shown = self.stream.isatty() if shown is None else shown
        self._times: deque[float] = deque([monotonic()], RECENT + 1)
        self._drawn = 0.0

    def advance(self, steps: int = 1) -> None:
        """So many more steps are done."""
        self.done += steps
        self._times.append(monotonic())
        if self.shown and (self._times[-1] - self._drawn >= EVERY or self.done >= self.total):
            self._drawn = self._times[-1]
            columns = get_terminal_size().columns - 1  # what is wider would wrap and stay
            self.stream.write(f"\r\x1b[K{self.line()[:columns]}")
            self.stream.flush()

    def line(self) -> str:
        """`[########----------------] 120/500 pictures, 8.1/s, 47 s left`."""
        width = BAR // 2 if self.note else BAR
        filled = width * self.done // max(1, self.total)
        bar = "#" * filled + "-" * (width - filled)
        line = f"[{bar}] {self.done}/{self.total} {self.unit}"
        passed = self._times[-1] - self._times[0]
        if len(self._times) > 1 and passed > 0:
            rate = (len(self._times) - 1) / passed
            left = span(max(0, self.total - self.done) / rate)
            line += f", {rate:.1f}/s, {left} left"
        return f"{line}, {self.note}" if self.note else line

    def clear(self) -> None:
        """Make room for other lines; the bar comes back with the next step."""
        if self.shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def finish(self) -> None:
        """Leave the bar as it stands."""
        if self.shown and self.done:
            self.stream.write("\n")
            self.stream.flush()
