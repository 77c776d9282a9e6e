"""Standard streams that are closed or full are no reason not to work."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

STREAMS = ("stdin", "stdout", "stderr")  # by their number


class Forgiving:
    """A standard stream that goes on where nothing can be written any more.

    What cannot be written to standard output is told once. That its reader has gone is passed on,
    but for standard error's. All else is the stream's own.
    """

    def __init__(self, stream: Any, *, name: str) -> None:
        self._stream, self._name, self._told = stream, name, False

    def write(self, text: str) -> int:
        """Write a text; returns how many characters it has."""
        with self._forgiving():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write out what is held back."""
        with self._forgiving():
            if hasattr(self._stream, "flush"):  # what a program put in its place may lack it
                self._stream.flush()

    def writelines(self, lines: Any) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            silence(self._stream)
            if self._name == "stdout":
                raise
        except OSError as error:
            silence(self._stream)
            if self._name == "stdout" and not self._told:
                self._told = True
                print(
                    f"figureground: cannot write standard output: {error.strerror}; what is "
                    "printed there is lost, the work goes on",
                    file=sys.stderr,
                )
        except ValueError:  # it was closed
            silence(self._stream)


def silence(stream: Any) -> None:
    """Let what a stream holds back, and what else it is given, go nowhere."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        stream.flush()


def open_missing() -> None:
    """Give a process that was started without standard streams some that lead nowhere.

    Their numbers would else go to the next files that are opened, and what native libraries print
    would be written into those. What is closed as standard output stays closed to bytes.
    """
    for number, name in enumerate(STREAMS):
        missing = _is_closed(number)
        if missing:
            file = os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)
            os.set_inheritable(file, True)
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            stream = io.TextIOWrapper(
                open(number, f"{mode}b", closefd=False),  # noqa: SIM115 - for all of the process
                encoding="utf-8",
                errors="backslashreplace",
            )
            setattr(sys, name, _Nowhere(stream) if name == "stdout" else stream)


class _Nowhere:
    """Closed standard output: texts go nowhere, bytes are refused as a closed file refuses them."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream  # kept, or it would close its buffer
        self.buffer, self.encoding = stream.buffer.raw, stream.encoding
        self.closed = False

    def write(self, text: str) -> int:
        """Drop a text; returns how many characters it has."""
        return len(text)

    def flush(self) -> None:
        """Nothing is held back."""

    def isatty(self) -> bool:
        """Say that nobody looks."""
        return False

    def fileno(self) -> int:
        """Return the number of standard output."""
        return STREAMS.index("stdout")


def _is_closed(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return True
    return False


@contextmanager
def forgiving() -> Iterator[None]:
    """Let standard output and error be forgiving in such a block; at its end all is written out."""
    open_missing()
    before = sys.stdout, sys.stderr
    wrapped = Forgiving(sys.stdout, name="stdout"), Forgiving(sys.stderr, name="stderr")
    sys.stdout, sys.stderr = wrapped
    try:
        yield
    finally:
        for stream in wrapped:
            with contextlib.suppress(BrokenPipeError):
                stream.flush()
        if (sys.stdout, sys.stderr) == wrapped:
            sys.stdout, sys.stderr = before
