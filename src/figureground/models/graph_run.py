"""Run a file's own graph step by step, to prove that the network built from it does the same."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from figureground.errors import ModelError
from figureground.models.graph_walk import plain
from figureground.models.keras_graph import Graph, Node

Arrays = Callable[[str], list[np.ndarray]]  # a layer's, by the name of its layer


def run_graph(graph: Graph, arrays: Arrays, image: np.ndarray) -> np.ndarray:
    """The last matte of a graph, float32 (B, H, W).

    Args:
        graph: of the kinds of steps that `STEPS` knows.
        arrays: gives a layer's weights.
        image: float32 (B, H, W, 3), as the graph takes it.
    Raises:
        ModelError: it has a step of another kind.
    """
    values: dict[str, Any] = {}
    for name, node in graph.nodes.items():
        if node.kind == "input":
            values[name] = tf.constant(image)
            continue
        if node.kind not in STEPS:
            raise ModelError(f"its layer {node.layer[:60]!r} is a {node.kind[:40]!r}")
        inputs = [values[source] for source in node.inputs]
        values[name] = STEPS[node.kind](node, inputs, arrays)
    return np.asarray(values[graph.outputs[-1]][..., -1])


def _conv(node: Node, inputs: list[Any], arrays: Arrays) -> Any:
    kernel, bias = arrays(node.layer)
    result = tf.nn.convolution(
        inputs[0], kernel, strides=plain(node.settings["strides"]),
        padding=node.settings["padding"].upper(), dilations=plain(node.settings["dilation_rate"]),
    )  # fmt: skip
    return result + bias


def _norm(node: Node, inputs: list[Any], arrays: Arrays) -> Any:
    gamma, beta, mean, variance = arrays(node.layer)
    scale = gamma / np.sqrt(variance + node.settings["epsilon"])
    return (inputs[0] - mean) * scale + beta


def _up(node: Node, inputs: list[Any], arrays: Arrays) -> Any:
    scale = plain(node.settings["size"])
    rows, columns = inputs[0].shape[1:3]
    size = rows * scale, columns * scale
    return tf.image.resize(inputs[0], size, node.settings["interpolation"])


def _pad(node: Node, inputs: list[Any], arrays: Arrays) -> Any:
    width = plain(node.settings["padding"])
    return tf.pad(inputs[0], [[0, 0], [width, width], [width, width], [0, 0]])


def _pool(node: Node, inputs: list[Any], arrays: Arrays) -> Any:
    size, step = plain(node.settings["pool_size"]), plain(node.settings["strides"])
    return tf.nn.max_pool2d(inputs[0], size, step, node.settings["padding"].upper())


STEPS: dict[str, Callable[[Node, list[Any], Arrays], Any]] = {
    "add": lambda node, inputs, arrays: tf.add_n(inputs),
    "concat": lambda node, inputs, arrays: tf.concat(inputs, -1),
    "conv": _conv,
    "norm": _norm,
    "pad": _pad,
    "pool": _pool,
    "relu": lambda node, inputs, arrays: tf.nn.relu(inputs[0]),
    "sigmoid": lambda node, inputs, arrays: tf.sigmoid(inputs[0]),
    "up": _up,
}
