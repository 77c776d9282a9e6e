"""The one road from a picture to its matte."""

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha
from figureground.engines import Engine
from figureground.matting.framing import fit
from figureground.matting.refine import refine
from figureground.matting.steady import Memory, steady
from figureground.matting.strips import Depth

# A sigmoid never reaches 0 or 1. What is this close counts as reached: else a cutout keeps a veil
# of its background that no eye sees and every PNG stores.
NOBODY, SOMEBODY = 0.04, 0.96


def estimate_alpha(rgb: NDArray[Depth], engine: Engine) -> Alpha:
    """How much of each pixel the person covers.

    Args:
        rgb: uint8 or uint16 (H, W, 3), any size from 1 by 1.
        engine: runs the network; see `figureground.engines`.
    Returns: float32 (H, W), 0 to 1.
    """
    return follow_alpha(rgb, engine, None)[0]


def follow_alpha(
    rgb: NDArray[Depth], engine: Engine, memory: Memory | None
) -> tuple[Alpha, Memory]:
    """As `estimate_alpha`, for the next picture of an animation: its matte does not flicker.

    Args:
        rgb: uint8 or uint16 (H, W, 3).
        engine: runs the network; see `figureground.engines`.
        memory: what the last call returned; None for the first picture.
    Returns: float32 (H, W), 0 to 1; and the memory for the next call.
    """
    square, placement = fit(rgb, engine.size)
    small, memory = steady(settle(engine(square)), square, memory)
    return refine(small, rgb, square=square, placement=placement), memory


def settle(alpha: Alpha) -> Alpha:
    """The matte with its last hundredths taken as sure, linear in between; float32 (h, w)."""
    sure: Alpha = np.clip((alpha - NOBODY) / (SOMEBODY - NOBODY), 0, 1).astype(np.float32)
    return sure
