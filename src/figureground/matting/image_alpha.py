"""Estimate the matte of an image: letterbox, network, small regions, crop, guided filter."""

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha
from figureground.engines import Engine
from figureground.matting.crop_refinement import propose_crop
from figureground.matting.letterbox import letterbox
from figureground.matting.matte import Layer, Matte, RefinedLayer
from figureground.matting.row_chunks import Depth
from figureground.matting.small_regions import drop_spot, resolve_uncertain_regions

# Levels are stretched: alpha up to the black point becomes 0, from the white point on 1, linear
# between. A sigmoid never reaches 0 or 1, and the rest of an unsure background would show.
# Farther apart, hair keeps its transparency, and more of what is unsure shows, which moves outlines
# of frames.
IMAGE_LEVELS = 0.08, 0.92  # black and white point, alpha
FRAME_LEVELS = 0.15, 0.85  # of videos and animations


def estimate_alpha(rgb: NDArray[Depth], engine: Engine) -> Alpha:
    """Estimate how much of each pixel the person covers; see `estimate_matte`.

    Returns: float32 (H, W), 0 to 1.
    """
    return estimate_matte(rgb, engine).whole()


def estimate_matte(rgb: NDArray[Depth], engine: Engine) -> Matte:
    """Estimate how much of each pixel the person covers.

    Where people fill only a part of it, the network sees that crop too; see `crop_refinement`.

    Args:
        rgb: uint8 or uint16 (H, W, 3), any size from 1 by 1.
        engine: runs the network; see `figureground.engines`.
    """
    square, placement = letterbox(rgb, engine.size)
    small = drop_spot(_find(square, engine))
    region = propose_crop(small, placement)
    if region is None:
        return Matte(RefinedLayer(small, rgb, square=square, placement=placement))
    part = rgb[region.slices]
    square, closely = letterbox(part, engine.size)
    closer = RefinedLayer(_find(square, engine), part, square=square, placement=closely)
    return Matte(Layer(small, placement), closer, region)


def _find(square: NDArray[np.float32], engine: Engine) -> Alpha:
    """The network's matte of its input, settled."""
    return resolve_uncertain_regions(stretch_levels(engine(square), IMAGE_LEVELS))


def stretch_levels(alpha: Alpha, levels: tuple[float, float]) -> Alpha:
    """Stretch levels: alpha up to the first becomes 0, from the second on 1, linear between."""
    black, white = levels
    sure: Alpha = np.clip((alpha - black) / (white - black), 0, 1).astype(np.float32)
    return sure
