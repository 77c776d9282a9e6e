"""The one road from a picture to its matte."""

from numpy.typing import NDArray

from figureground.arrays import Alpha
from figureground.engines import Engine
from figureground.matting.framing import fit
from figureground.matting.refine import refine
from figureground.matting.strips import Depth


def estimate_alpha(rgb: NDArray[Depth], engine: Engine) -> Alpha:
    """How much of each pixel the person covers.

    Args:
        rgb: uint8 or uint16 (H, W, 3), any size from 1 by 1.
        engine: runs the network; see `figureground.engines`.
    Returns: float32 (H, W), 0 to 1.
    """
    square, placement = fit(rgb, engine.size)
    return refine(engine(square), rgb, square=square, placement=placement)
