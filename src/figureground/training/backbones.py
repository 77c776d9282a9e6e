"""Encoders: each turns an image into features at halving resolutions, normalising it first."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
from keras import layers

from figureground.errors import ModelError
from figureground.training import efficientnet_lite

# Per channel in RGB order; keras.applications.resnet50.preprocess_input subtracts them from BGR.
CAFFE_MEAN = (123.68, 116.779, 103.939)
RESNET_TAPS = ("conv1_relu", "conv2_block3_out", "conv3_block4_out", "conv4_block6_out")


@dataclass(frozen=True, kw_only=True)
class Backbone:
    """An encoder: how to build it and how to fill it with ImageNet weights."""

    features: Callable[[Any], list[Any]]  # image (B, H, W, 3) in 0..1 to features, finest first
    load: Callable[[keras.Model, str], None]  # model, "imagenet" or a path


def _resnet50_features(image):
    """Features at strides 2, 4, 8 and 16; conv5 is not part of the network."""
    x = layers.Rescaling(255.0, offset=[-mean for mean in CAFFE_MEAN], name="normalise")(image)
    x = keras.ops.flip(x, axis=-1)  # RGB to BGR, as the weights expect
    resnet = keras.applications.ResNet50(include_top=False, weights=None, input_tensor=x)
    return [resnet.get_layer(name).output for name in RESNET_TAPS]


def _load_resnet50(model: keras.Model, weights: str) -> None:
    """ImageNet weights through keras.applications, which downloads them once, or from its file."""
    try:
        source = keras.applications.ResNet50(include_top=False, weights=weights)
    except Exception as error:
        raise ModelError(
            f"cannot get ResNet50 weights from {weights!r} ({str(error).splitlines()[0]}); "
            "give a file that keras.applications knows with --backbone-weights PATH, "
            "or start from scratch with --backbone-weights none"
        ) from error
    ours = {layer.name: layer for layer in model.layers}
    for layer in source.layers:
        if layer.name in ours and layer.weights:
            ours[layer.name].set_weights(layer.get_weights())


def _load_efficientnet_lite2(model: keras.Model, weights: str) -> None:
    path = efficientnet_lite.shipped_weights() if weights == "imagenet" else Path(weights)
    efficientnet_lite.load_weights(model, path)


BACKBONES = {
    "efficientnet_lite2": Backbone(
        features=efficientnet_lite.features, load=_load_efficientnet_lite2
    ),
    "resnet50": Backbone(features=_resnet50_features, load=_load_resnet50),
}
