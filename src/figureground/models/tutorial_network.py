"""The Keras tutorial's network as its article builds it, step by step, for files that go there and back.

Keras numbers the layers of a file by their order in the network, so the order counts as well.
"""

from typing import Any

import keras
from keras import layers

from figureground.models.presets import HEADS, Preset
from figureground.models.resnet50_plain import FIRST, features

# Layers that see the image itself, and from which of their inputs on: theirs come as BGR.
SEES_IMAGE = {FIRST: 0, "decoder{step}_first_conv": -3, "decoder{step}_shortcut": -3}


def _conv_norm(x, filters: int, kernel: int, *, dilation: int = 1, conv: str, norm: str):
    x = layers.Conv2D(filters, kernel, padding="same", dilation_rate=dilation, name=conv)(x)
    return layers.BatchNormalization(name=norm)(x)


def _conv_norm_relu(x, filters: int, kernel: int, *, dilation: int = 1, name: str):
    conv, norm = f"{name}_conv", f"{name}_norm"
    x = _conv_norm(x, filters, kernel, dilation=dilation, conv=conv, norm=norm)
    return layers.Activation("relu", name=f"{name}_relu")(x)


def _residual(x, filters: int, *, name: str):
    y = _conv_norm_relu(x, filters, 3, name=f"{name}_first")
    y = _conv_norm(y, filters, 3, conv=f"{name}_second", norm=f"{name}_second_norm")
    x = _conv_norm(x, filters, 1, conv=f"{name}_shortcut", norm=f"{name}_shortcut_norm")
    return layers.Activation("relu", name=f"{name}_relu")(layers.Add(name=f"{name}_add")([y, x]))


def _head(x, *, scale: int, name: str):
    if scale > 1:
        up = layers.UpSampling2D(scale, interpolation="bilinear", name=f"{name}_up")
        x = up(x)
    return layers.Conv2D(1, 1, padding="same", activation="sigmoid", name=f"{name}_conv")(x)


def build_tutorial_network(preset: Preset, size: int | None = None) -> keras.Model:
    """Image to four mattes as the article has it; layers with weights are named as ours.

    Input: float32 (B, size, size, 3), BGR in 0..1. Output: float32 (B, size, size, 4) in 0..1.
    """
    image = keras.Input((size, size, 3), name="input_1")
    taps: list[Any] = [image, *features(image, preset.stages)]
    x = taps.pop()
    branches = [
        _conv_norm_relu(x, preset.bridge, 3, dilation=d, name=f"bridge_dilated{d}")
        for d in preset.dilations
    ]
    x = layers.Concatenate(name="bridge_join")(branches)
    x = _conv_norm_relu(x, preset.bridge, 1, name="bridge_mix")
    steps = []
    for number, filters in enumerate(preset.decoder, start=1):
        x = layers.UpSampling2D(2, interpolation="bilinear", name=f"decoder{number}_up")(x)
        x = layers.Concatenate(name=f"decoder{number}_join")([x, taps.pop()])
        x = _residual(x, filters, name=f"decoder{number}")
        steps.append(x)
    mattes = [
        _head(x, scale=2 ** (HEADS - number), name=f"alpha{number}")
        for number, x in enumerate(steps[-HEADS:], start=1)
    ]
    return keras.Model(image, layers.Concatenate(name="alphas")(mattes), name="U-Net")


def swap_colors(network: keras.Model, preset: Preset) -> None:
    """Make a network that takes BGR take RGB, or the reverse, by its weights alone."""
    for name, start in SEES_IMAGE.items():
        layer = network.get_layer(name.format(step=len(preset.decoder)))
        kernel, *others = layer.get_weights()
        kernel[:, :, start:][:, :, :3] = kernel[:, :, start:][:, :, :3][:, :, ::-1].copy()
        layer.set_weights([kernel, *others])


def copy_weights(source: keras.Model, target: keras.Model) -> None:
    """Give each layer of `target` the weights of the layer of `source` by its name."""
    for layer in target.layers:
        if layer.weights:
            layer.set_weights(source.get_layer(layer.name).get_weights())
