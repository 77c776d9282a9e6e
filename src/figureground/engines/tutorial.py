"""Networks of the Keras tutorial, in the files that its scripts save; run by Keras, the extra `train`."""

from pathlib import Path

from figureground.arrays import Size
from figureground.engines.keras import KerasEngine
from figureground.errors import FiguregroundError
from figureground.models.keras_files import read_keras_file
from figureground.models.keras_graph import read_graph
from figureground.models.tutorial_proof import open_tutorial
from figureground.models.tutorial_structure import read_structure


def open_engine(
    path: Path,
    *,
    threads: int | None = None,
    size: Size | None = None,
    color: str | None = None,
    levels: bool = True,
) -> KerasEngine:
    """Load a file of the tutorial's network; `threads` is TensorFlow's affair, its size is fixed.

    Args:
        path: `.h5`, `.weights.h5`, `.keras`, or a folder that Keras 2 saved.
        threads: ignored.
        size: ignored.
        color: order of channels that its network takes, bgr or rgb; see `open_tutorial`.
        levels: whether to see that it takes 0 to 1.
    Raises:
        ModelError: it is damaged, or of another network; it says what differs.
    """
    loaded = open_tutorial(path, color=color, levels=levels)
    return KerasEngine(loaded.network, loaded.size, path)


def is_tutorial(path: Path) -> bool:
    """Return whether a file that says what it holds, says that it is the tutorial's network."""
    try:
        file = read_keras_file(path)
        if file.config is None:
            return False
        read_structure(read_graph(file.config))
    except FiguregroundError:
        return False
    return True
