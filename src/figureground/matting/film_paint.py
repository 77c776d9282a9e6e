"""A film's person over something else, painted for speed in the planes that films store.

Colours of the person and of what is behind, which change slowly across a picture, are estimated on
a small copy of the frame. Blending is the same sum in these planes as in RGB, and happens only
where a pixel shows both.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.matting.background import cover
from figureground.matting.blur import blur_behind
from figureground.matting.film_look import work_size
from figureground.matting.resize import resize
from figureground.media.planes import Plane, Planes, from_merged

COARSE = 160  # longest side at which colours are estimated, pixels
REACH = 1.0  # how far around colours are averaged, standard deviation, pixels of the small copy
# Power of the matte that weighs colours: half-covered pixels, which show both, count little.
SURE = 4


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
        alpha: float32, of the size of the frame or smaller, 0 to 1.
        behind: of the layout and the size of `frame`.
    Returns: the same layout; where alpha is 1, the frame's own, where it is 0, the background's.
    """
    return _paint(frame, alpha, _far_colors(frame, alpha), behind)


def film_blur(frame: Planes, alpha: Alpha, *, radius: float) -> Planes:
    """The frame's own background out of focus, as if the person were not there.

    Args:
        frame: of any layout.
        alpha: float32, of the size of the frame or smaller, 0 to 1.
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
    sizes = {(plane.shape[0], plane.shape[1]) for plane in frame.all}
    covers = {size: _cover(resize(alpha, size)) for size in sizes}
    luma, blue, red = (
        _paint_plane(seen, covers[seen.shape], (own, other), new, (1 << frame.bits) - 1)
        for seen, own, other, new in zip(
            frame.all, person.all, wall.all, (behind or person).all, strict=True
        )
    )
    return Planes(luma=luma, blue=blue, red=red, bits=frame.bits)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Cover:
    """A matte at the size of a plane, by what is to be done."""

    whole: NDArray[np.uint8]  # (H, W), 1 where only the person is seen
    mixed: NDArray[np.int64]  # pixels, counted row by row, that show both
    share: Alpha  # of the person in each of those


def _cover(alpha: Alpha) -> _Cover:
    flat = alpha.ravel()
    mixed = np.flatnonzero((flat > 0) & (flat < 1))
    return _Cover(whole=(alpha >= 1).view(np.uint8), mixed=mixed, share=flat[mixed])


def _paint_plane(
    seen: Plane, cover: _Cover, far: tuple[Plane, Plane], behind: Plane, top: int
) -> Plane:
    """One plane; `far` are the person's samples and the background's, smooth, at its size.

    `behind` lies where nobody is; `top` is the highest value of a sample.
    """
    result = behind.copy()
    cv2.copyTo(seen, cover.whole, result)
    # What a pixel shows beyond the mixture of both: blur fusion's last step, see `foreground`.
    person, wall, color, new = (
        np.take(plane, cover.mixed).astype(np.float32) for plane in (*far, seen, behind)
    )
    color -= wall
    wall -= person
    wall *= cover.share
    color += wall
    color *= cover.share
    color += person
    if behind is not far[0]:
        color -= new
        color *= cover.share
        color += new
    result.ravel()[cover.mixed] = np.clip(np.rint(color, out=color), 0, top, out=color)
    return result
