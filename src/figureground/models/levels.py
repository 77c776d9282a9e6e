"""Tell by a photograph whether a network of others takes levels of 0 to 255, where ours take 0 to 1."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.errors import ModelError
from figureground.models.photograph import photograph

WRONG = 0.2  # mean distance of a matte from the truth that no network has which finds the person
WHITE = np.float32(255)
Run = Callable[[NDArray[np.float32]], Alpha]  # a network, as `engines.Engine` is called


def check_levels(run: Run, size: Size, path: Path) -> None:
    """See that a network does not find the person of a photo in 0 to 255 alone, be it RGB or BGR.

    Args:
        run: the network: float32 (*size, 3), RGB, to a matte, float32 (*size).
        size: rows and columns of its input.
        path: what the error calls it.
    Raises:
        ModelError: it does.
    """
    parts = (cv2.resize(part, size[::-1]) for part in photograph(max(size)))
    rgb, mask = (np.asarray(part, np.float32) for part in parts)
    orders = rgb, np.ascontiguousarray(rgb[..., ::-1])
    if any(_wrong(run, seen, mask) <= WRONG for seen in orders):
        return
    if any(_wrong(run, seen * WHITE, mask) < WRONG for seen in orders):
        raise ModelError(
            f"{str(path)!r} takes levels of 0 to 255, but a network takes 0 to 1; export it with a "
            "step before it that multiplies by 255"
        )


def _wrong(run: Run, rgb: NDArray[np.float32], mask: Alpha) -> float:
    """How far a network's matte is from the truth, 0 to 1; 1 where it gives none."""
    try:
        return float(np.abs(run(rgb) - mask).mean())
    except ModelError:
        return 1.0
