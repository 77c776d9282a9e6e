"""From a trained network to a Core ML package, and the proof of what is in it.

Core ML itself runs on Apple's systems only. So the package is read back, and its program carried out
step by step with Keras's operations, by the definitions of MIL, the language such programs are in:
https://apple.github.io/coremltools/source/coremltools.converters.mil.mil.ops.defs.html
"""

import logging
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from figureground.errors import ModelError, UsageError
from figureground.models.network import final_alpha
from figureground.models.presets import Preset
from figureground.training.portable import (
    check_free,
    compare,
    plain_copy,
    proof_square,
    replace_folder,
)

TOLERANCE = 5e-3  # weights are float16
LAST = "channels_last"
WEIGHTS = "Data/com.apple.CoreML/weights"  # in a package
Taken = dict[str, Any]  # what a step takes, by the names of MIL: arrays, numbers, words


def export_coreml(network: keras.Model, preset: Preset, package: Path, *, size: int) -> float:
    """Write an `.mlpackage`, weights float16: `image` (1, size, size, 3) to `alpha` (1, size, size, 1).

    It runs on iOS 15, macOS 12 and later. What it does there, in Core ML's own arithmetic, is not
    seen here: the program that it holds is.

    Returns: the largest difference from the network's matte of a photo.
    Raises:
        UsageError: coremltools is not installed, or there is something else at that place.
        ModelError: the program does not agree with the network.
    """
    if find_spec("coremltools") is None:
        raise UsageError(
            "--to coreml needs coremltools: pip install coremltools; or export --to onnx, which "
            "Core ML runs by `remove --device coreml`"
        )
    check_free(package, "Manifest.json")
    square = proof_square(preset, size)
    package.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=package.absolute().parent) as kept:
        made = Path(kept) / package.name
        _convert(network, size).save(str(made))
        alpha = run_program(read_program(made), square[None])
        difference = compare(alpha[0, ..., 0], network, square, TOLERANCE)
        replace_folder(made, package)
    return difference


def _convert(network: keras.Model, size: int) -> Any:
    import coremltools

    logging.getLogger("coremltools").setLevel(logging.ERROR)  # it tells what it was not tested with
    answer = final_alpha(plain_copy(network))
    image = tf.TensorSpec((1, size, size, 3), tf.float32, name="image")
    serve = tf.function(lambda image: answer(image, training=False)).get_concrete_function(image)
    model = coremltools.convert(
        [serve], source="tensorflow", convert_to="mlprogram", skip_model_load=True,
        minimum_deployment_target=coremltools.target.iOS15,
    )  # fmt: skip
    spec = model.get_spec()
    coremltools.utils.rename_feature(spec, spec.description.output[0].name, "alpha")
    return coremltools.models.MLModel(spec, weights_dir=model.weights_dir, skip_model_load=True)


def read_program(package: Path) -> Any:
    """The program of an `.mlpackage` of one image and one matte, with its weights."""
    from coremltools.converters.mil.frontend.milproto.load import load
    from coremltools.models import MLModel

    spec = MLModel(str(package), skip_model_load=True).get_spec()
    return load(spec, spec.specificationVersion, str(package / WEIGHTS)).functions["main"]


def run_program(program: Any, image: np.ndarray) -> np.ndarray:
    """What a program makes of an image, float32 (1, rows, columns, 3): float32 of its output's shape.

    Raises:
        ModelError: it holds a step that is none of `STEPS`.
    """
    (name,), (given,) = program.inputs, program.outputs
    values = {name: image}

    def value(found: Any) -> Any:
        if isinstance(found, list | tuple):
            return [value(part) for part in found]
        return values.get(found.name, found.val)

    for step in program.operations:
        if step.op_type == "const":
            continue
        if step.op_type not in STEPS:
            raise ModelError(f"Core ML's step {step.op_type!r} cannot be proven here")
        taken = {name: value(found) for name, found in step.inputs.items() if found is not None}
        values[step.outputs[0].name] = STEPS[step.op_type](taken)
    return np.asarray(values[given.name], np.float32)


def _last(x: Any) -> Any:  # channels, from behind the batch
    return ops.transpose(x, (0, 2, 3, 1))


def _first(x: Any) -> Any:
    return ops.transpose(x, (0, 3, 1, 2))


def _numbers(found: Any) -> tuple[int, ...]:
    return tuple(map(int, found))


def _window(taken: Taken, *, fill: float = 0) -> tuple[Any, str]:
    """Images, channels last, with their margins, and how Keras calls what is left to the step."""
    images = _last(taken["x"])
    if taken["pad_type"] == "custom":
        top, bottom, left, right = _numbers(taken["pad"])
        margins = ((0, 0), (top, bottom), (left, right), (0, 0))
        images = ops.pad(images, margins, constant_values=fill)
    return images, "same" if taken["pad_type"] == "same" else "valid"


def _conv(taken: Taken) -> Any:
    images, padding = _window(taken)
    kernel = np.transpose(np.asarray(taken["weight"], np.float32), (2, 3, 1, 0))
    strides, dilations, groups = taken["strides"], taken["dilations"], int(taken["groups"])
    convolve = ops.conv
    if groups > 1:
        if kernel.shape[2:] != (1, groups):
            raise ModelError(f"Core ML's convolution in {groups} groups cannot be proven here")
        convolve, kernel = ops.depthwise_conv, np.transpose(kernel, (0, 1, 3, 2))
    made = convolve(images, kernel, _numbers(strides), padding, dilation_rate=_numbers(dilations))
    return _first(made + np.asarray(taken.get("bias", 0), np.float32))


def _max_pool(taken: Taken) -> Any:
    images, padding = _window(taken, fill=-np.inf)
    kernel, strides = _numbers(taken["kernel_sizes"]), _numbers(taken["strides"])
    return _first(ops.max_pool(images, kernel, strides, padding))


def _upsample(taken: Taken) -> Any:
    if taken["align_corners"]:
        raise ModelError("Core ML's upsampling of aligned corners cannot be proven here")
    factors = taken["scale_factor_height"], taken["scale_factor_width"]
    sides = zip(taken["x"].shape[2:], factors, strict=True)
    size = tuple(round(float(side * factor)) for side, factor in sides)
    return _first(ops.image.resize(_last(taken["x"]), size, "bilinear", data_format=LAST))


def _pad(taken: Taken) -> Any:
    if taken["mode"] != "constant":
        raise ModelError(f"Core ML's margins of {taken['mode']!r} cannot be proven here")
    pairs = np.asarray(taken["pad"]).reshape(-1, 2)
    margins = [(0, 0)] * (len(taken["x"].shape) - len(pairs)) + [_numbers(pair) for pair in pairs]
    return ops.pad(taken["x"], margins, constant_values=float(taken["constant_val"]))


def _two(taken: Taken) -> Any:
    return [ops.convert_to_tensor(taken[name], "float32") for name in "xy"]


STEPS: dict[str, Callable[[Taken], Any]] = {
    "add": lambda taken: ops.add(*_two(taken)),
    "cast": lambda taken: taken["x"],  # float16 is not rounded to: this proves no processor
    "concat": lambda taken: ops.concatenate(taken["values"], int(taken["axis"])),
    "conv": _conv,
    "max_pool": _max_pool,
    "mul": lambda taken: ops.multiply(*_two(taken)),
    "pad": _pad,
    "relu": lambda taken: ops.relu(taken["x"]),
    "relu6": lambda taken: ops.relu6(taken["x"]),
    "reverse": lambda taken: ops.flip(taken["x"], _numbers(taken["axes"])),
    "sigmoid": lambda taken: ops.sigmoid(taken["x"]),
    "transpose": lambda taken: ops.transpose(taken["x"], _numbers(taken["perm"])),
    "upsample_bilinear": _upsample,
}
