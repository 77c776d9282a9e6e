"""See whether a network is the Keras tutorial's, and which of its layers is which of ours.

It is walked from its four mattes back to the image. What differs from the tutorial's network is
told; filters, blocks, dilations and size may differ, since they are read here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from figureground.arrays import Size
from figureground.errors import ModelError
from figureground.models.graph_walk import Walk, plain
from figureground.models.keras_graph import Graph, Node
from figureground.models.presets import HEADS, TUTORIAL, Preset
from figureground.models.resnet_structure import read_encoder


@dataclass(frozen=True, kw_only=True)
class Structure:
    """What a network of the tutorial's kind is built from."""

    preset: Preset
    size: Size | None  # rows and columns that it fixes
    layers: Mapping[str, str]  # a layer's name here to the same in the file


def read_structure(graph: Graph) -> Structure:
    """What a network is built from. Raises ModelError where it is not the tutorial's."""
    walk = Walk(graph)
    ends = [_head(walk, name, number) for number, name in enumerate(_mattes(graph), start=1)]
    decoder, taps, bottom = _decoder(walk, ends)
    bridge, dilations, deepest = _bridge(walk, bottom)
    stages, outputs, image = read_encoder(walk, deepest)
    expected = [image.name, *outputs[:-1]]
    if taps[::-1] != expected:
        wrong = next(ours for ours, its in zip(expected, taps[::-1], strict=False) if ours != its)
        raise ModelError(f"its decoder does not take {wrong[:60]!r} of its encoder")
    preset = replace(TUTORIAL, bridge=bridge, dilations=dilations, decoder=decoder, stages=stages)
    size = _size(image)
    if size is not None and size[0] == size[1]:
        preset = replace(preset, size=size[0])
    return Structure(preset=preset, size=size, layers=walk.layers)


def _mattes(graph: Graph) -> tuple[str, ...]:
    """The four outputs, from a list or a concatenation."""
    names = graph.outputs
    if len(names) == 1 and graph.nodes[names[0]].kind == "concat":
        names = graph.nodes[names[0]].inputs
    if len(names) != HEADS:
        raise ModelError(f"it gives {len(names)} mattes where the tutorial's gives {HEADS}")
    return names


def _head(walk: Walk, name: str, number: int) -> str:
    """From a matte to the decoder's step it is of."""
    ours = f"alpha{number}"
    conv = walk.conv(walk.back(name, "sigmoid", ours).inputs[0], 1, f"{ours}_conv", filters=1)
    scale = 2 ** (HEADS - number)
    if scale == 1:
        return conv.inputs[0]
    up = walk.back(conv.inputs[0], "up", ours, size=scale, interpolation="bilinear")
    return up.inputs[0]


def _decoder(walk: Walk, ends: list[str]) -> tuple[tuple[int, ...], list[str], str]:
    """Filters of the steps, the encoder's taps, coarsest first, and what the first step takes."""
    filters: list[int] = []
    taps: list[str] = []
    name = ends[-1]
    for step in range(len(ends), 0, -1):
        if name != ends[step - 1]:
            raise ModelError(f"its matte {step} is not of step {step} of its decoder")
        count, both = _residual(walk, name, f"decoder{step}")
        join = walk.back(both, "concat", f"decoder{step}_join")
        if len(join.inputs) != 2:
            raise ModelError(f"step {step} of its decoder joins {len(join.inputs)} tensors, not 2")
        up = walk.back(join.inputs[0], "up", f"decoder{step}_up", size=2, interpolation="bilinear")
        filters.insert(0, count)
        taps.insert(0, join.inputs[1])
        name = up.inputs[0]
    return tuple(filters), taps, name


def _residual(walk: Walk, name: str, ours: str) -> tuple[int, str]:
    """Filters of a residual block, and what it takes."""
    add = walk.back(walk.back(name, "relu", ours).inputs[0], "add", f"{ours}_add")
    main, shortcut = add.inputs[::-1] if walk.sees(add.inputs[1], 3, ours) else add.inputs
    second = walk.conv(walk.norm(main, f"{ours}_second_norm"), 3, f"{ours}_second")
    relu = walk.back(second.inputs[0], "relu", f"{ours}_first_relu")
    first = walk.conv(walk.norm(relu.inputs[0], f"{ours}_first_norm"), 3, f"{ours}_first_conv")
    beside = walk.conv(walk.norm(shortcut, f"{ours}_shortcut_norm"), 1, f"{ours}_shortcut")
    if first.inputs != beside.inputs:
        raise ModelError(f"the shortcut of its {ours} begins elsewhere than the block")
    return int(second.settings["filters"]), first.inputs[0]


def _bridge(walk: Walk, name: str) -> tuple[int, tuple[int, ...], str]:
    """Filters and dilations of the bridge, and what it takes."""
    relu = walk.back(name, "relu", "bridge_mix_relu")
    mix = walk.conv(walk.norm(relu.inputs[0], "bridge_mix_norm"), 1, "bridge_mix_conv")
    branches = walk.back(mix.inputs[0], "concat", "bridge_join").inputs
    dilations, sources = [], set()
    for branch in branches:
        relu = walk.back(branch, "relu", "bridge_relu")
        before = walk.back(relu.inputs[0], "norm", "bridge_norm").inputs[0]
        dilation = int(plain(walk.back(before, "conv", "bridge_conv").settings["dilation_rate"]))
        ours = f"bridge_dilated{dilation}"
        walk.norm(relu.inputs[0], f"{ours}_norm")
        conv = walk.conv(before, 3, f"{ours}_conv", dilation_rate=None)
        dilations.append(dilation)
        sources.add(conv.inputs[0])
    if len(sources) != 1 or len(set(dilations)) != len(dilations):
        raise ModelError(f"the dilations {dilations} of its bridge are not those of one tensor")
    return int(mix.settings["filters"]), tuple(dilations), sources.pop()


def _size(image: Node) -> Size | None:
    """Rows and columns that the input fixes, if any. Raises ModelError where it is no image."""
    shape = image.settings.get("batch_input_shape") or image.settings.get("batch_shape")
    if isinstance(shape, Mapping):  # as Keras 2 writes tuples in a folder
        shape = shape["items"]
    if not shape or len(shape) != 4 or shape[3] != 3:
        raise ModelError(f"it takes {shape} where the tutorial's takes (rows, columns, 3)")
    if shape[1] is None or shape[2] is None:
        return None
    return int(shape[1]), int(shape[2])
