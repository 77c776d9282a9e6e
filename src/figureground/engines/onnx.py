"""ONNX Runtime on the CPU, for networks that come as `.onnx`; the extra `onnx`.

Such a file carries no card, so the shapes of its input and output must tell all: one picture,
RGB in 0..1 with its channels last, to one or more mattes of its size, the last of them the answer.
"""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.engines import REASON, check_matte, check_side, reason_of
from figureground.errors import ExtraError, ModelError, SizeError

try:
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # else it writes a device id below the home
    import onnxruntime
except ImportError as missing:
    raise ExtraError("onnx", "running an .onnx network") from missing


class OnnxEngine:
    """One loaded network; ONNX Runtime lets several threads run it at once."""

    def __init__(self, session: onnxruntime.InferenceSession, size: Size, path: Path) -> None:
        self.size, self._path = size, path
        self._session = session
        self._input = session.get_inputs()[0].name
        self._output = session.get_outputs()[-1].name

    def __call__(self, square: NDArray[np.float32]) -> Alpha:
        """Matte of a picture; see `Engine`.

        Raises:
            SizeError: `square` is of another size.
            ModelError: what comes out is no matte of that size.
        """
        if square.shape != (*self.size, 3):
            raise SizeError(f"the network takes {(*self.size, 3)}, got {square.shape}")
        try:
            (alphas,) = self._session.run([self._output], {self._input: square[None]})
        except Exception as error:
            raise ModelError(
                f"ONNX Runtime cannot run {str(self._path)!r}: {reason_of(error)}"
            ) from error
        alphas = np.asarray(alphas)
        if alphas.shape[:3] != (1, *self.size) or alphas.ndim not in (3, 4):
            raise ModelError(
                f"the network {str(self._path)!r} gives {alphas.shape} for a picture of "
                f"{self.size}, but a matte is (1, rows, columns, 1) of that size; export it so"
            )
        alpha = alphas[0] if alphas.ndim == 3 else alphas[0, ..., -1]
        return check_matte(np.ascontiguousarray(alpha, np.float32), self._path)

    def resized(self, size: Size) -> "OnnxEngine":
        """Itself; see `Engine`."""
        return self


def open_engine(path: Path, *, threads: int | None = None, size: Size | None = None) -> OnnxEngine:
    """Load an `.onnx` file, whose size is fixed.

    Raises:
        ModelError: ONNX Runtime cannot, or its input is not (1, rows, columns, 3) of float32 with
            rows and columns fixed.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0  # 0: all cores
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise ModelError(f"ONNX Runtime cannot run {str(path)!r}: {reason_of(error)}") from error
    inputs = session.get_inputs()
    shape = list(inputs[0].shape) if len(inputs) == 1 else []
    fixed = len(shape) == 4 and all(isinstance(side, int) for side in shape[1:3])
    one = fixed and (shape[0] == 1 or not isinstance(shape[0], int))
    if not one or shape[3] != 3 or inputs[0].type != "tensor(float)":
        taken = ", ".join(f"{i.type} {i.shape}" for i in inputs[:3])[:REASON]
        raise ModelError(
            f"{str(path)!r} takes {taken}, but a network takes one float32 picture (1, rows, "
            "columns, 3), channels last, of fixed rows and columns; export it so"
        )
    return OnnxEngine(session, check_side((shape[1], shape[2]), path), path)
