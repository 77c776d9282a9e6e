"""LiteRT (once TensorFlow Lite) with XNNPACK: small, quick to start, all cores."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.errors import ModelError, SizeError
from figureground.models.card import Card, read_card


class LitertEngine:
    """One loaded network. Calls from several threads take turns."""

    def __init__(self, card: Card, interpreter: Interpreter) -> None:
        self.card = card
        self._interpreter = interpreter
        self._input = interpreter.get_input_details()[0]["index"]
        self._output = interpreter.get_output_details()[0]["index"]
        self._turn = threading.Lock()

    @property
    def size(self) -> Size:
        """Rows and columns of the network's input, pixels."""
        return self.card.size

    def __call__(self, square: NDArray[np.float32]) -> Alpha:
        """Matte of a picture; see `Engine`. Raises SizeError where `square` is of another size."""
        if square.shape != (*self.size, 3):
            raise SizeError(f"the network takes {(*self.size, 3)}, got {square.shape}")
        with self._turn:
            self._interpreter.set_tensor(self._input, square[None])
            self._interpreter.invoke()
            alpha: Alpha = self._interpreter.get_tensor(self._output)
        return alpha.reshape(self.size)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_SILENCING = threading.Lock()


@contextmanager
def _silence() -> Iterator[None]:
    """Keep LiteRT from announcing its delegate on standard error, which it offers no switch for.

    The announcement comes from C++, past `sys.stderr`; errors come as exceptions, and stay.
    """
    with _SILENCING, open(os.devnull, "w") as nowhere:  # noqa: PTH123 - not a file's path
        kept = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def open_engine(path: Path, *, threads: int | None = None) -> LitertEngine:
    """Load a `.tflite` file. Raises ModelError where LiteRT cannot, or it carries no card."""
    card = read_card(path)
    try:
        with _silence():
            interpreter = Interpreter(model_path=str(path), num_threads=threads or cores())
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"LiteRT cannot run {str(path)!r}: {reason}") from error
    return LitertEngine(card, interpreter)
