"""ONNX Runtime, for networks that come as `.onnx`; the extra `onnx`.

Such a file carries no metadata, so the shapes of its input and output must tell all: one image,
RGB in 0..1 with its channels last, to one or more mattes of its size, the last of them the answer.
"""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.engines import REASON, check_matte, check_side, reason_of
from figureground.errors import ExtraError, ModelError, SizeError, UsageError
from figureground.models.levels import check_levels

try:
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # else it writes a device id below the home
    import onnxruntime
except ImportError as missing:
    raise ExtraError("onnx", "running an .onnx network") from missing


# What ONNX Runtime calls what runs a network, by our word for it.
DEVICES = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
}
STRIDE = 32  # what sizes of input are multiples of, where a network takes any
SIZE = 512  # rows and columns that a network sees which takes any and does not say


class OnnxEngine:
    """One loaded network; ONNX Runtime lets several threads run it at once."""

    def __init__(
        self, session: onnxruntime.InferenceSession, size: Size, path: Path, *, free: bool = False
    ) -> None:
        """Wrap a session. free: whether it takes images of any size, not of `size` alone."""
        self.size, self._path, self._free = size, path, free
        self._session = session
        self._input = session.get_inputs()[0].name
        self._output = session.get_outputs()[-1].name

    def __call__(self, image: NDArray[np.float32]) -> Alpha:
        """Matte of an image; see `Engine`.

        Raises:
            SizeError: `image` is of another size.
            ModelError: what comes out is no matte of that size.
        """
        if image.shape != (*self.size, 3):
            raise SizeError(f"the network takes {(*self.size, 3)}, got {image.shape}")
        try:
            (alphas,) = self._session.run([self._output], {self._input: image[None]})
        except Exception as error:
            raise ModelError(
                f"ONNX Runtime cannot run {str(self._path)!r}: {reason_of(error)}"
            ) from error
        alphas = np.asarray(alphas)
        if alphas.shape[:3] != (1, *self.size) or alphas.ndim not in (3, 4):
            raise ModelError(
                f"the network {str(self._path)!r} gives {alphas.shape} for an image of "
                f"{self.size}, but a matte is (1, rows, columns, 1) of that size; export it so"
            )
        alpha = alphas[0] if alphas.ndim == 3 else alphas[0, ..., -1]
        return check_matte(np.ascontiguousarray(alpha, np.float32), self._path)

    def resized(self, size: Size) -> "OnnxEngine":
        """The same network for another size, where it takes any; see `Engine`."""
        if not self._free:
            return self
        rows, columns = (max(1, round(side / STRIDE)) * STRIDE for side in size)
        return OnnxEngine(self._session, (rows, columns), self._path, free=True)

    @property
    def device(self) -> str:
        """What runs it, a key of DEVICES; the first that can."""
        running = self._session.get_providers()[0]
        return next((word for word, name in DEVICES.items() if name == running), running)


def devices() -> tuple[str, ...]:
    """What can run networks here, in our words."""
    there = onnxruntime.get_available_providers()
    return tuple(word for word, name in DEVICES.items() if name in there)


def _provider(device: str) -> str:
    if device not in DEVICES:
        raise UsageError(f"a device is one of {', '.join(DEVICES)}, not {device!r}")
    if device not in devices():
        raise UsageError(
            f"ONNX Runtime here runs on {', '.join(devices())} only; {device} needs another package "
            "of it, such as onnxruntime-gpu or onnxruntime-openvino"
        )
    return DEVICES[device]


def open_engine(
    path: Path,
    *,
    threads: int | None = None,
    size: Size | None = None,
    device: str = "cpu",
) -> OnnxEngine:
    """Load an `.onnx` file. One that takes any size is run at what its metadata say.

    Raises:
        UsageError: ONNX Runtime here has no such device.
        ModelError: ONNX Runtime cannot, or its input is not (1, rows, columns, 3) of float32.
    """
    providers = list(dict.fromkeys([_provider(device), DEVICES["cpu"]]))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0  # 0: all cores
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:
        raise ModelError(f"ONNX Runtime cannot run {str(path)!r}: {reason_of(error)}") from error
    if device != (running := OnnxEngine(session, (1, 1), path).device):
        raise ModelError(f"{device} cannot run {str(path)!r}, {running} can: leave --device out")
    rows, columns, free = _size(session, path)
    engine = OnnxEngine(session, check_side((rows, columns), path), path, free=free)
    if "preset" not in session.get_modelmeta().custom_metadata_map:  # not of `export`
        check_levels(engine, engine.size, path)
    return engine if size is None else engine.resized(size)


def _size(session: onnxruntime.InferenceSession, path: Path) -> tuple[int, int, bool]:
    """Rows and columns of a network's input, and whether it takes others."""
    inputs = session.get_inputs()
    shape = list(inputs[0].shape) if len(inputs) == 1 else []
    sides = [isinstance(side, int) for side in shape[1:3]]
    one = len(set(sides)) == 1 and (shape[0] == 1 or not isinstance(shape[0], int))
    if not one or shape[3:] != [3] or inputs[0].type != "tensor(float)":
        taken = ", ".join(f"{i.type} {i.shape}" for i in inputs[:3])[:REASON]
        raise ModelError(
            f"{str(path)!r} takes {taken}, but a network takes one float32 image (1, rows, "
            "columns, 3), channels last, of fixed rows and columns or of any; export it so"
        )
    rows, columns = shape[1:3]
    if isinstance(rows, int) and isinstance(columns, int):
        return rows, columns, False
    try:
        side = int(session.get_modelmeta().custom_metadata_map.get("size", SIZE))
    except ValueError:
        side = SIZE
    return side, side, True
