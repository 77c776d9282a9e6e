"""What the configuration of a Keras 2 or Keras 3 network says, as plain data; nothing of it is run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from figureground.errors import ModelError

KINDS = {
    "Activation": "activation", "Add": "add", "BatchNormalization": "norm", "Concatenate": "concat",
    "Conv2D": "conv", "InputLayer": "input", "MaxPooling2D": "pool", "ReLU": "relu",
    "UpSampling2D": "up", "ZeroPadding2D": "pad",
}  # fmt: skip
# Keras 2 keeps what is done to tensors without a layer by the name of TensorFlow's function.
FUNCTIONS = {"__operators__.add": "add", "math.add": "add", "concat": "concat", "nn.relu": "relu",
             "math.sigmoid": "sigmoid", "sigmoid": "sigmoid"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Node:
    """One step of a network."""

    name: str
    kind: str  # a value of KINDS, an activation's name, or the class of what is not known here
    settings: Mapping[str, Any]
    inputs: tuple[str, ...]  # names of nodes
    layer: str  # the layer it is of, or part of


@dataclass(frozen=True, kw_only=True)
class Graph:
    """A functional network: its steps by name, in the file's order, and what it gives."""

    nodes: Mapping[str, Node]
    classes: tuple[tuple[str, str], ...]  # name and class of each layer
    outputs: tuple[str, ...]


def read_graph(config: Any) -> Graph:
    """The graph of a configuration that Keras wrote.

    Raises:
        ModelError: it is none, of another kind of network, or uses a layer twice.
    """
    try:
        return _read(config)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        reason = f"{type(error).__name__} {str(error)[:80]}"
        raise ModelError(f"its configuration is no network of Keras ({reason})") from error


def _read(config: Any) -> Graph:
    kind, inner = config["class_name"], config["config"]
    if kind not in ("Functional", "Model") or "layers" not in inner:
        raise ModelError(f"it is a {str(kind)[:40]!r} network where a functional one is wanted")
    nodes: dict[str, Node] = {}
    last: dict[str, str] = {}  # of a layer that became two nodes, the second
    for layer in inner["layers"]:
        for node in _nodes(layer, last):
            nodes[node.name] = node
            last[node.layer] = node.name
    outputs = [last[name] for name in _references(inner["output_layers"])]
    classes = tuple((layer["config"]["name"], layer["class_name"]) for layer in inner["layers"])
    return Graph(nodes=nodes, classes=classes, outputs=tuple(outputs))


def _nodes(layer: Mapping[str, Any], last: Mapping[str, str]) -> Iterator[Node]:
    name, kind, settings = str(layer["config"]["name"]), layer["class_name"], layer["config"]
    uses = layer["inbound_nodes"]
    if len(uses) > 1 and kind != "TFOpLambda":
        raise ModelError(f"it uses its layer {name[:60]!r} more than once")
    inputs = tuple(last[reference] for reference in _references(uses))
    if kind == "TFOpLambda":
        known = FUNCTIONS.get(settings["function"], str(settings["function"]))
    else:
        known = KINDS.get(kind, kind)
    if known == "activation":
        known = _activation(settings)
    yield Node(name=name, kind=known, settings=settings, inputs=inputs, layer=name)
    after = _activation(settings) if known == "conv" else "linear"
    if after != "linear":
        yield Node(name=f"{name}:{after}", kind=after, settings={}, inputs=(name,), layer=name)


def _activation(settings: Mapping[str, Any]) -> str:
    value = settings.get("activation", "linear")
    if isinstance(value, Mapping):  # as Keras 3 writes what is no plain name
        value = value["config"]
    return str(value)


def _references(value: Any) -> Iterator[str]:
    """Names of layers whose results are given, in order, in what either Keras writes."""
    if isinstance(value, Mapping):
        if "keras_history" in value:
            yield str(value["keras_history"][0])
        else:
            for part in value.values():
                yield from _references(part)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if len(value) >= 3 and isinstance(value[0], str) and isinstance(value[1], int):
            yield value[0]
            yield from _references(value[3:])
        else:
            for part in value:
                yield from _references(part)
