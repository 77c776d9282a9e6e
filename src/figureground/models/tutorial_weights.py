"""Load the Keras tutorial's files into our network: by structure, since names are left to chance."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import keras

from figureground.arrays import Size
from figureground.errors import FiguregroundError, ModelError
from figureground.models.keras_files import KerasFile, read_keras_file
from figureground.models.keras_graph import Graph, read_graph
from figureground.models.network import build_network
from figureground.models.presets import HEADS, TUTORIAL, Preset
from figureground.models.tutorial_network import build_tutorial_network, swap_colors
from figureground.models.tutorial_structure import Structure, read_structure

COLORS = ("bgr", "rgb")
# The tutorial's network with the fewest filters, to see the order of its layers.
FEW = replace(
    TUTORIAL, bridge=1, decoder=(1,) * HEADS, stages=tuple((1, n) for _, n in TUTORIAL.stages)
)


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A network of a file, taking RGB whatever the file takes."""

    network: keras.Model
    preset: Preset
    size: Size  # rows and columns of its input
    file: KerasFile
    graph: Graph | None  # the file's own, if it says
    structure: Structure


def load_tutorial(path: Path, *, color: str = "bgr") -> Loaded:
    """Our network with the weights of a file of the tutorial's.

    Args:
        path: `.h5`, `.keras`, `.weights.h5`, or a folder that Keras 2 saved.
        color: order of channels that the file's network takes; the tutorial reads with OpenCV, so
            bgr.
    Raises:
        ModelError: the file is damaged, or of another network; it says what differs.
    """
    file = read_keras_file(path)
    try:
        graph = None if file.config is None else read_graph(file.config)
        structure = read_structure(graph) if graph else weights_structure(file)
        network = build_network(structure.preset, backbone_weights="none")
        _fill(network, structure.layers, file, graph)
    except FiguregroundError as error:
        raise ModelError(f"{str(path)!r} is not the tutorial's network: {error}") from error
    except (KeyError, IndexError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__} {str(error)[:80]}"
        raise ModelError(f"{str(path)!r} is not the tutorial's network: {reason}") from error
    if color == "bgr":
        swap_colors(network, structure.preset)
    side = structure.preset.size
    return Loaded(
        network=network, preset=structure.preset, size=structure.size or (side, side), file=file,
        graph=graph, structure=structure,
    )  # fmt: skip


def file_names(file: KerasFile, graph: Graph | None) -> dict[str, str]:
    """What the file calls each layer of its network."""
    if graph is None or not file.counted:
        return {name: name for name in file.names}
    names, counts = {}, dict[str, int]()
    for name, kind in graph.classes:
        word = _snake(kind)
        number = counts[word] = counts.get(word, -1) + 1
        names[name] = f"{word}_{number}" if number else word
    return names


def _snake(name: str) -> str:
    """`BatchNormalization` as `batch_normalization`, `Conv2D` as `conv2d`, as Keras does."""
    word = re.sub(r"\W+", "", name)
    word = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", word)
    return re.sub("([a-z])([A-Z])", r"\1_\2", word).lower()


def _fill(
    network: keras.Model, layers: Mapping[str, str], file: KerasFile, graph: Graph | None
) -> None:
    names = file_names(file, graph)
    for layer in network.layers:
        if layer.weights:
            shapes = [tuple(weight.shape) for weight in layer.weights]
            layer.set_weights(file.read(names[layers[layer.name]], shapes))


def weights_structure(file: KerasFile) -> Structure:
    """The same of a file of weights alone, by the order of its layers; dilations are the article's.

    Raises:
        ModelError: its layers are not the article's in number.
    """
    article = build_tutorial_network(FEW)
    ours = {2: list[str](), 4: list[str]()}  # convolutions and normalisations by their arrays
    theirs = {2: list[str](), 4: list[str]()}
    for layer in article.layers:
        if layer.weights:
            ours[len(layer.weights)].append(layer.name)
    for name in file.names:
        theirs.setdefault(len(file.shapes(name)), []).append(name)
    for count, what in ((2, "convolutions"), (4, "normalisations")):
        if len(theirs[count]) != len(ours[count]):
            raise ModelError(
                f"it holds {len(theirs[count])} {what} where the tutorial's has {len(ours[count])}"
            )
    layers = {mine: its for n in ours for mine, its in zip(ours[n], theirs[n], strict=True)}

    def filters(name: str) -> int:
        return file.shapes(layers[name])[0][-1]

    preset = replace(
        TUTORIAL, bridge=filters("bridge_mix_conv"),
        decoder=tuple(filters(f"decoder{step}_second") for step in range(1, HEADS + 1)),
        stages=(
            (filters("conv1_conv"), 1),
            *((filters(f"conv{n}_block1_1_conv"), blocks)
              for n, (_, blocks) in enumerate(TUTORIAL.stages[1:], start=2)),
        ),
    )  # fmt: skip
    return Structure(preset=preset, size=None, layers=layers)
