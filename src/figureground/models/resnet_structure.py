"""See whether a network's encoder is a ResNet as keras.applications builds it, and how wide and deep."""

from typing import Any

from figureground.errors import ModelError
from figureground.models.graph_walk import Walk
from figureground.models.keras_graph import Node

EPSILON = 1.001e-5  # of batch normalisation, keras.applications's own
Stages = tuple[tuple[int, int], ...]  # filters and blocks of each


def read_encoder(walk: Walk, name: str) -> tuple[Stages, list[str], Node]:
    """Filters and blocks of each stage, their outputs, finest first, and the image.

    name: the node that the encoder ends with.
    """
    stages, before = [[name]], ""
    while walk.graph.nodes[before or name].kind != "pool":
        before, projects = _before(walk, stages[0][0])
        if not projects:
            stages[0].insert(0, before)
        elif walk.graph.nodes[before].kind != "pool":
            stages.insert(0, [before])
    widths = [(_stage(walk, found, n), len(found)) for n, found in enumerate(stages, start=2)]
    pool = walk.back(before, "pool", "pool1_pool", pool_size=3, strides=2, padding="valid")
    pad = walk.back(pool.inputs[0], "pad", "pool1_pad", padding=1)
    relu = walk.back(pad.inputs[0], "relu", "conv1_relu")
    norm = walk.norm(relu.inputs[0], "conv1_bn", EPSILON)
    conv = walk.conv(norm, 7, "conv1_conv", strides=2, padding="valid")
    pad = walk.back(conv.inputs[0], "pad", "conv1_pad", padding=3)
    image = walk.back(pad.inputs[0], "input", "the image")
    first = (int(conv.settings["filters"]), 1)
    return (first, *widths), [relu.name, *(found[-1] for found in stages)], image


def _before(walk: Walk, name: str) -> tuple[str, bool]:
    """What a block of the encoder takes, and whether its shortcut is a convolution."""
    add = walk.back(walk.back(name, "relu", "its encoder").inputs[0], "add", "its encoder")
    shortcut = walk.graph.nodes[add.inputs[0]]
    if shortcut.kind != "norm":
        return shortcut.name, False
    return walk.back(shortcut.inputs[0], "conv", "its encoder").inputs[0], True


def _stage(walk: Walk, blocks: list[str], stage: int) -> int:
    """Note the layers of a stage's blocks; returns its filters."""
    filters = set()
    for number, name in enumerate(blocks, start=1):
        ours, stride = f"conv{stage}_block{number}", 2 if number == 1 and stage > 2 else 1
        add = walk.back(walk.back(name, "relu", ours).inputs[0], "add", ours)
        step = add.inputs[1]
        for part, kernel in ((3, 1), (2, 3), (1, 1)):
            if part < 3:
                step = walk.back(step, "relu", f"{ours}_{part}_relu").inputs[0]
            before = walk.norm(step, f"{ours}_{part}_bn", EPSILON)
            own = {"strides": stride} if part == 1 else {}
            if kernel == 1:  # padding means nothing there
                own["padding"] = _padding(walk, before)
            conv = walk.conv(before, kernel, f"{ours}_{part}_conv", **own)
            step = conv.inputs[0]
        filters.add(int(conv.settings["filters"]))
        if number == 1:
            before = walk.norm(add.inputs[0], f"{ours}_0_bn", EPSILON)
            walk.conv(before, 1, f"{ours}_0_conv", strides=stride, padding=_padding(walk, before))
    if len(filters) != 1:
        raise ModelError(f"blocks of stage {stage} of its encoder differ in filters: {filters}")
    return filters.pop()


def _padding(walk: Walk, name: str) -> Any:
    return walk.graph.nodes[name].settings.get("padding")
