"""Estimate the mattes of an animation, image by image: those of photographs, smoothed in time."""

from numpy.typing import NDArray

from figureground.arrays import Alpha, Depth
from figureground.engines import Engine
from figureground.matting.image_alpha import FRAME_LEVELS, Matte, RefinedLayer, stretch_levels
from figureground.matting.letterbox import letterbox
from figureground.matting.small_regions import remove_small_regions
from figureground.matting.temporal_smoothing import (
    TemporalState,
    blend_previous,
    to_levels,
    warp_previous,
)


def estimate_next_alpha(
    rgb: NDArray[Depth], engine: Engine, memory: TemporalState | None
) -> tuple[Alpha, TemporalState]:
    """Estimate the matte of an animation's next frame, smoothed in time; see `estimate_alpha`.

    The network looks once: what it sees closer would begin and end from one image to the next.

    Args:
        rgb: uint8 or uint16 (H, W, 3).
        engine: runs the network; see `figureground.engines`.
        memory: what the last call returned; None for the first image.
    Returns: float32 (H, W), 0 to 1; and the memory for the next call.
    """
    square, placement = letterbox(rgb, engine.size)
    seen = to_levels(square)
    small = blend_previous(
        remove_small_regions(stretch_levels(engine(square), FRAME_LEVELS)),
        warp_previous(seen, memory),
    )
    layer = RefinedLayer(small, rgb, square=square, placement=placement)
    return Matte(layer).whole(), TemporalState(seen=seen, alpha=small)
