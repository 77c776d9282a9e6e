"""From a trained network to `.onnx`, of any size and batch, in float32, float16 or int8."""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from figureground.engines import open_engine
from figureground.errors import ExtraError, ModelError
from figureground.media.atomic import atomic
from figureground.models.network import HEAD, final_alpha, float_layers
from figureground.models.presets import Preset
from figureground.training.portable import matte_of, proof_square, serving

OPSET = 17  # of ONNX: what ONNX Runtime 1.13, OpenVINO 2023 and their later versions run
PRECISIONS = ("float32", "float16", "int8")
# Largest difference of a matte of a photo; int8: of its mean.
TOLERANCES = {"float32": 2e-4, "float16": 3e-2, "int8": 3e-2}


def export_onnx(
    network: keras.Model,
    preset: Preset,
    path: Path,
    *,
    precision: str = "float32",
    size: int | None = None,
    calibration: Sequence[np.ndarray] = (),
) -> float:
    """Write an `.onnx` file: `image`, float32 (B, H, W, 3) in 0..1, to `alpha`, (B, H, W, 1).

    B, H and W are free; H and W are multiples of the preset's stride.

    Args:
        network: image to four mattes; only the last becomes an output.
        preset: what it was built from.
        path: where to write; replaced if there.
        precision: of weights: float32; float16, half as large; int8, a quarter, and faster where a
            processor can.
        size: rows and columns that `figureground` runs it at; the preset's if None.
        calibration: for int8: squares of images, float32 (side, side, 3) in 0..1.
    Returns: the largest difference from the network's matte of a photo; of int8 the mean one.
    Raises:
        ModelError: the file does not agree with the network.
        ExtraError: what converts is not installed.
        FileError: the file cannot be written.
    """
    content = _with_metadata(_convert(network, preset.size), preset, size or preset.size)
    if precision == "float16":
        content = _half(content)
    elif precision == "int8":
        content = _quantise(content, float_layers(preset), calibration)
    with atomic(path) as part:
        part.write_bytes(content.SerializeToString())
        difference = _difference(network, preset, part, mean=precision == "int8")
        if not difference < TOLERANCES[precision]:
            raise ModelError(
                f"the exported network differs from the trained one by {difference:.3g}"
            )
    return difference


def _difference(network: keras.Model, preset: Preset, path: Path, *, mean: bool) -> float:
    square = proof_square(preset)
    engine = open_engine(path).resized((square.shape[0], square.shape[1]))
    apart = np.abs(engine(square) - matte_of(network, square))
    return float(apart.mean() if mean else apart.max())


def _convert(network: keras.Model, size: int) -> Any:
    """The network as ONNX in memory; it holds its convolutions with normalisation folded in."""
    try:
        import tf2onnx
    except ImportError as error:
        raise ExtraError("export", "writing an .onnx network") from error
    _know_numpy_2()
    # Else it keeps a copy of all weights a step of its own, 10 GB and more of ResNet50's.
    os.environ.setdefault("TF2ONNX_CATCH_ERRORS", "FALSE")
    # Of one size at first: TensorFlow takes dilated convolutions of unknown sizes apart into some
    # 200 more steps. Afterwards nothing but the upsamplings is tied to it.
    serve = serving(final_alpha(network), size)
    content, _ = tf2onnx.convert.from_function(serve, serve.input_signature, opset=OPSET)
    (result,) = content.graph.output
    return _freed(_renamed(content, result.name, "alpha"))


def _freed(content: Any) -> Any:
    """The same with upsamplings by factors rather than to sizes, so that it takes any size."""
    from onnx import helper, numpy_helper, shape_inference

    graph = shape_inference.infer_shapes(content).graph
    sides = {
        value.name: [dimension.dim_value for dimension in value.type.tensor_type.shape.dim]
        for value in (*graph.input, *graph.output, *graph.value_info)
    }
    for node in content.graph.node:
        if node.op_type == "Resize":
            before, after = sides[node.input[0]], sides[node.output[0]]
            factors = [1.0, *(new / old for old, new in zip(before[1:], after[1:], strict=True))]
            scales = numpy_helper.from_array(np.array(factors, np.float32), f"{node.name}_scales")
            content.graph.initializer.append(scales)
            node.input[:] = [node.input[0], "", scales.name]
        elif node.op_type == "Reshape":  # one channel from before rows to behind columns
            before, after = sides[node.input[0]], sides[node.output[0]]
            if before[1:2] + after[3:] != [1, 1] or before[2:] != after[1:3]:
                raise ModelError(f"its step {node.name!r} ties the network to a size")
            node.op_type, node.input[:] = "Transpose", [node.input[0]]
            node.attribute.append(helper.make_attribute("perm", [0, 2, 3, 1]))
    del content.graph.value_info[:]
    return content


def _know_numpy_2() -> None:
    """tf2onnx 1.17 asks for names that NumPy 2 has no more; Keras's own export gives them back so."""
    for name, value in (("object", object), ("bool", bool), ("int", int)):
        if name not in np.__dict__:
            setattr(np, name, value)
    if "cast" not in np.__dict__:
        cast = {np.dtype(kind): np.dtype(kind).type for kind in "fdilb"}
        setattr(np, "cast", cast)  # noqa: B010 - a type checker knows that NumPy 2 has none


def _renamed(content: Any, name: str, new: str) -> Any:
    """The same with a result that has another name."""
    for node in content.graph.node:
        node.output[:] = [new if output == name else output for output in node.output]
        node.input[:] = [new if taken == name else taken for taken in node.input]
    for value in (*content.graph.output, *content.graph.value_info):
        value.name = new if value.name == name else value.name
    return content


def _with_metadata(content: Any, preset: Preset, size: int) -> Any:
    """Name batch, rows and columns, and say what it is."""
    for value, names in (
        (content.graph.input[0], ("batch", "rows", "columns", 3)),
        (content.graph.output[0], ("batch", "rows", "columns", 1)),
    ):
        for dimension, name in zip(value.type.tensor_type.shape.dim, names, strict=True):
            dimension.Clear()
            setattr(dimension, "dim_param" if isinstance(name, str) else "dim_value", name)
    told = {"preset": preset.name, "size": str(size), "stride": str(preset.stride), "color": "RGB"}
    for key, text in told.items():
        entry = content.metadata_props.add()
        entry.key, entry.value = key, text
    return content


def _half(content: Any) -> Any:
    """Float16 within, float32 at the input and the output."""
    from onnxruntime.transformers.float16 import DEFAULT_OP_BLOCK_LIST, convert_float_to_float16

    kept = [*DEFAULT_OP_BLOCK_LIST, "Sigmoid"]
    return convert_float_to_float16(content, keep_io_types=True, op_block_list=kept)


def _quantise(content: Any, kept: Sequence[str], squares: Sequence[np.ndarray]) -> Any:
    """Int8 by ONNX Runtime's own quantiser; layers of `kept` stay float."""
    import onnx
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Squares(quantization.CalibrationDataReader):
        def __init__(self) -> None:
            self.left = iter(squares)

        def get_next(self) -> dict[str, np.ndarray] | None:
            square = next(self.left, None)
            return None if square is None else {content.graph.input[0].name: square[None]}

    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        source.write_bytes(content.SerializeToString())
        # It folds normalisation into convolutions, whose results would be rounded twice otherwise.
        quant_pre_process(source, source, skip_symbolic_shape=True)
        # MinMax finds each image's ranges within the graph, and takes their mean. Other methods keep
        # what all steps give for all images, gigabytes, and bring the mattes no nearer to the network's.
        quantization.quantize_static(
            source, target, Squares(), per_channel=True,
            nodes_to_exclude=_floats(onnx.load(source), kept),
            activation_type=quantization.QuantType.QUInt8,
            calibrate_method=quantization.CalibrationMethod.MinMax,
            extra_options={"CalibMovingAverage": True},
        )  # fmt: skip
        return onnx.load(target)


def _floats(content: Any, kept: Sequence[str]) -> list[str]:
    """Names of steps that stay float: up to the encoder's last of `kept`, and from the head on.

    Where steps are joined their names are lost, but their order stays.
    """
    nodes = content.graph.node
    encoder = [part for part in kept if part != HEAD]
    first = [i for i, node in enumerate(nodes) if any(part in node.name for part in encoder)]
    last = max(i for i, node in enumerate(nodes) if node.op_type == "Conv")
    begin = max(first, default=-1)
    return [node.name for i, node in enumerate(nodes) if i <= begin or i >= last]
