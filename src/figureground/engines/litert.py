"""LiteRT (once TensorFlow Lite) with XNNPACK: small, quick to start, all cores."""

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.errors import ModelError, SizeError
from figureground.models.card import Card, read_card

Result = TypeVar("Result")


class LitertEngine:
    """One network, loaded when it is first called. Calls from several threads take turns."""

    def __init__(self, path: Path, card: Card, threads: int, content: bytes | None = None) -> None:
        self.card = card
        self._path, self._threads = path, threads
        self._content = content  # of the file, changed for inputs of another size; else None
        self._interpreter: Interpreter | None = None
        self._ready = False
        self._turn = threading.Lock()
        self._others: dict[Size, LitertEngine] = {}  # by their size

    @property
    def size(self) -> Size:
        """Rows and columns of the network's input, pixels."""
        return self.card.size

    def __call__(self, square: NDArray[np.float32]) -> Alpha:
        """Matte of a picture; see `Engine`. Raises SizeError where `square` is of another size."""
        if square.shape != (*self.size, 3):
            raise SizeError(f"the network takes {(*self.size, 3)}, got {square.shape}")
        with self._turn:
            interpreter = self._interpreter or self.open()
            if not self._ready:  # it takes some 40 MB, which a network that never runs can spare
                self._try(interpreter.allocate_tensors)
                self._ready = True
            interpreter.set_tensor(interpreter.get_input_details()[0]["index"], square[None])
            interpreter.invoke()
            place = interpreter.get_output_details()[0]["index"]
            alpha: Alpha = interpreter.get_tensor(place)
        return alpha.reshape(self.size)

    def resized(self, size: Size) -> "LitertEngine":
        """The same network for inputs of another size, a multiple of its stride; see `Engine`.

        Convolutions take any size; the sizes that upsamplings lead to are constants in the file,
        and the card says where. Asked for a size again, it returns the same engine.
        """
        if not self.card.upsamplings:
            return self
        stride = 2 * max(pixels for _, pixels in self.card.upsamplings)  # of the coarsest features
        rows, columns = (max(1, round(side / stride)) * stride for side in size)
        if (rows, columns) == self.size:
            return self
        with self._turn:
            if (rows, columns) not in self._others:
                self._others[rows, columns] = self._other(rows, columns)
            return self._others[rows, columns]

    def _other(self, rows: int, columns: int) -> "LitertEngine":
        content = bytearray(self._path.read_bytes())
        for place, pixels in self.card.upsamplings:
            np.frombuffer(content, "<i4", 2, place)[:] = rows // pixels, columns // pixels
        card = replace(self.card, size=(rows, columns))
        return LitertEngine(self._path, card, self._threads, bytes(content))

    def open(self) -> Interpreter:
        """Read the network. Raises ModelError where LiteRT cannot."""
        path = str(self._path) if self._content is None else None
        make = partial(Interpreter, path, self._content, num_threads=self._threads)
        self._interpreter = self._try(make)
        if self._content is not None:
            place = self._interpreter.get_input_details()[0]["index"]
            self._try(partial(self._interpreter.resize_tensor_input, place, [1, *self.size, 3]))
        return self._interpreter

    def _try(self, step: Callable[[], Result]) -> Result:
        try:
            return step()
        except (ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise ModelError(f"LiteRT cannot run {str(self._path)!r}: {reason}") from error


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def open_engine(path: Path, *, threads: int | None = None) -> LitertEngine:
    """Open a `.tflite` file. Raises ModelError where LiteRT cannot, or it carries no card."""
    engine = LitertEngine(path, read_card(path), threads or cores())
    engine.open()
    return engine


def find_upsamplings(content: bytes, rows: int) -> tuple[tuple[int, int], ...]:
    """What a card says of a network's upsamplings; see `Card`.

    Args:
        content: of a `.tflite` file, whose schema comes with LiteRT.
        rows: of its input.
    """
    from ai_edge_litert import schema_py_generated as schema  # slow to import, and seldom needed

    network = schema.Model.GetRootAs(content, 0)
    graph = network.Subgraphs(0)
    start = np.frombuffer(content, np.uint8).__array_interface__["data"][0]
    found = []
    for number in range(graph.OperatorsLength()):
        step = graph.Operators(number)
        code = network.OperatorCodes(step.OpcodeIndex()).BuiltinCode()
        if code == schema.BuiltinOperator.RESIZE_BILINEAR:
            size = network.Buffers(graph.Tensors(step.Inputs(1)).Buffer()).DataAsNumpy()
            place = size.__array_interface__["data"][0] - start
            found.append((place, rows // int(size.view("<i4")[0])))
    return tuple(found)
