"""Networks as folders of TensorFlow (SavedModel); run by TensorFlow, the extra `train`.

Such a folder holds a program. It is read before it is loaded, and refused where it does more than
networks do: a step that reads or writes files is none of a network.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.engines import check_matte
from figureground.errors import ExtraError, ModelError, SizeError
from figureground.models.keras_files import DAMAGED, read_variables
from figureground.models.levels import check_levels
from figureground.models.metadata import ENTRY  # in folders that figureground wrote, which take RGB
from figureground.models.photograph import photograph

try:
    import tensorflow as tf
    from tensorflow.core.protobuf import saved_model_pb2
except ImportError as missing:
    raise ExtraError("train", "running a SavedModel") from missing

SIZE = 512  # rows and columns that a network sees which takes any size and has no preset's name
BETTER = 0.05  # by so much of all pixels a matte has to be nearer for an order to be told
LARGEST = 128  # strides of a side
STRIDE = 32  # what sizes are multiples of
# Steps of networks, and what surrounds them in a file.
STEPS = {
    "Add", "AddN", "AddV2", "AvgPool", "BiasAdd", "Cast", "Concat", "ConcatV2", "Const", "Conv2D",
    "DepthwiseConv2dNative", "ExpandDims", "Fill", "FloorDiv", "FloorMod", "FusedBatchNorm",
    "FusedBatchNormV3", "GatherV2", "Greater", "Identity", "IdentityN", "LeakyRelu", "MatMul",
    "MaxPool", "Maximum", "Mean", "Minimum", "Mul", "Neg", "NoOp", "Pack", "Pad", "PadV2",
    "PartitionedCall", "Placeholder", "Prod", "RealDiv", "ReadVariableOp", "Relu", "Relu6",
    "Reshape", "ResizeBilinear", "ResizeNearestNeighbor", "ReverseV2", "Rsqrt", "SelectV2",
    "Shape", "Sigmoid", "Softmax", "Split", "SplitV", "Sqrt", "Square", "SquaredDifference",
    "Squeeze", "StatefulPartitionedCall", "StatelessIf", "StopGradient", "StridedSlice", "Sub",
    "Sum", "Tanh", "Transpose", "Unpack", "VarHandleOp", "VarIsInitializedOp", "_Arg", "_Retval",
    "BatchToSpaceND", "SpaceToBatchND",
}  # fmt: skip
# What saves and restores variables; TensorFlow runs them itself, and no network does.
SAVERS = {
    "AssignVariableOp", "DisableCopyOnRead", "MergeV2Checkpoints", "RestoreV2", "SaveV2",
    "ShardedFilename", "StaticRegexFullMatch", "Select", "StringJoin",
}  # fmt: skip
OBJECTS = {
    "asset_none",
    "bare_concrete_function",
    "constant",
    "function",
    "user_object",
    "variable",
}


class SavedModelEngine:
    """One loaded folder; TensorFlow lets several threads run it at once."""

    def __init__(
        self, path: Path, loaded: Any, size: Size, *, free: bool, color: str = "rgb"
    ) -> None:
        """Wrap what TensorFlow loaded: float32 (1, *size, 3) to (1, *size, mattes); the last counts.

        free: whether it takes images of any size, not of `size` alone.
        color: order of channels that it takes, rgb or bgr.
        """
        self.size, self.color = size, color
        self._path, self._loaded, self._free = path, loaded, free
        self._function = loaded.signatures["serving_default"]
        (self._input,) = self._function.structured_input_signature[1]

    def __call__(self, image: NDArray[np.float32]) -> Alpha:
        """Matte of an image; see `Engine`. Raises SizeError where `image` is of another size."""
        if image.shape != (*self.size, 3):
            raise SizeError(f"the network takes {(*self.size, 3)}, got {image.shape}")
        seen = image[..., ::-1] if self.color == "bgr" else image
        try:
            results = self._function(**{self._input: tf.constant(seen[None])})
        except (tf.errors.OpError, ValueError, TypeError) as error:
            raise ModelError(_cannot(self._path, error)) from error
        alphas = np.asarray(list(results.values())[-1])
        if alphas.ndim != 4 or alphas.shape[:3] != (1, *self.size):
            raise ModelError(
                f"the network {str(self._path)!r} gives {alphas.shape} for an image of {self.size}"
            )
        return check_matte(np.ascontiguousarray(alphas[0, ..., -1], np.float32), self._path)

    def resized(self, size: Size) -> "SavedModelEngine":
        """The same network for another size, where it takes any; see `Engine`."""
        if not self._free:
            return self
        rows, columns = (max(1, round(side / STRIDE)) * STRIDE for side in size)
        size = rows, columns
        return SavedModelEngine(self._path, self._loaded, size, free=True, color=self.color)


def open_engine(
    path: Path,
    *,
    threads: int | None = None,
    size: Size | None = None,
    color: str | None = None,
    levels: bool = True,
) -> SavedModelEngine:
    """Load a folder that TensorFlow or Keras saved; `threads` is TensorFlow's own affair.

    Args:
        path: the folder.
        threads: ignored.
        size: see `Engine.resized`.
        color: order of channels that it takes, rgb or bgr; if None, rgb where figureground wrote
            it, else the one in which it finds the person in a photograph.
        levels: whether to see that it takes 0 to 1, where figureground did not write it.
    Raises:
        ModelError: it is damaged, does more than networks do, takes no images, takes levels of
            0 to 255, or finds nobody.
    """
    try:
        check_steps(path)
        read_variables(path)  # damage is told before a graph of thousands of steps is built
        loaded = tf.saved_model.load(str(path))
        function = loaded.signatures["serving_default"]
        ((_, taken),) = function.structured_input_signature[1].items()
        _, rows, columns, channels = taken.shape
    except (*DAMAGED, tf.errors.OpError) as error:
        raise ModelError(_cannot(path, error)) from error
    if channels != 3 or taken.dtype != tf.float32:
        raise ModelError(
            f"{str(path)!r} takes {taken.shape}; a network takes (1, rows, columns, 3)"
        )
    free = rows is None or columns is None
    if free:
        rows = columns = _preset_size(path)
    engine = SavedModelEngine(path, loaded, (rows, columns), free=free)
    known = (path / ENTRY).is_file()
    if levels and not known:
        check_levels(engine, engine.size, path)
    engine.color = color or ("rgb" if known else _color(engine, path))
    return engine if size is None else engine.resized(size)


def _color(engine: SavedModelEngine, path: Path) -> str:
    """The order of channels in which a network finds a person better."""
    rows, columns = engine.size
    rgb, mask = (cv2.resize(part, (columns, rows)) for part in photograph(max(engine.size)))
    wrong = {
        color: float(np.abs(engine(np.ascontiguousarray(seen)) - mask).mean())
        for color, seen in (("rgb", rgb), ("bgr", rgb[..., ::-1]))
    }
    best, other = sorted(wrong, key=lambda color: wrong[color])
    if wrong[other] - wrong[best] < BETTER:
        raise ModelError(
            f"{str(path)!r} does not say which order of channels it takes, and a photo does not "
            "tell: say --color bgr (the tutorial's, as OpenCV reads) or --color rgb"
        )
    return best


def _preset_size(path: Path) -> int:
    """What the preset of a folder that figureground wrote sees."""
    if not (path / ENTRY).is_file():
        return SIZE
    told = json.loads((path / ENTRY).read_text("utf-8"))
    return max(1, min(LARGEST, int(told["size"]) // STRIDE)) * STRIDE


def check_steps(path: Path) -> None:
    """Read what a folder would do. Raises ValueError where that is more than a network does."""
    content = saved_model_pb2.SavedModel()
    try:
        content.ParseFromString((path / "saved_model.pb").read_bytes())
    except Exception as error:  # of protobuf, which names it differently in its versions
        raise ValueError("its saved_model.pb is damaged") from error
    if len(content.meta_graphs) != 1:
        raise ValueError(f"it holds {len(content.meta_graphs)} graphs, not 1")
    graph = content.meta_graphs[0]
    kinds = {node.WhichOneof("kind") for node in graph.object_graph_def.nodes}
    if strange := {str(kind) for kind in kinds} - OBJECTS - {"None"}:
        raise ValueError(f"it holds more than a network does: {', '.join(sorted(strange))[:80]}")
    for function, steps in _functions(graph):
        saves = "traced_save" in function or "traced_restore" in function or not function
        for step in steps:
            if step not in STEPS and not (saves and step in SAVERS):
                raise ValueError(f"it does more than a network does: {step[:60]!r}")


def _functions(graph: Any) -> Iterator[tuple[str, set[str]]]:
    """Name and steps of each function; the graph itself has no name."""
    yield "", {node.op for node in graph.graph_def.node} - _names(graph)
    for function in graph.graph_def.library.function:
        steps = {node.op for node in function.node_def} - _names(graph)
        yield function.signature.name, steps


def _names(graph: Any) -> set[str]:
    return {function.signature.name for function in graph.graph_def.library.function}


def _cannot(path: Path, error: BaseException) -> str:
    reason = " ".join(str(error).split())[:120]
    return f"TensorFlow cannot run {str(path)!r}: {reason}"
