"""From a trained network to what Keras and TensorFlow open without figureground, and to PyTorch by Keras."""

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from figureground.engines import open_engine
from figureground.errors import ModelError, UsageError
from figureground.media.atomic import atomic
from figureground.models.metadata import write_folder_metadata
from figureground.models.presets import TUTORIAL, Preset
from figureground.models.tutorial_file import write_tutorial_file
from figureground.training.portable import (
    any_size_copy,
    check_free,
    compare,
    plain_copy,
    proof_square,
    replace_folder,
    serving,
)

TOLERANCE = 2e-4
BETWEEN = 1e-3  # of PyTorch, whose convolutions add up in another order
# Run by a Python of its own, since Keras keeps to the backend that it began with.
TO_TORCH = """
import sys, keras, numpy, torch
network = keras.models.load_model(sys.argv[1], compile=False)
answer = keras.Model(network.input, network.layers[-1].input[-1])
square = numpy.load(sys.argv[3])
spec = [keras.InputSpec(shape=(1, *square.shape[1:]), dtype="float32")]
answer.export(sys.argv[2], format="torch", input_signature=spec, verbose=False)
with torch.no_grad():
    alpha = torch.export.load(sys.argv[2]).module()(torch.from_numpy(square))
numpy.save(sys.argv[4], alpha.numpy())
"""


def export_keras(network: keras.Model, preset: Preset, path: Path, *, size: int) -> float:
    """Write a `.keras` file of Keras's own layers, or the tutorial's `.h5`; both give four mattes.

    Returns: the largest difference from the network's matte of a photo.
    Raises:
        UsageError: `.h5` is asked of another preset than the tutorial's.
        ModelError: the file does not agree with the network.
        FileError: it cannot be written.
    """
    article = path.suffix.lower() == ".h5"
    if article and preset.backbone != TUTORIAL.backbone:
        raise UsageError(
            f".h5 is the form of the preset tutorial, and this is {preset.name}: -o NAME.keras"
        )

    square = proof_square(preset, size)
    with atomic(path) as part:
        if article:
            write_tutorial_file(network, preset, part, size=size)
        else:
            plain_copy(network).save(part)
        return compare(
            open_engine(part).resized(square.shape[:2])(square), network, square, TOLERANCE
        )


def export_saved_model(network: keras.Model, preset: Preset, folder: Path) -> float:
    """Write the folder of a SavedModel: `image` (B, H, W, 3) to `alpha` (B, H, W, 1), any size.

    Returns: the largest difference from the network's matte of a photo.
    Raises:
        UsageError: there is something else at that place.
        ModelError: it does not agree with the network.
    """
    check_free(folder, "saved_model.pb")
    answer = any_size_copy(network)
    module = tf.Module()
    module.weights = [variable.value for variable in answer.variables]  # what must be saved
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as kept:
        made = Path(kept) / folder.name
        tf.saved_model.save(module, made, signatures={"serving_default": serving(answer)})
        told = {"preset": preset.name, "size": preset.size, "color": "RGB"}
        write_folder_metadata(made, told)
        square = proof_square(preset)
        alpha = open_engine(made).resized(square.shape[:2])(square)
        difference = compare(alpha, network, square, TOLERANCE)
        replace_folder(made, folder)
    return difference


def export_torch(network: keras.Model, preset: Preset, path: Path, *, size: int) -> float:
    """Write a `.pt2` file that `torch.export.load` opens: (1, size, size, 3) to (1, size, size, 1).

    Returns: the largest difference from the network's matte of a photo.
    Raises:
        UsageError: PyTorch is not installed.
        ModelError: it does not agree with the network.
    """
    if find_spec("torch") is None:
        raise UsageError("--to torch needs PyTorch: pip install torch; or export --to onnx")

    square = proof_square(preset, size)
    with tempfile.TemporaryDirectory() as kept, atomic(path) as part:
        source, made = Path(kept) / "plain.keras", Path(kept) / "made.pt2"
        seen, given = Path(kept) / "square.npy", Path(kept) / "alpha.npy"
        plain_copy(network).save(source)
        np.save(seen, square[None])
        words = [sys.executable, "-c", TO_TORCH, *map(str, (source, made, seen, given))]
        environment = {**os.environ, "KERAS_BACKEND": "torch"}
        done = subprocess.run(words, env=environment, capture_output=True, text=True)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            reason = last.rpartition("Original error: ")[2]  # behind what Keras says of all
            raise ModelError(f"Keras cannot write the network for PyTorch: {reason[:120]}")
        difference = compare(np.load(given)[0, ..., -1], network, square, BETWEEN)
        part.write_bytes(made.read_bytes())
    return difference
