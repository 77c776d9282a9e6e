"""What results shall look like: the outline of the matte, what lies behind, how it is framed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Color, Rgb, Size
from figureground.errors import ColorError, LookError
from figureground.jobs.remover import Cutout
from figureground.matting import canvas, compose, effects, shape
from figureground.matting.background import cover, gradient, parse_color
from figureground.matting.blur import blur_behind
from figureground.media.pictures import read_picture

WHITE = (255, 255, 255)


@dataclass(frozen=True, kw_only=True)
class Blur:
    """The picture's own background, blurred."""

    radius: float  # standard deviation, pixels


@dataclass(frozen=True, kw_only=True)
class Gradient:
    """A change from colour to colour, from top to bottom."""

    colors: tuple[Color, ...]


Background: TypeAlias = "Color | Rgb | Blur | Gradient"
"""What may lie behind the person; a picture, uint8 (H, W, 3), is made to cover."""


@dataclass(frozen=True, kw_only=True)
class Look:
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

    def __post_init__(self) -> None:
        if self.feather < 0 or self.min_area < 0 or (self.crop or 0) < 0:
            raise LookError("feather, min-area and crop are 0 or more")
        if self.threshold is not None and not 0 < self.threshold < 1:
            raise LookError(f"threshold is between 0 and 1, got {self.threshold}")
        if isinstance(self.background, Blur) and self.background.radius <= 0:
            raise LookError(f"blur is above 0 pixels, got {self.background.radius}")
        if isinstance(self.background, Blur) and self.canvas is not None:
            raise LookError("a blurred background has no canvas; give a colour or a picture")
        if self.canvas is not None and min(self.canvas) < 1:
            raise LookError("a canvas has at least one row and one column")
        if self.canvas is not None and self.crop is not None:
            raise LookError("a canvas frames the person already; leave --crop out")


def reshape(alpha: Alpha, look: Look) -> Alpha:
    """The matte with the outline that is asked for, float32 (H, W)."""
    if look.min_area:
        alpha = shape.drop_small(alpha, area=look.min_area)
    if look.largest:
        alpha = shape.keep_largest(alpha)
    if look.grow:
        alpha = shape.grow(alpha, pixels=look.grow)
    if look.threshold is not None:
        alpha = shape.threshold(alpha, level=look.threshold)
    return shape.feather(alpha, radius=look.feather) if look.feather else alpha


def person(cutout: Cutout, look: Look) -> tuple[NDArray[Any], Alpha]:
    """Colours (h, w, 3) and alpha (h, w) as they are written: with shadow, cropped or framed."""
    pixels, alpha = cutout.foreground, cutout.alpha
    if look.canvas is not None:
        pixels, alpha = canvas.place_on_canvas(pixels, alpha, size=look.canvas)
    if look.shadow:
        reach = max(alpha.shape) / 60
        offset = round(reach), round(reach / 2)
        pixels, alpha = effects.shadow(pixels, alpha, offset=offset, blur=max(0.5, reach))
    box = _box(cutout, look)
    return (pixels, alpha) if box is None else (pixels[box], alpha[box])


def composite(cutout: Cutout, look: Look) -> NDArray[Any]:
    """The person before the background that is asked for, (h, w, 3)."""
    pixels, alpha = person(cutout, look)
    behind = look.background
    if isinstance(behind, Blur):
        blurred = blur_behind(cutout.picture.pixels, cutout.alpha, radius=behind.radius)
        box = _box(cutout, look)
        return compose.composite(pixels, alpha, blurred if box is None else blurred[box])
    if isinstance(behind, Gradient):
        size = alpha.shape[0], alpha.shape[1]
        return compose.composite(
            pixels, alpha, gradient(behind.colors, size, depth=pixels.dtype.type)
        )
    if isinstance(behind, np.ndarray):
        return compose.composite(pixels, alpha, cover(behind, (alpha.shape[0], alpha.shape[1])))
    return compose.composite(pixels, alpha, behind)


def _box(cutout: Cutout, look: Look) -> tuple[slice, slice] | None:
    return None if look.crop is None else canvas.person_box(cutout.alpha, margin=look.crop)


def read_background(text: str) -> Background:
    """`white`, `#00ff00`, `blur:20`, `gradient:white,skyblue`, or the path of a picture.

    Raises:
        ColorError: it is none of these.
        PictureError: the picture cannot be read.
    """
    if Path(text).is_file():
        return read_picture(text).rgb
    kind, _, rest = text.partition(":")
    if kind == "blur":
        try:
            return Blur(radius=float(rest))
        except ValueError as error:
            raise ColorError(f"blur takes pixels, as in blur:20, got {text!r}") from error
    if kind == "gradient":
        return Gradient(colors=tuple(parse_color(word) for word in rest.split(",")))
    try:
        return parse_color(text)
    except ColorError as error:
        raise ColorError(f"{error}; and there is no picture of that name") from error
