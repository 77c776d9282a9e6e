"""A frame's matte and the person's colours, made for speed: a film has many frames.

Differs from a single picture in three ways. Edges are refined at no more than `WORK` pixels of
length, since moving edges are blurred and compressed anyway; colours of the person and of what is
behind, which change slowly across a picture, are estimated on a small copy of it; and frames stay
in the planes that films store, since blending is the same sum there as in RGB.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Rgb, Size
from figureground.engines import Engine
from figureground.matting.background import cover
from figureground.matting.blur import blur_behind
from figureground.matting.framing import Placement, fit, unfit, window
from figureground.matting.matte import settle
from figureground.matting.refine import learn
from figureground.matting.resize import resize
from figureground.matting.steady import Memory, foresee, settle_on
from figureground.media.planes import Plane, Planes, from_merged

WORK = 640  # longest side at which edges are refined, pixels
COARSE = 240  # longest side at which colours are estimated, pixels
REACH = 1.5  # how far around colours are averaged, standard deviation, pixels of the small copy
# Power of the matte that weighs colours: half-covered pixels, which show both, count little.
SURE = 4
ROWS = 64  # of a plane that are blended at once

Maps = NDArray[np.float32]


def work_size(size: Size, longest: int = WORK) -> Size:
    """The size at which frames of `size`, rows and columns, are worked on."""
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def film_alpha(
    rgb: Rgb, engine: Engine, memory: Memory | None, *, still: bool = True
) -> tuple[Alpha, Memory | None]:
    """How much of each pixel of a frame the person covers, given the frames before.

    Args:
        rgb: uint8 (H, W, 3); more than `work_size` brings nothing.
        engine: runs the network; see `figureground.engines`.
        memory: what the last call returned; None at the beginning.
        still: keep the matte from flickering, and look at every second frame only where the picture
            hardly changes; else every frame is a picture of its own.
    Returns: float32 (H, W), 0 to 1; and the memory for the next call.
    """
    full = rgb.shape[0], rgb.shape[1]
    work = resize(rgb, work_size(full))
    square, placement = fit(work, engine.size)
    if not still:
        return resize(_sharpen(settle(engine(square)), work, square, placement), full), None
    forecast = foresee(square, memory)
    guessed = (
        memory is not None and not memory.guessed and forecast is not None and forecast.is_sure
    )
    if forecast is not None and guessed:
        small = forecast.alpha
    else:
        small = settle_on(settle(engine(square)), forecast)
    memory = Memory(square=square, alpha=small, guessed=guessed)
    return resize(_sharpen(small, work, square, placement), full), memory


def _sharpen(small: Alpha, work: Rgb, square: Maps, placement: Placement) -> Alpha:
    """As `refine.refine`, but for all of a small picture at once instead of tile by tile."""
    alpha = unfit(small, placement)
    inner = window(placement)
    red, green, blue, offset = learn(square[inner], small[inner])
    size = alpha.shape[0], alpha.shape[1]
    cv2.add(alpha, resize(offset, size), dst=alpha)
    for slope, seen in zip((red, green, blue), cv2.split(work), strict=True):
        change = cv2.multiply(resize(slope, size), seen, scale=1 / 255, dtype=cv2.CV_32F)
        cv2.add(alpha, change, dst=alpha)
    return np.clip(alpha, 0, 1, out=alpha)


def film_colors(frame: Planes, alpha: Alpha) -> Planes:
    """The person's own colours, continued beyond the person's outline.

    Continued, since lossy video mixes the colours of neighbouring pixels: a person on black would
    get dark edges.

    Args:
        frame: of any layout.
        alpha: float32 (H, W), 0 to 1.
    Returns: the same layout; where alpha is 1, the frame's own.
    """
    return _paint(frame, alpha, _far_colors(frame, alpha), None)


def film_composite(frame: Planes, alpha: Alpha, behind: Planes) -> Planes:
    """The person over another background.

    Args:
        frame: of any layout.
        alpha: float32 (H, W), 0 to 1.
        behind: of the layout and the size of `frame`.
    Returns: the same layout; where alpha is 1, the frame's own, where it is 0, the background's.
    """
    return _paint(frame, alpha, _far_colors(frame, alpha), behind)


def film_blur(frame: Planes, alpha: Alpha, *, radius: float) -> Planes:
    """The frame's own background out of focus, as if the person were not there.

    Args:
        frame: of any layout.
        alpha: float32 (H, W), 0 to 1.
        radius: standard deviation of the Gaussian, pixels.
    """
    factor = max(1.0, min(radius / 2, max(frame.size) / COARSE))  # so blurred it may be small
    size = work_size(frame.size, round(max(frame.size) / factor))
    small = blur_behind(frame.merged(size), resize(alpha, size), radius=radius / factor)
    return from_merged(small, frame)


def cover_planes(background: Planes, size: Size) -> Planes:
    """As `background.cover`, for a frame of a film."""
    if background.size == size:
        return background
    half = background.blue.shape != background.luma.shape
    chroma = (-(-size[0] // 2), -(-size[1] // 2)) if half else size
    return Planes(
        luma=cover(background.luma, size),
        blue=cover(background.blue, chroma),
        red=cover(background.red, chroma),
        bits=background.bits,
    )


def _far_colors(frame: Planes, alpha: Alpha) -> tuple[NDArray[Any], NDArray[Any]]:
    """Colours of the person and of what is behind, from around: two (h, w, 3), much smaller."""
    size = work_size(frame.size, COARSE)
    # In two steps, since halving is many times quicker than averaging over broken numbers.
    small = resize(frame.merged(work_size(frame.size)), size)
    cover = resize(alpha, size)
    person = blur_behind(small, 1 - cover**SURE, radius=REACH)
    return person, blur_behind(small, 1 - (1 - cover) ** SURE, radius=REACH)


def _paint(
    frame: Planes, alpha: Alpha, far: tuple[NDArray[Any], NDArray[Any]], behind: Planes | None
) -> Planes:
    """Each plane of the person, over `behind` or, without one, continued with its own colours."""
    person, wall = (from_merged(colors, frame) for colors in far)
    covers = {frame.luma.shape: alpha}
    if frame.blue.shape not in covers:
        covers[frame.blue.shape] = resize(alpha, (frame.blue.shape[0], frame.blue.shape[1]))
    luma, blue, red = (
        _paint_plane(seen, covers[seen.shape], (own, other), new, (1 << frame.bits) - 1)
        for seen, own, other, new in zip(
            frame.all, person.all, wall.all, (behind or person).all, strict=True
        )
    )
    return Planes(luma=luma, blue=blue, red=red, bits=frame.bits)


def _paint_plane(
    seen: Plane, cover: Alpha, far: tuple[Plane, Plane], behind: Plane, top: int
) -> Plane:
    """One plane; `far` are the person's samples and the background's, smooth, at its size.

    `behind` lies where nobody is; `top` is the highest value of a sample. Row by row, so that what
    is computed stays in the processor's cache.
    """
    result = np.empty_like(seen)
    for first in range(0, seen.shape[0], ROWS):
        rows = slice(first, first + ROWS)
        share = cover[rows]
        person = far[0][rows].astype(np.float32)
        wall = far[1][rows].astype(np.float32)
        # What a pixel shows beyond the mixture of both: blur fusion's last step, see `foreground`.
        color = seen[rows].astype(np.float32)
        color -= wall
        color -= (person - wall) * share
        color *= share
        color += person
        if behind is not far[0]:
            new = behind[rows].astype(np.float32)
            color -= new
            color *= share
            color += new
        np.clip(np.rint(color, out=color), 0, top, out=color)
        result[rows] = color
    return result
