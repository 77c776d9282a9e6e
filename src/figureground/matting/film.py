"""A frame's matte and the person's colours, made for speed: a film has many frames.

Differs from a single picture in two ways. Edges are refined at no more than `WORK` pixels of
length, since moving edges are blurred and compressed anyway; and colours of the person and of what
is behind, which change slowly across a picture, are estimated on a small copy of it.
"""

import cv2
import numpy as np

from figureground.arrays import Alpha, Rgb
from figureground.engines import Engine
from figureground.matting.blur import blur_behind
from figureground.matting.framing import fit
from figureground.matting.matte import settle
from figureground.matting.refine import refine
from figureground.matting.resize import resize
from figureground.matting.steady import Memory, steady

WORK = 640  # longest side at which edges are refined, pixels
COARSE = 320  # longest side at which colours are estimated, pixels
REACH = 2.0  # how far around colours are averaged, standard deviation, pixels of the small copy
# Power of the matte that weighs colours: half-covered pixels, which show both, count little.
SURE = 4


def film_alpha(
    rgb: Rgb, engine: Engine, memory: Memory | None, *, still: bool = True
) -> tuple[Alpha, Memory | None]:
    """How much of each pixel of a frame the person covers, given the frames before.

    Args:
        rgb: uint8 (H, W, 3).
        engine: runs the network; see `figureground.engines`.
        memory: what the last call returned; None at the beginning.
        still: keep the matte from flickering; else every frame is a picture of its own.
    Returns: float32 (H, W), 0 to 1; and the memory for the next call.
    """
    scale = min(1.0, WORK / max(rgb.shape[:2]))
    size = max(1, round(rgb.shape[0] * scale)), max(1, round(rgb.shape[1] * scale))
    work = resize(rgb, size)
    square, placement = fit(work, engine.size)
    small = settle(engine(square))
    if still:
        small, memory = steady(small, square, memory)
    alpha = refine(small, work, square=square, placement=placement)
    return resize(alpha, (rgb.shape[0], rgb.shape[1])), memory


def film_colors(rgb: Rgb, alpha: Alpha) -> Rgb:
    """The person's own colours, continued beyond the person's outline.

    Continued, since lossy video mixes the colours of neighbouring pixels: a person on black would
    get dark edges.

    Args:
        rgb: uint8 (H, W, 3).
        alpha: float32 (H, W), 0 to 1.
    Returns: uint8 (H, W, 3); where alpha is 1, `rgb` itself.
    """
    scale = min(1.0, COARSE / max(alpha.shape))
    size = max(1, round(alpha.shape[0] * scale)), max(1, round(alpha.shape[1] * scale))
    small, cover = resize(rgb, size), resize(alpha, size)
    full = alpha.shape[0], alpha.shape[1]
    result = resize(blur_behind(small, 1 - cover**SURE, radius=REACH), full)
    behind = resize(blur_behind(small, 1 - (1 - cover) ** SURE, radius=REACH), full)
    # What a pixel shows beyond the mixture of both: blur fusion's last step, see `foreground`.
    beyond = cv2.subtract(rgb, mix(result, behind, alpha), dtype=cv2.CV_32F)
    person = cv2.multiply(beyond, cv2.merge([alpha] * 3))
    result = np.asarray(cv2.add(result, person, dtype=cv2.CV_8U), np.uint8)
    cv2.copyTo(rgb, (alpha >= 1).view(np.uint8), result)
    return result


def mix(first: Rgb, second: Rgb, share: Alpha) -> Rgb:
    """share x first + (1 - share) x second: `compose.composite` to within a level, but quicker.

    first, second: uint8 (H, W, 3); share: float32 (H, W), 0 to 1. Returns uint8 (H, W, 3).
    """
    return np.asarray(cv2.blendLinear(first, second, share, 1 - share), np.uint8)
