"""LiteRT (once TensorFlow Lite) with XNNPACK: small, quick to start, all cores."""

import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.engines import check_matte, check_side, reason_of, without_notices
from figureground.errors import ModelError, SizeError
from figureground.models.metadata import ModelMetadata, read_metadata
from figureground.models.shipped import FOLDER, check_shipped
from figureground.resources import cores

if TYPE_CHECKING:
    from figureground.engines.litert_sizes import Upsamplings

KEPT = 2  # other sizes of a network that stay loaded: each takes 40 MB, and 50 ms to load


class LitertEngine:
    """One loaded network. Calls from several threads take turns."""

    def __init__(
        self,
        path: Path,
        metadata: ModelMetadata,
        interpreter: Interpreter,
        threads: int,
        *,
        ready: bool,
    ) -> None:
        """Take an interpreter, and whether its memory is allocated."""
        self.metadata = metadata
        self._path, self._threads = path, threads
        self._interpreter = interpreter
        self._ready = ready
        self._input = interpreter.get_input_details()[0]["index"]
        self._output = interpreter.get_output_details()[0]["index"]
        self._turn = threading.Lock()
        self._upsamplings: Upsamplings | None = None  # once another size is asked for
        self._others: OrderedDict[Size, LitertEngine] = OrderedDict()  # by size, last used last

    @property
    def size(self) -> Size:
        """Rows and columns of the network's input, pixels."""
        return self.metadata.size

    def __call__(self, image: NDArray[np.float32]) -> Alpha:
        """Matte of an image; see `Engine`. Raises SizeError where `image` is of another size."""
        if image.shape != (*self.size, 3):
            raise SizeError(f"the network takes {(*self.size, 3)}, got {image.shape}")
        with self._turn:
            self._allocate()
            try:
                self._interpreter.set_tensor(self._input, image[None])
                self._interpreter.invoke()
                alpha: Alpha = self._interpreter.get_tensor(self._output)
            except (ValueError, RuntimeError) as error:
                raise ModelError(_cannot(self._path, error)) from error
        if alpha.dtype != np.float32 or alpha.size != self.size[0] * self.size[1]:
            raise ModelError(
                f"the network {str(self._path)!r} gives {alpha.dtype} {alpha.shape}, but a matte "
                f"is float32 (1, {self.size[0]}, {self.size[1]}, 1); it is damaged"
            )
        return check_matte(alpha.reshape(self.size), self._path)

    def _allocate(self) -> None:
        """Take the memory that the network needs: once it is needed, as images are read before."""
        if self._ready:
            return
        try:
            with without_notices():
                self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError, MemoryError) as error:
            raise ModelError(_cannot(self._path, error)) from error
        self._ready = True

    def resized(self, size: Size) -> "LitertEngine":
        """The same network for inputs of another size, a multiple of its stride; see `Engine`.

        Asked for one of the last sizes again, it returns the same engine.
        """
        if size == self.size:
            return self
        with self._turn:
            if self._upsamplings is None:
                self._upsamplings = _read_upsamplings(self._path)
            size = self._upsamplings.fitting(size)
            if size == self.size:
                return self
            if size not in self._others:
                content = self._upsamplings.content_for(size)
                metadata = self.metadata._replace(size=size)
                self._others[size] = _load(self._path, metadata, self._threads, content)
            self._others.move_to_end(size)
            while len(self._others) > KEPT:
                self._others.popitem(last=False)
            return self._others[size]


def open_engine(
    path: Path, *, threads: int | None = None, size: Size | None = None
) -> LitertEngine:
    """Load a `.tflite` file. Raises ModelError where LiteRT cannot, or it carries no metadata."""
    shipped = path.parent == FOLDER
    if shipped:
        check_shipped(path)
    metadata, threads = read_metadata(path, checked=shipped), threads or cores()
    check_side(metadata.size, path)
    engine = _load(path, metadata, threads)
    return engine if size is None else engine.resized(size)


def _read_upsamplings(path: Path) -> "Upsamplings":
    from figureground.engines.litert_sizes import DAMAGED, Upsamplings  # seldom needed

    try:
        return Upsamplings(path.read_bytes())
    except DAMAGED as error:
        raise ModelError(f"the network {str(path)!r} is damaged; export it again") from error


def _load(
    path: Path, metadata: ModelMetadata, threads: int, content: bytes | None = None
) -> LitertEngine:
    """Load a file, or its changed content, for inputs of the metadata's size."""
    try:
        interpreter = Interpreter(
            model_path=str(path) if content is None else None,
            model_content=content,
            num_threads=threads,
        )
        if content is not None:
            place = interpreter.get_input_details()[0]["index"]
            interpreter.resize_tensor_input(place, [1, *metadata.size, 3])
        shipped = content is None and path.parent == FOLDER  # nothing is wrong with it
        if not shipped:
            interpreter.allocate_tensors()
        shape = tuple(int(side) for side in interpreter.get_input_details()[0]["shape"])
    except (ValueError, RuntimeError, IndexError, MemoryError) as error:
        raise ModelError(_cannot(path, error)) from error
    if shape != (1, *metadata.size, 3):
        raise ModelError(
            f"the network {str(path)!r} takes {shape}, but its metadata say "
            f"{(1, *metadata.size, 3)}; it is damaged"
        )
    return LitertEngine(path, metadata, interpreter, threads, ready=not shipped)


def _cannot(path: Path, error: BaseException) -> str:
    return f"LiteRT cannot run {str(path)!r}: {reason_of(error)}"
