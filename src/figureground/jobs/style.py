"""Style of results: the outline of the matte, the background, the framing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.errors import StyleError
from figureground.jobs.backgrounds import WHITE, Background, Blur, compose_over
from figureground.matting import canvas, effects, morphology
from figureground.matting.blur import blur_behind
from figureground.matting.resize import resize
from figureground.media.sources import MAX_PIXELS

if TYPE_CHECKING:
    from figureground.jobs.cutout import Cutout  # which carries a Look


@dataclass(frozen=True, kw_only=True)
class Style:
    """What is asked for beyond the matte itself."""

    background: Background = WHITE  # behind the person in composites
    feather: float = 0.0  # softens the outline; standard deviation, pixels
    grow: int = 0  # moves the outline outwards, inwards if negative; pixels
    threshold: float | None = None  # makes the matte hard at this level
    min_area: int = 0  # drops people of fewer pixels
    largest: bool = False  # keeps only the largest person
    shadow: bool = False  # a soft shadow below the person
    crop: float | None = None  # to the person, with this margin as a share of the person's size
    canvas: Size | None = None  # the person in the middle of a canvas, rows and columns
    aspect: float | None = None  # columns over rows of a window around the person
    fit: str = "contain"  # the window holds the whole person; cover: it may cut people off
    size: Size | None = None  # that window scaled to so many rows and columns

    def __post_init__(self) -> None:
        if self.feather < 0 or self.min_area < 0 or (self.crop or 0) < 0:
            raise StyleError("feather, min-area and crop are 0 or more")
        if self.threshold is not None and not 0 < self.threshold < 1:
            raise StyleError(f"threshold is between 0 and 1, got {self.threshold}")
        if isinstance(self.background, Blur) and self.canvas is not None:
            raise StyleError("a blurred background has no canvas; give a colour or a picture")
        _check_size("canvas", self.canvas)
        if self.canvas is not None and self.reframes:
            raise StyleError(
                "a canvas frames the person already; leave --crop, --aspect and --size out"
            )
        self._check_window()

    def _check_window(self) -> None:
        if self.aspect is not None and self.size is not None:
            raise StyleError("a size has an aspect already; leave --aspect out")
        if self.aspect is not None and not 0.01 <= self.aspect <= 100:
            raise StyleError(f"an aspect is between 1:100 and 100:1, got {self.aspect}")
        _check_size("size", self.size)

    @property
    def reframes(self) -> bool:
        """Whether results show a window around the person."""
        return any(wish is not None for wish in (self.crop, self.aspect, self.size))


def _check_size(what: str, size: Size | None) -> None:
    """See that something of that size can be made. Raises StyleError."""
    if size is not None and min(size) < 1:
        raise StyleError(f"a {what} has at least one row and one column")
    if size is not None and size[0] * size[1] > MAX_PIXELS:
        raise StyleError(
            f"a {what} has at most {MAX_PIXELS} pixels, and {size[1]}x{size[0]} has more"
        )


def reshape(alpha: Alpha, look: Style) -> Alpha:
    """The matte with the outline that is asked for, float32 (H, W)."""
    if look.min_area:
        alpha = morphology.drop_small(alpha, area=look.min_area)
    if look.largest:
        alpha = morphology.keep_largest(alpha)
    if look.grow:
        alpha = morphology.grow(alpha, pixels=look.grow)
    if look.threshold is not None:
        alpha = morphology.threshold(alpha, level=look.threshold)
    return morphology.feather(alpha, radius=look.feather) if look.feather else alpha


def person(cutout: "Cutout", look: Style) -> tuple[NDArray[Any], Alpha]:
    """Colours (h, w, 3) and alpha (h, w) as they are written: with shadow, cropped or framed."""
    pixels, alpha = _widen(cutout.foreground, cutout, look), _widened(cutout, look)
    if look.canvas is not None:
        pixels, alpha = canvas.place_on_canvas(pixels, alpha, size=look.canvas)
    if look.shadow:
        reach = max(alpha.shape) / 60
        offset = round(reach), round(reach / 2)
        pixels, alpha = effects.shadow(pixels, alpha, offset=offset, blur=max(0.5, reach))
    box = _box(cutout, look)
    if box is not None:
        pixels, alpha = pixels[box], alpha[box]
    if look.size is None or look.size == alpha.shape:
        return pixels, alpha
    return canvas.scale(pixels, alpha, look.size)


def composite(cutout: "Cutout", look: Style) -> NDArray[Any]:
    """The person before the background that is asked for, (h, w, 3)."""

    def blurred(radius: float) -> NDArray[Any]:
        whole = blur_behind(cutout.picture.pixels, cutout.alpha, radius=radius)
        whole = _widen(whole, cutout, look)
        box = _box(cutout, look)
        part = whole if box is None else np.ascontiguousarray(whole[box])
        return part if look.size is None else resize(part, look.size)

    pixels, alpha = person(cutout, look)
    return compose_over(pixels, alpha, look.background, blurred=blurred)


def _aspect(look: Style) -> float | None:
    return look.aspect if look.size is None else look.size[1] / look.size[0]


def _widen(pixels: NDArray[Any], cutout: "Cutout", look: Style) -> NDArray[Any]:
    """The picture, its edges continued where the window around the person lacks room."""
    aspect = _aspect(look)
    if aspect is None or look.fit == "cover":
        return pixels
    room = canvas.room_for(cutout.alpha, aspect=aspect, margin=look.crop or 0.0)
    return cv2.copyMakeBorder(pixels, *room, cv2.BORDER_REPLICATE) if any(room) else pixels


def _widened(cutout: "Cutout", look: Style) -> Alpha:
    """The matte of that; nobody is where the picture ends."""
    aspect = _aspect(look)
    if aspect is None or look.fit == "cover":
        return cutout.alpha
    room = canvas.room_for(cutout.alpha, aspect=aspect, margin=look.crop or 0.0)
    top, bottom, left, right = room
    return np.pad(cutout.alpha, ((top, bottom), (left, right))) if any(room) else cutout.alpha


def _box(cutout: "Cutout", look: Style) -> canvas.Block | None:
    """The window around the person that results show; None where they show the whole picture."""
    aspect = _aspect(look)
    if aspect is not None:
        return canvas.shaped_box(_widened(cutout, look), aspect=aspect, margin=look.crop)
    return None if look.crop is None else canvas.person_box(cutout.alpha, margin=look.crop)
