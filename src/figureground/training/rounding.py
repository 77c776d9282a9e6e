"""Make a network equal to what its float16 export stores.

An exported file holds each convolution with the batch normalisation after it folded in, in float16.
Rounding some 60 layers so moves a matte by up to a hundredth. Here the network itself is rounded:
every normalisation is rewritten to scale by a power of two and the rest of its scale goes into the
convolution, whose weights then are the file's, short of an exponent; likewise the bias. The rounded
network and the file agree to float32's precision, and fine-tuning starts from just what ships.
"""

import keras
import numpy as np
from keras import layers


def rounded_copy(network: keras.Model) -> keras.Model:
    """A copy of a network whose folded weights and biases are float16 numbers."""
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    folded = set()
    for layer in copy.layers:
        if isinstance(layer, layers.BatchNormalization):
            before = layer.input._keras_history.operation
            _round_pair(before, layer)
            folded.add(before.name)
    for layer in copy.layers:
        if isinstance(layer, layers.Conv2D) and layer.name not in folded:
            layer.set_weights([_half(weight) for weight in layer.get_weights()])
    return copy


def _half(values: np.ndarray) -> np.ndarray:
    return values.astype(np.float16).astype(np.float32)


def _round_pair(before: layers.Layer, norm: layers.BatchNormalization) -> None:
    """Round a convolution and the normalisation after it, as they are once folded together."""
    gamma, beta, mean, variance = norm.get_weights()
    spread = np.sqrt(variance + norm.epsilon)
    scale = gamma / spread
    power = np.exp2(np.round(np.log2(np.maximum(np.abs(scale), 1e-6)))).astype(np.float32)
    *kernels, last = before.get_weights() if not before.use_bias else before.get_weights()[:-1]
    bias = before.get_weights()[-1] if before.use_bias else np.zeros_like(mean)
    # The last kernel's output channels: behind (H, W, in), or for depthwise ones before the 1.
    depthwise = isinstance(before, layers.DepthwiseConv2D)
    across = (slice(None), None) if depthwise else slice(None)
    last = _half(last * scale[across]) / power[across]
    rounded = _half((bias - mean) * scale + beta)
    before.set_weights([*map(_half, kernels), last, *([bias] if before.use_bias else [])])
    norm.set_weights([power * spread, rounded - (bias - mean) * power, mean, variance])
