"""From a trained network to the one file that everything else eats."""

import tempfile
import warnings
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from figureground.datasets.pairs import find_pairs
from figureground.engines import open_engine
from figureground.errors import ModelError, UsageError
from figureground.media.atomic import atomic
from figureground.models.metadata import ModelMetadata, write_metadata
from figureground.models.network import final_alpha, float_layers
from figureground.models.presets import Preset
from figureground.training.rounding import rounded_copy
from figureground.training.run_dir import save_weights
from figureground.training.sample_cache import draw_sample
from figureground.training.standard_metadata import with_standard_metadata

# The file and the rounded network differ by float32's precision, which a deep network that has
# hardly learnt blows up: resnet50 with weights by chance to 0.0022. A wrong layer differs by far
# more.
TOLERANCE = 4e-3
# Mean over mattes; 256 levels an activation blur edges a little, a broken layer moves far more.
INT8_TOLERANCE = 0.05
OUTPUT = "StatefulPartitionedCall"  # as TensorFlow names a saved function's result


def convert(
    network: keras.Model,
    size: int,
    *,
    calibration: Sequence[np.ndarray] | None = None,
    float_layers: Sequence[str] = (),
) -> bytes:
    """A LiteRT FlatBuffer: `image` (1, size, size, 3) to `alpha`, float32 both.

    Weights are float16; with `calibration`, squares (size, size, 3) in 0..1, weights (per channel)
    and activations are int8, whose ranges are those that the squares show, but for layers
    whose names hold one of `float_layers`, and the output.
    Source: Jacob et al., "Quantization and Training of Neural Networks", CVPR 2018.
    """
    answer = final_alpha(network)
    module = tf.Module()
    module.weights = [variable.value for variable in answer.variables]  # what must be saved

    @tf.function(input_signature=[tf.TensorSpec((1, size, size, 3), tf.float32, name="image")])
    def serve(image):
        return {"alpha": answer(image, training=False)}

    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures={"serving_default": serve})
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if calibration is None:
            converter.target_spec.supported_types = [tf.float16]
            return converter.convert()
        converter.representative_dataset = lambda: ([square[None]] for square in calibration)
        return _quantise(converter, (*float_layers, OUTPUT))


def _quantise(converter: tf.lite.TFLiteConverter, kept: Sequence[str]) -> bytes:
    options = tf.lite.experimental.QuantizationDebugOptions
    with warnings.catch_warnings():  # it warns of TensorFlow's interpreter, which it uses itself
        warnings.simplefilter("ignore", UserWarning)
        quantiser = tf.lite.experimental.QuantizationDebugger(converter=converter)  # calibrates
        tensors = Interpreter(model_content=quantiser.calibrated_model).get_tensor_details()
        names = [str(tensor["name"]) for tensor in tensors]
        quantiser.options = options(
            denylisted_nodes=[n for n in names if any(part in n for part in kept)]
        )
    return bytes(quantiser.get_nondebug_quantized_model())


def export_litert(
    network: keras.Model,
    preset: Preset,
    path: Path,
    *,
    size: int,
    calibration: Sequence[np.ndarray] | None = None,
) -> float:
    """Write a `.tflite` that carries its metadata, and prove that it does what the network does.

    Args:
        network: image to four mattes; only the last becomes an output.
        preset: what it was built from.
        path: where to write; replaced if there.
        size: rows and columns of the exported input; a multiple of the preset's stride.
        calibration: for int8: squares of images, float32 (size, size, 3) in 0..1.
    Returns: of float16, the largest difference from the rounded network's matte on a test image;
        of int8, the mean difference from the network's mattes of the calibration's images.
    Raises:
        UsageError: the size does not fit, or Keras runs on another backend.
        ModelError: the file does not agree with the network.
        FileError: the file cannot be written.
    """
    if keras.backend.backend() != "tensorflow":
        raise UsageError(
            f"only TensorFlow writes .tflite files, but KERAS_BACKEND={keras.backend.backend()}; "
            "export with KERAS_BACKEND=tensorflow, which reads the same weights"
        )
    if size < preset.stride or size % preset.stride:
        raise UsageError(f"size must be a multiple of {preset.stride} pixels, got {size}")
    if calibration is None:
        network = rounded_copy(network)
    kept = float_layers(preset)
    content = convert(network, size, calibration=calibration, float_layers=kept)
    with atomic(path) as part:
        part.write_bytes(with_standard_metadata(content, preset.name, size))
        write_metadata(part, ModelMetadata(preset=preset.name, size=(size, size)))
        if calibration is None:
            difference, tolerance = disagreement(network, part), TOLERANCE
        else:
            difference, tolerance = drift(network, part, calibration[:8]), INT8_TOLERANCE
        if not difference < tolerance:
            raise ModelError(
                f"the exported network differs from the trained one by {difference:.3g}"
            )
    return difference


def export_weights(network: keras.Model, path: Path) -> None:
    """Write the weights that the exported file stores, for training to start from.

    Raises:
        FileError: the file cannot be written.
    """
    with atomic(path) as part:
        save_weights(rounded_copy(network), part)


def disagreement(network: keras.Model, path: Path) -> float:
    """Largest difference of the exported and the trained network's mattes on a test image."""
    engine = open_engine(path)
    ramp = np.linspace(0, 1, engine.size[0], dtype=np.float32)
    square = np.stack(np.broadcast_arrays(ramp[:, None], ramp[None], ramp[::-1, None]), axis=-1)
    square = np.ascontiguousarray(square)
    trained = keras.ops.convert_to_numpy(network(square[None], training=False))[0, ..., -1]
    return float(np.abs(engine(square) - trained).max())


def drift(network: keras.Model, path: Path, squares: Sequence[np.ndarray]) -> float:
    """Mean difference of the exported and the trained network's mattes of some images."""
    engine = open_engine(path)
    apart = [
        np.abs(engine(square) - np.asarray(network(square[None], training=False))[0, ..., -1])
        for square in squares
    ]
    return float(np.mean(apart))


def read_calibration(folder: Path, size: int, *, count: int = 100, seed: int = 42):
    """Squares of images of a folder, evenly drawn: float32 (size, size, 3) in 0..1.

    Raises:
        DataError: the folder holds no pairs of image and mask.
    """
    pairs = find_pairs(folder)
    picks = np.random.default_rng(seed).permutation(len(pairs))[:count]
    return [
        draw_sample(pairs[pick].image, None, (size, size))[..., :3].astype(np.float32) / 255
        for pick in picks
    ]
