"""A film's person over something else, painted for speed in the planes that films store.

Colours of the person and of what is behind, which change slowly across a picture, are estimated on
a small copy of the frame. Blending is the same sum in these planes as in RGB, and happens only
where a pixel shows both.
"""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.matting.background import cover
from figureground.matting.blur import blur_behind
from figureground.matting.film import work_size
from figureground.matting.resize import resize
from figureground.media.planes import Plane, Planes, from_merged

COARSE = 160  # longest side at which colours are estimated, pixels
REACH = 1.0  # how far around colours are averaged, standard deviation, pixels of the small copy
# Power of the matte that weighs colours: half-covered pixels, which show both, count little.
SURE = 4
ROWS = 64  # of a plane that are blended at once
GAP = 100  # columns of a plane without anything to blend that are worth leaving out

Part = tuple[slice, slice]  # rows and columns


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
    unsure = (alpha > 0) & (alpha < 1)
    sizes = {(plane.shape[0], plane.shape[1]) for plane in frame.all}
    covers = {size: (resize(alpha, size), list(_soft_parts(unsure, size))) for size in sizes}
    luma, blue, red = (
        _paint_plane(seen, covers[seen.shape], (own, other), new, (1 << frame.bits) - 1)
        for seen, own, other, new in zip(
            frame.all, person.all, wall.all, (behind or person).all, strict=True
        )
    )
    return Planes(luma=luma, blue=blue, red=red, bits=frame.bits)


def _paint_plane(
    seen: Plane,
    cover: tuple[Alpha, list[Part]],
    far: tuple[Plane, Plane],
    behind: Plane,
    top: int,
) -> Plane:
    """One plane; `far` are the person's samples and the background's, smooth, at its size.

    `cover` is the matte at its size, and `_soft_parts`: only there is something to be computed, a
    strip at a time, so that it happens in the processor's cache. `behind` lies where nobody is;
    `top` is the highest value of a sample.
    """
    alpha, parts = cover
    result = behind.copy()
    cv2.copyTo(seen, (alpha >= 1).view(np.uint8), result)
    for part in parts:
        share = alpha[part]
        # What a pixel shows beyond the mixture of both: blur fusion's last step, see `foreground`.
        person, wall, color = (plane[part].astype(np.float32) for plane in (*far, seen))
        color -= wall
        wall -= person
        wall *= share
        color += wall
        color *= share
        color += person
        if behind is not far[0]:
            new = behind[part].astype(np.float32)
            color -= new
            color *= share
            color += new
        result[part] = np.clip(np.rint(color, out=color), 0, top, out=color)
    return result


def _soft_parts(unsure: NDArray[np.bool_], size: Size) -> Iterator[Part]:
    """Parts of a plane of `size` outside which nothing is unsure, `ROWS` or fewer high."""
    rows, columns = (of / by for of, by in zip(unsure.shape, size, strict=True))
    for first in range(0, size[0], ROWS):
        last = min(first + ROWS, size[0])
        strip = unsure[max(0, int(first * rows) - 1) : int(np.ceil(last * rows)) + 1]
        places = np.flatnonzero(strip.any(axis=0))
        gaps = np.flatnonzero(np.diff(places) > GAP * columns)
        for run in np.split(places, gaps + 1) if places.size else ():
            left, right = (run[0] - 1) / columns, (run[-1] + 2) / columns
            yield slice(first, last), slice(max(0, int(left)), int(np.ceil(right)))
