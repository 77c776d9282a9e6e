"""Keras itself, for networks that are still in training: a `.keras` file; the extra `train`."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.engines import check_matte, check_side, reason_of
from figureground.engines.traces import without_traces
from figureground.errors import ExtraError, ModelError, SizeError
from figureground.media.memory_budget import check_memory
from figureground.models.levels import check_levels
from figureground.models.presets import PRESETS, find_preset

try:
    with without_traces():
        import keras
except ImportError as missing:
    raise ExtraError("train", "running a Keras network") from missing

# Ours is Keras's own but for how it learns (models/batch_norm.py), which nobody does here.
KNOWN = {"figureground>BatchNormalization": keras.layers.BatchNormalization}


class KerasEngine:
    """One network, called as it is: slower than its export, equal to it within rounding."""

    def __init__(self, network: Any, size: Size, path: Path) -> None:
        """Wrap a `keras.Model`, float32 (1, *size, 3) to (1, *size, mattes); the last counts."""
        self.size, self._path = size, path
        self._network = network

    def __call__(self, image: NDArray[np.float32]) -> Alpha:
        """Matte of an image; see `Engine`. Raises SizeError where `image` is of another size."""
        if image.shape != (*self.size, 3):
            raise SizeError(f"the network takes {(*self.size, 3)}, got {image.shape}")
        try:
            alphas = keras.ops.convert_to_numpy(self._network(image[None], training=False))
        except Exception as error:
            raise ModelError(f"Keras cannot run {str(self._path)!r}: {reason_of(error)}") from error
        if alphas.ndim != 4 or alphas.shape[:3] != (1, *self.size):
            raise ModelError(
                f"the network {str(self._path)!r} gives {alphas.shape} for an image of "
                f"{self.size}, but mattes are (1, rows, columns, mattes) of that size"
            )
        return check_matte(np.ascontiguousarray(alphas[0, ..., -1], np.float32), self._path)

    def resized(self, size: Size) -> "KerasEngine":
        """Itself; see `Engine`."""
        return self


def open_engine(
    path: Path,
    *,
    threads: int | None = None,
    size: Size | None = None,
    color: str | None = None,
    levels: bool = True,
) -> KerasEngine:
    """Load a `.keras` file; `threads` is TensorFlow's own affair, its size is fixed.

    A network that takes any size is run at its preset's, which its name tells. The tutorial's is
    built anew, since Keras 3 cannot open such a file of Keras 2; `color` is of that one.
    levels: whether to see that it takes 0 to 1, where it is none of ours.

    Raises:
        ModelError: Keras cannot, or it takes levels of 0 to 255.
        UsageError: the network is no preset's and fixes no size.
    """
    from figureground.engines import tutorial  # which itself needs this module

    if tutorial.is_tutorial(path):
        return tutorial.open_engine(path, color=color, levels=levels)
    try:
        _check_unpacked(path)
        network = keras.saving.load_model(path, compile=False, custom_objects=KNOWN)
        shape = tuple(network.input_shape)
    except Exception as error:
        raise ModelError(f"Keras cannot run {str(path)!r}: {reason_of(error)}") from error
    if len(shape) != 4 or shape[3] != 3 or shape[0] not in (None, 1):
        raise ModelError(
            f"{str(path)!r} takes {shape}, but a network takes images (rows, columns, 3)"
        )
    rows, columns = shape[1:3]
    if rows is None or columns is None:
        rows = columns = find_preset(network.name).size
    engine = KerasEngine(network, check_side((rows, columns), path), path)
    if levels and not _is_ours(network):
        check_levels(engine, engine.size, path)
    return engine


def _is_ours(network: keras.Model) -> bool:
    """Whether a network was built here, which takes 0 to 1: by its name and that of its bridge."""
    from figureground.models.network import BRIDGE  # which needs Keras

    bridge = any(layer.name.startswith(f"{BRIDGE}_") for layer in network.layers)
    return network.name in PRESETS and bridge


def _check_unpacked(path: Path) -> None:
    """See that what a `.keras` file, a zip archive, unpacks to fits into memory."""
    with zipfile.ZipFile(path) as archive:
        check_memory(sum(entry.file_size for entry in archive.infolist()), why="its content")
