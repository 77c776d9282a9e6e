"""The trained network in the forms that other programs take, of any size and made of Keras's own layers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from figureground.errors import ModelError, UsageError
from figureground.models.network import final_alpha
from figureground.models.photograph import photograph
from figureground.models.presets import Preset


class AnySizeUpSampling(layers.UpSampling2D):
    """Bilinear upsampling whose rows and columns are only known when it runs.

    Keras's own multiplies the sizes that a network is built with, and cannot where they are None.
    """

    def call(self, inputs):
        size = tf.shape(inputs)[1:3] * tf.constant(self.size)
        return tf.image.resize(inputs, size, "bilinear")


def plain_copy(network: keras.Model) -> keras.Model:
    """The same network of Keras's own layers alone, so that Keras can open it without figureground."""

    def plain(layer: layers.Layer) -> layers.Layer:
        if isinstance(layer, layers.BatchNormalization):
            return layers.BatchNormalization.from_config(layer.get_config())
        return layer.__class__.from_config(layer.get_config())

    return _copy(network, plain)


def any_size_copy(network: keras.Model) -> keras.Model:
    """The same network with its last matte alone, which can be exported for images of any size."""

    def free(layer: layers.Layer) -> layers.Layer:
        if isinstance(layer, layers.UpSampling2D):
            return AnySizeUpSampling.from_config(layer.get_config())
        return layer.__class__.from_config(layer.get_config())

    return _copy(final_alpha(network), free)


def _copy(network: keras.Model, change: Callable[[layers.Layer], layers.Layer]) -> keras.Model:
    copy = keras.models.clone_model(network, clone_function=change)
    copy.set_weights(network.get_weights())
    return copy


def serving(answer: keras.Model, side: int | None = None) -> Any:
    """A function from `image`, float32 (B, H, W, 3), to {"alpha": (B, H, W, 1)}.

    side: what H and W are; any if None.
    """

    @tf.function(input_signature=[tf.TensorSpec((None, side, side, 3), tf.float32, name="image")])
    def serve(image):
        return {"alpha": answer(image, training=False)}

    return serve


def proof_square(preset: Preset, side: int = 256) -> np.ndarray:
    """A person, float32 (side, side, 3), RGB in 0..1, of a size that a preset's network takes."""
    side = max(preset.stride, side // preset.stride * preset.stride)
    return np.ascontiguousarray(photograph(side)[0])


def matte_of(network: keras.Model, square: np.ndarray) -> np.ndarray:
    """The last matte of a network, float32 (H, W)."""
    return np.asarray(network(square[None], training=False))[0, ..., -1]


def compare(alpha: np.ndarray, network: keras.Model, square: np.ndarray, tolerance: float) -> float:
    """The largest difference of a matte from a network's. Raises ModelError where it is too large."""
    difference = float(np.abs(alpha - matte_of(network, square)).max())
    if not difference < tolerance:
        raise ModelError(f"the exported network differs from the trained one by {difference:.3g}")
    return difference


def check_free(folder: Path, mark: str) -> None:
    """See that a folder may be written. Raises UsageError where one is that does not hold `mark`."""
    if folder.exists() and not (folder / mark).exists():
        raise UsageError(f"{str(folder)!r} is there and is no such network; choose another -o")


def replace_folder(made: Path, folder: Path) -> None:
    """Put a folder in the place of one of its kind, which goes where it was made."""
    if folder.exists():
        folder.rename(made.parent / "before")
    made.rename(folder)
