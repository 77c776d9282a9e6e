"""What runs an exported network: one module per file format, imported when asked for."""

import ctypes
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import RLock
from typing import Any, Protocol, cast
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.errors import ModelError, UsageError
from figureground.models.shipped import is_saved_model, is_shipped

ROUNDING = 1e-3  # by which a matte may miss 0 to 1
LARGEST = 8192  # side of a network's input, pixels
REASON = 140  # characters of what a library says
NOTICE, ALL = b"INFO:", b""  # how lines of libraries begin that nobody needs
_LOADING = RLock()  # standard error belongs to the whole process
_OPEN: WeakSet[Any] = WeakSet()  # all networks that were opened here, and still are
_STALE: list[Any] = []  # those of the process that was forked, whose threads stayed there
KERAS = "figureground.engines.keras"
ONNX = "figureground.engines.onnx"
TUTORIAL = "figureground.engines.tutorial"
SAVED_MODEL = "figureground.engines.saved_model"
TENSORFLOW = (KERAS, SAVED_MODEL, TUTORIAL)
ENGINES = {
    ".h5": TUTORIAL,
    ".keras": KERAS,
    ".onnx": ONNX,
    ".tflite": "figureground.engines.litert",
}


class Engine(Protocol):
    """Runs one exported network on one image at a time; safe to call from several threads."""

    @property
    def size(self) -> Size:
        """Rows and columns of the network's input, pixels."""
        ...

    def __call__(self, square: NDArray[np.float32]) -> Alpha:
        """Matte of an image.

        square: float32 (rows, columns, 3), RGB, 0 to 1, of this engine's `size`.
        Returns alpha, float32 (rows, columns), 0 to 1.
        """
        ...

    def resized(self, size: Size) -> "Engine":
        """The same network for inputs of about another size, to run it faster or closer.

        size: rows and columns; rounded to what the network can take. A network that can take but
        its own size is returned as it is.
        """
        ...


def check_matte(alpha: Alpha, path: Path) -> Alpha:
    """The same matte. Raises ModelError where it is not within 0 to 1, but for rounding."""
    if not (alpha.min() >= -ROUNDING and alpha.max() <= 1 + ROUNDING):  # NaN is neither
        raise ModelError(
            f"the network {str(path)!r} gave a matte that is not within 0 to 1; it is damaged, or "
            "no network for mattes"
        )
    return alpha


def check_side(size: Size, path: Path) -> Size:
    """The same size of a network's input. Raises ModelError where no network has such an input."""
    if not all(isinstance(side, int) and 1 <= side <= LARGEST for side in size):
        raise ModelError(
            f"the network {str(path)!r} takes images of {size} (rows, columns); 1 to {LARGEST} "
            "make sense; it is damaged"
        )
    return size


def reason_of(error: BaseException) -> str:
    """The first line of what a library says of a network, cut where it is long."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    line = " ".join((lines or [type(error).__name__])[0].split())
    return line if len(line) <= REASON else f"{line[:REASON]} …"


def open_engine(
    path: Path,
    *,
    threads: int | None = None,
    size: Size | None = None,
    device: str = "cpu",
    color: str | None = None,
) -> Engine:
    """Load an exported network, without what its library tells of that.

    Args:
        path: the file that `figureground export` wrote, a file that Keras saved, an `.onnx` file,
            or the folder of a SavedModel.
        threads: how many the network may use; all cores if None.
        size: of input that it is first needed at, as `Engine.resized` takes it; its own if None.
        device: what an `.onnx` file runs on, a key of `engines.onnx.DEVICES`.
        color: order of channels that a file of the Keras tutorial takes, bgr or rgb; see
            `tutorial_proof.open_tutorial`.
    Raises:
        UsageError: the file is missing or of another kind.
        ModelError: it cannot be run.
        ExtraError: what runs it is not installed.
    """
    module = engine_of(path)
    if module in TENSORFLOW and any(type(one).__module__ in TENSORFLOW for one in _STALE):
        raise ModelError(
            f"{str(path)!r} cannot run in a process that was forked, since TensorFlow ran before: "
            "start the process by multiprocessing's 'spawn', or export the network to `.tflite`"
        )
    opener = import_module(module)
    if path.is_dir() or not is_shipped(path):
        import_module("figureground.engines.trial").check_network(path)
    if device != "cpu" and module != ONNX:
        raise UsageError(
            f"{str(path)!r} runs on cpu only; `export --to onnx` makes what {device} runs"
        )
    more: dict[str, str | None] = {"device": device} if module == ONNX else {}
    if module in TENSORFLOW:
        more = {"color": color}
    with without_notices():
        engine = cast(Engine, opener.open_engine(path, threads=threads, size=size, **more))
    _OPEN.add(engine)
    return engine


def is_stale(engine: Engine) -> bool:
    """Return whether a network was loaded before this process was forked."""
    return any(engine is other for other in _STALE)


def _leave_behind() -> None:
    """In a process that was forked, neither use nor free networks, whose threads stayed behind.

    Waiting for these would last for ever, and to free a network waits for them.
    """
    for engine in list(_OPEN):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(engine))  # modules are cleared at the end
        _STALE.append(engine)
    _OPEN.clear()
    _LOADING.release()


if hasattr(os, "register_at_fork"):  # no child is left with a lock that nobody gives back
    os.register_at_fork(
        before=_LOADING.acquire, after_in_parent=_LOADING.release, after_in_child=_leave_behind
    )


def engine_of(path: Path) -> str:
    """The module that runs a network. Raises UsageError where there is none, or no such file."""
    if is_saved_model(path):
        return TUTORIAL if (path / "keras_metadata.pb").is_file() else SAVED_MODEL
    module = ENGINES.get(path.suffix.lower())
    if module is None:
        raise UsageError(
            f"cannot tell how to run {str(path)!r}: its name ends in {path.suffix!r}, "
            f"but a network ends in {' or '.join(sorted(ENGINES))}"
        )
    if not path.is_file():
        raise UsageError(f"there is no network at {str(path)!r}; give the path of an exported file")
    return module


@contextmanager
def without_notices(prefix: bytes = NOTICE) -> Iterator[None]:
    """Keep lines that begin so from standard error; all others appear after the block.

    LiteRT tells there what runs a network, and offers no switch for that. Where the block fails,
    its error says why, and nothing else appears.
    """
    with _LOADING, tempfile.TemporaryFile() as held:
        try:
            shown = os.dup(2)
        except OSError:  # a process without standard streams: nothing can be seen
            yield
            return
        _flush()
        os.dup2(held.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            _flush()
            os.dup2(shown, 2)
            os.close(shown)
            held.seek(0)
            for line in () if failed else held:
                if not line.startswith(prefix):
                    os.write(2, line)


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
