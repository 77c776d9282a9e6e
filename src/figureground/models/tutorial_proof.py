"""Prove on a photograph that a network read from a file does what the file's own graph does."""

from functools import partial
from pathlib import Path

import keras
import numpy as np

from figureground.errors import ModelError, UsageError
from figureground.models.graph_run import run_graph
from figureground.models.levels import check_levels
from figureground.models.photograph import photograph
from figureground.models.tutorial_weights import COLORS, Loaded, file_names, load_tutorial

TOLERANCE = 1e-4  # float32's precision through some hundred layers
BETTER = (
    0.05  # by so much of all pixels a matte has to be nearer for an order of colours to be told
)
LARGEST = 192  # rows and columns of the proof


def open_tutorial(path: Path, *, color: str | None = None, levels: bool = True) -> Loaded:
    """Our network of a file of the tutorial's, proven on a photograph.

    Args:
        path: see `load_tutorial`.
        color: order of channels that the file's network takes. If None, BGR as in the article,
            unless the photograph tells otherwise: that is refused, so that it is asked for.
        levels: whether to see that it takes 0 to 1.
    Raises:
        UsageError: `color` is no order of colours.
        ModelError: the file cannot be read, is of another network, takes levels of 0 to 255, or
            seems to take RGB.
    """
    if color not in (None, *COLORS):
        raise UsageError(f"an order of colours is {' or '.join(COLORS)}, not {color!r}")
    loaded = load_tutorial(path, color=color or "bgr")
    side = min(LARGEST, *loaded.size)
    rgb, mask = photograph(side)
    _prove(loaded, rgb if color == "rgb" else rgb[..., ::-1], rgb, path)
    if not loaded.file.made_here:
        if levels:
            check_levels(partial(_matte, loaded.network), (side, side), path)
        if color is None:
            _check_color(loaded, rgb, mask, path)
    return loaded


def _prove(loaded: Loaded, seen: np.ndarray, rgb: np.ndarray, path: Path) -> None:
    """See that the file's graph makes of what it takes what our network makes of RGB."""
    ours = _matte(loaded.network, rgb)
    if not np.isfinite(ours).all():
        raise ModelError(f"the network {str(path)!r} gives mattes that are no numbers")
    if loaded.graph is None:
        return
    names = file_names(loaded.file, loaded.graph)
    theirs = run_graph(
        loaded.graph,
        lambda layer: loaded.file.read(names[layer], loaded.file.shapes(names[layer])),
        seen[None],
    )[0]
    if not (difference := float(np.abs(ours - theirs).max())) < TOLERANCE:
        raise ModelError(
            f"{str(path)!r} is not quite the tutorial's network: built anew its matte of a photo "
            f"differs by {difference:.2g}"
        )


def _check_color(loaded: Loaded, rgb: np.ndarray, mask: np.ndarray, path: Path) -> None:
    """Refuse a network that finds the person far better in the other order of colours."""
    wrong = [float(np.abs(_matte(loaded.network, x) - mask).mean()) for x in (rgb, rgb[..., ::-1])]
    if wrong[1] < wrong[0] - BETTER:
        raise ModelError(
            f"{str(path)!r} finds a person better in RGB ({100 * wrong[1]:.0f} % wrong) than in "
            f"BGR, which the tutorial's take ({100 * wrong[0]:.0f} %): say --color rgb or --color bgr"
        )


def _matte(network: keras.Model, rgb: np.ndarray) -> np.ndarray:
    return np.asarray(network(np.ascontiguousarray(rgb)[None], training=False))[0, ..., -1]
