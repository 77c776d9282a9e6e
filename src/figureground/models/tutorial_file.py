"""Write the Keras tutorial's `model.h5`, which its scripts open with TensorFlow 2.4 up to Keras 3.

The file is written here, since what Keras 3 writes, Keras 2 cannot read.
"""

import json
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np

from figureground.models.presets import Preset
from figureground.models.tutorial_network import build_tutorial_network, copy_weights, swap_colors

VERSION = b"2.15.0"  # of Keras, whose form the file has
# What Keras 2 has to be told of each kind of layer; of all else its defaults are right.
SETTINGS = {
    "Activation": ("activation",),
    "Add": (),
    "BatchNormalization": ("axis", "momentum", "epsilon"),
    "Concatenate": ("axis",),
    "Conv2D": ("filters", "kernel_size", "strides", "padding", "dilation_rate", "activation"),
    "MaxPooling2D": ("pool_size", "strides", "padding"),
    "ReLU": (),
    "UpSampling2D": ("size", "interpolation"),
    "ZeroPadding2D": ("padding",),
}


def write_tutorial_file(network: keras.Model, preset: Preset, path: Path, *, size: int) -> None:
    """Write a network of the preset `tutorial` as the article's own, BGR in 0..1 to four mattes.

    Args:
        network: as `build_network` makes it.
        preset: what it was built from; its backbone is resnet50_plain.
        path: the file.
        size: rows and columns of the file's input.
    """
    article = build_tutorial_network(preset, size)
    copy_weights(network, article)
    swap_colors(article, preset)
    layers = [_layer(layer) for layer in article.layers]
    config = {
        "class_name": "Functional",
        "config": {
            "name": article.name, "trainable": True, "layers": layers,
            "input_layers": [["input_1", 0, 0]], "output_layers": [["alphas", 0, 0]],
        },
        "keras_version": VERSION.decode(),
        "backend": "tensorflow",
    }  # fmt: skip
    with h5py.File(path, "w") as file:
        file.attrs.update(
            model_config=json.dumps(config).encode(), keras_version=VERSION, backend=b"tensorflow",
            figureground="tutorial",
        )  # fmt: skip
        group = file.create_group("model_weights")
        group.attrs.update(
            layer_names=[layer.name.encode() for layer in article.layers],
            keras_version=VERSION, backend=b"tensorflow",
        )  # fmt: skip
        for layer in article.layers:
            _write_layer(group.create_group(layer.name), layer)


def _write_layer(group: Any, layer: keras.layers.Layer) -> None:
    names = [f"{layer.name}/{weight.name}:0" for weight in layer.weights]
    group.attrs["weight_names"] = np.array([name.encode() for name in names], "S")
    for name, values in zip(names, layer.get_weights(), strict=True):
        group.create_dataset(name, data=values)


def _layer(layer: keras.layers.Layer) -> dict[str, Any]:
    kind = (
        "BatchNormalization"
        if "BatchNormalization" in type(layer).__name__
        else type(layer).__name__
    )
    told: dict[str, Any] = {"name": layer.name, "trainable": True, "dtype": "float32"}
    if kind == "InputLayer":
        shape = [None, *layer.batch_shape[1:]]
        told = {"batch_input_shape": shape, "dtype": "float32", "sparse": False, "ragged": False,
                "name": layer.name}  # fmt: skip
        return {"class_name": kind, "config": told, "name": layer.name, "inbound_nodes": []}
    settings = layer.get_config()
    told.update({name: settings[name] for name in SETTINGS[kind]})
    sources = [[t._keras_history.operation.name, 0, 0, {}] for t in _inputs(layer)]
    return {"class_name": kind, "config": told, "name": layer.name, "inbound_nodes": [sources]}


def _inputs(layer: keras.layers.Layer) -> list[Any]:
    return layer.input if isinstance(layer.input, list) else [layer.input]
