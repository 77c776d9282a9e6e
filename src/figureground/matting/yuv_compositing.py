"""Composite a video's person over a background in the luma and chroma planes that videos store.

Colours of the person and of the background, which change slowly across an image, are estimated on
a small copy of the frame. Blending is the same sum in these planes as in RGB, and happens only
where a pixel shows both.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.matting.background import cover
from figureground.matting.blur import blur_behind
from figureground.matting.crop_refinement import Region
from figureground.matting.resize import resize
from figureground.matting.roi import RoiMatte, working_size
from figureground.media.planes import Plane, Planes, from_merged

COARSE_SIDE = (
    160  # longest side, pixels, at which colours are estimated; of a small frame up to double
)
BLUR_SIGMA = (
    1.0  # how far around colours are averaged, standard deviation, pixels of the small copy
)
# Power of the matte that weighs colours: half-covered pixels, which show both, count little.
ALPHA_POWER = 4
ALPHA_16 = 65535  # of a matte of 16 bits


@dataclass(frozen=True, kw_only=True, eq=False)
class EdgeColors:
    """Colours from around each pixel of a part of a frame, smooth, continued all over it."""

    part: Region
    person: Planes
    background: Planes  # of what is behind the person


def edge_colors(frame: Planes, matte: RoiMatte) -> EdgeColors:
    """Colours from around, in the layout of `frame`, whose matte it is."""
    seen = frame.part(*matte.part.slices)
    small = seen.merged(working_size(seen.size))
    while max(small.shape) >= 2 * COARSE_SIDE:  # halving is many times quicker than other averages
        small = resize(small, (-(-small.shape[0] // 2), -(-small.shape[1] // 2)))
    cover = resize(matte.alpha, (small.shape[0], small.shape[1]))
    person, background = (
        from_merged(blur_behind(small, 1 - share**ALPHA_POWER, radius=BLUR_SIGMA), seen)
        for share in (cover, 1 - cover)
    )
    return EdgeColors(part=matte.part, person=person, background=background)


def foreground_planes(frame: Planes, alpha: Alpha, around: EdgeColors) -> Planes:
    """The person's own colours, continued beyond the person's outline.

    Continued, since lossy video mixes the colours of neighbouring pixels: a person on black would
    get dark edges.

    Args:
        frame: of any layout.
        alpha: float32, of the size of the frame or smaller, 0 to 1.
        around: of all of this frame, or of one shortly before that hardly differs.
    Returns: the same layout; where alpha is 1, the frame's own.
    """
    return _blend(frame, alpha, around, None)


def composite_planes(frame: Planes, matte: RoiMatte, behind: Planes, around: EdgeColors) -> Planes:
    """The person over another background.

    Args:
        frame: of any layout.
        matte: of the frame.
        behind: of the layout and the size of `frame`.
        around: of the matte's part of this frame, or of one shortly before that hardly differs.
    Returns: the same layout; where the matte is 1, the frame's own, where 0, the background's.
    """
    part = matte.part.slices
    painted = _blend(frame.part(*part), matte.alpha, around, behind.part(*part))
    result = behind.each(np.copy)
    for old, new in zip(result.part(*part).all, painted.all, strict=True):
        old[:] = new
    return result


def blurred_background(frame: Planes, alpha: Alpha, *, radius: float) -> Planes:
    """The frame's own background out of focus, as if the person were not there.

    Args:
        frame: of any layout.
        alpha: float32, of the size of the frame or smaller, 0 to 1.
        radius: standard deviation of the Gaussian, pixels.
    """
    factor = max(1.0, min(radius / 2, max(frame.size) / COARSE_SIDE))  # so blurred it may be small
    size = working_size(frame.size, round(max(frame.size) / factor))
    small = blur_behind(frame.merged(size), resize(alpha, size), radius=radius / factor)
    return from_merged(small, frame)


def cover_planes(background: Planes, size: Size) -> Planes:
    """As `background.cover`, for a frame of a video."""
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


def _blend(frame: Planes, alpha: Alpha, around: EdgeColors, behind: Planes | None) -> Planes:
    """Each plane of the person, over `behind` or, without one, continued with its own colours."""
    sizes = {(plane.shape[0], plane.shape[1]) for plane in frame.all}
    small = np.rint(alpha * np.float32(ALPHA_16)).astype(np.uint16)  # half as large, and as exact
    covers = {size: _plane_alpha(resize(small, size)) for size in sizes}
    colors = around.person.all, around.background.all, (behind or around.person).all
    luma, blue, red = (
        _blend_plane(seen, covers[seen.shape], (own, other), new, (1 << frame.bits) - 1)
        for seen, own, other, new in zip(frame.all, *colors, strict=True)
    )
    return Planes(luma=luma, blue=blue, red=red, bits=frame.bits)


@dataclass(frozen=True, kw_only=True, eq=False)
class _PlaneAlpha:
    """A matte at the size of a plane, by what is to be done."""

    whole: NDArray[np.uint8]  # (H, W), 1 where only the person is seen
    mixed: NDArray[np.int64]  # pixels, counted row by row, that show both
    share: Alpha  # of the person in each of those


def _plane_alpha(alpha: NDArray[np.uint16]) -> _PlaneAlpha:
    flat = alpha.ravel()
    mixed = np.flatnonzero(flat - np.uint16(1) < ALPHA_16 - 1)  # nought wraps round
    share = np.take(flat, mixed).astype(np.float32)
    share *= np.float32(1 / ALPHA_16)
    return _PlaneAlpha(whole=(alpha == ALPHA_16).view(np.uint8), mixed=mixed, share=share)


def _blend_plane(
    seen: Plane, cover: _PlaneAlpha, far: tuple[Plane, Plane], behind: Plane, top: int
) -> Plane:
    """One plane; `far` are the person's samples and the background's, smooth, at its size.

    `behind` lies where nobody is; `top` is the highest value of a sample.
    """
    result = behind.copy()
    cv2.copyTo(seen, cover.whole, result)
    # What a pixel shows beyond the mixture of both: blur fusion's last step, see `foreground`.
    person, background, color, new = (
        np.take(plane, cover.mixed).astype(np.float32) for plane in (*far, seen, result)
    )
    color -= background
    background -= person
    background *= cover.share
    color += background
    color *= cover.share
    color += person
    if behind is not far[0]:
        color -= new
        color *= cover.share
        color += new
    color = np.clip(np.rint(color, out=color), 0, top, out=color)
    result.ravel()[cover.mixed] = color.astype(result.dtype)
    return result
