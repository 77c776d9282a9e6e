"""Walk a network from its results back to the image, and tell where it is another than expected."""

from dataclasses import dataclass, field
from typing import Any

from figureground.errors import ModelError
from figureground.models.keras_graph import Graph, Node

EPSILON = 1e-3  # of batch normalisation, Keras's own
# What a layer has whose configuration does not say.
DEFAULTS = {"use_bias": True, "scale": True, "center": True, "groups": 1}


@dataclass
class Walk:
    """A place in a graph, from which steps are taken back towards the image."""

    graph: Graph
    layers: dict[str, str] = field(default_factory=dict)

    def back(self, name: str, kind: str, place: str, **wanted: Any) -> Node:
        """The node of that name, which has to be of a kind and of certain settings."""
        node = self.graph.nodes[name]
        if node.kind != kind:
            raise ModelError(
                f"at {place} it has {node.kind!r} ({node.layer[:60]!r}) where the tutorial's has "
                f"{kind!r}"
            )
        for setting, value in wanted.items():
            found = plain(node.settings.get(setting, DEFAULTS.get(setting)))
            if found != value:
                raise ModelError(
                    f"at {place} its {node.layer[:60]!r} has {setting} {str(found)[:40]} where the "
                    f"tutorial's has {value}"
                )
        return node

    def conv(self, name: str, kernel: int, ours: str, **wanted: Any) -> Node:
        """A convolution; `ours` is what its layer is called here."""
        settings = {"strides": 1, "dilation_rate": 1, "padding": "same", "groups": 1, **wanted}
        if settings["dilation_rate"] is None:  # any
            del settings["dilation_rate"]
        node = self.back(name, "conv", ours, kernel_size=kernel, use_bias=True, **settings)
        self.layers[ours] = node.layer
        return node

    def norm(self, name: str, ours: str, epsilon: float = EPSILON) -> str:
        """A batch normalisation; returns the name of what it takes."""
        node = self.back(name, "norm", ours, scale=True, center=True, epsilon=epsilon)
        self.layers[ours] = node.layer
        return node.inputs[0]

    def sees(self, name: str, kernel: int, place: str) -> bool:
        """Return whether a normalisation follows a convolution of that kernel."""
        before = self.graph.nodes[self.back(name, "norm", place).inputs[0]]
        return before.kind == "conv" and plain(before.settings["kernel_size"]) == kernel


def plain(value: Any) -> Any:
    """`(3, 3)` as 3, and ((3, 3), (3, 3)) too; other lists as tuples."""
    if isinstance(value, dict):  # as Keras 2 writes tuples in a .keras file
        value = value.get("items", value)
    if isinstance(value, list | tuple):
        return plain(value[0]) if len(set(map(str, value))) == 1 else tuple(value)
    return value
