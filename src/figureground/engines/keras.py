"""Keras itself, for networks that are still in training: a `.keras` file; the extra `train`."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.engines import check_matte
from figureground.errors import ExtraError, ModelError, SizeError
from figureground.models.presets import find_preset

try:
    import keras
except ImportError as missing:
    raise ExtraError("train", "running a Keras network") from missing

# Ours is Keras's own but for how it learns (training/norm.py), which nobody does here.
KNOWN = {"figureground>BatchNormalization": keras.layers.BatchNormalization}


class KerasEngine:
    """One network, called as it is: slower than its export, equal to it within rounding."""

    def __init__(self, network: Any, size: Size, path: Path) -> None:
        """Wrap a `keras.Model`, float32 (1, *size, 3) to (1, *size, mattes); the last counts."""
        self.size, self._path = size, path
        self._network = network

    def __call__(self, square: NDArray[np.float32]) -> Alpha:
        """Matte of a picture; see `Engine`. Raises SizeError where `square` is of another size."""
        if square.shape != (*self.size, 3):
            raise SizeError(f"the network takes {(*self.size, 3)}, got {square.shape}")
        alphas = keras.ops.convert_to_numpy(self._network(square[None], training=False))
        return check_matte(np.ascontiguousarray(alphas[0, ..., -1], np.float32), self._path)

    def resized(self, size: Size) -> "KerasEngine":
        """Itself; see `Engine`."""
        return self


def open_engine(path: Path, *, threads: int | None = None, size: Size | None = None) -> KerasEngine:
    """Load a `.keras` file; `threads` is TensorFlow's own affair, its size is fixed.

    A network that takes any size is run at its preset's, which its name tells.

    Raises:
        ModelError: Keras cannot.
        UsageError: the network is no preset's and fixes no size.
    """
    try:
        network = keras.saving.load_model(path, compile=False, custom_objects=KNOWN)
    except (OSError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ModelError(f"Keras cannot run {str(path)!r}: {reason}") from error
    rows, columns = network.input_shape[1:3]
    if rows is None or columns is None:
        rows = columns = find_preset(network.name).size
    return KerasEngine(network, (rows, columns), path)
