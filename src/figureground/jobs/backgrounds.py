"""What lies behind the person: a colour, a gradient, a picture, or the own background blurred."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Color, Rgb, Size
from figureground.errors import ColorError, StyleError
from figureground.matting import compositing
from figureground.matting.background import contain, cover, gradient, parse_color, tile
from figureground.matting.row_chunks import to_depth
from figureground.media.pictures import read_picture

WHITE = (255, 255, 255)
BLUR = 20.0  # pixels, where no radius is given
FITS: dict[str, Callable[[Rgb, Size], Rgb]] = {
    "cover": cover,
    "contain": lambda pixels, size: contain(pixels, size, color=WHITE),
    "tile": tile,
}


@dataclass(frozen=True, kw_only=True)
class Blur:
    """The picture's own background, blurred."""

    radius: float  # standard deviation, pixels

    def __post_init__(self) -> None:
        if not (isfinite(self.radius) and self.radius > 0):
            raise StyleError(f"blur is above 0 pixels, got {self.radius}")


@dataclass(frozen=True, kw_only=True)
class Gradient:
    """A change from colour to colour, from top to bottom."""

    colors: tuple[Color, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """A picture."""

    pixels: Rgb  # uint8 (h, w, 3)
    fit: str = "cover"  # one of FITS: fill all, show all on white, or repeat from the top left
    flip: bool = False  # left for right

    def __post_init__(self) -> None:
        if self.fit not in FITS:
            raise StyleError(f"a background is fitted by {', '.join(FITS)}, got {self.fit!r}")

    def at(self, size: Size) -> Rgb:
        """The picture as it lies behind somebody, uint8 (*size, 3)."""
        view = self.pixels[:, ::-1] if self.flip else self.pixels
        return FITS[self.fit](np.ascontiguousarray(view), size)


Background: TypeAlias = Color | Blur | Gradient | Scene
"""What may lie behind the person."""


def read_background(text: str, *, fit: str | None = None, flip: bool = False) -> Background:
    """`white`, `#00ff00`, `blur`, `blur:20`, `gradient:white,skyblue`, or the path of a picture.

    Args:
        text: one of these.
        fit: how a picture is fitted, one of FITS; cover if None.
        flip: whether it is mirrored.
    Raises:
        ColorError: it is none of these.
        StyleError: `fit` or `flip` is asked for, and it is no picture; or a blur is not above 0.
        PictureError: the picture cannot be read.
    """
    if os.path.isfile(text):
        return Scene(pixels=read_picture(text).rgb, fit=fit or "cover", flip=flip)
    found = _plain(text)
    if fit or flip:
        raise StyleError(f"only a picture is fitted or flipped, and {text!r} is none")
    return found


def as_background(given: Any) -> Background:
    """Return what is meant by what a program gives.

    Args:
        given: all that `read_background` takes, as text; the path, bytes, Pillow image or array of
            a picture, as `read_picture` takes it; a colour, three integers from 0 to 255; or a
            Background.
    Raises:
        ColorError: a text or a tuple that names no background.
        PictureError: a picture that cannot be read.
    """
    if isinstance(given, str):
        return read_background(given)
    if isinstance(given, (Blur, Gradient, Scene)):
        return given
    if isinstance(given, tuple):
        whole = all(isinstance(level, (int, np.integer)) and 0 <= level <= 255 for level in given)
        if len(given) != 3 or not whole:
            raise ColorError(f"a colour is three integers from 0 to 255, got {given!r}")
        return (int(given[0]), int(given[1]), int(given[2]))
    return Scene(pixels=read_picture(given).rgb)


def _plain(text: str) -> Color | Blur | Gradient:
    kind, colon, rest = text.partition(":")
    if kind == "blur":
        try:
            return Blur(radius=float(rest) if colon else BLUR)
        except ValueError as error:
            raise ColorError(f"blur takes pixels, as in blur:20, got {text!r}") from error
    if kind == "gradient":
        words = re.split(r",(?![^(]*\))", rest)  # not at the commas in rgb(...)
        return Gradient(colors=tuple(parse_color(word) for word in words))
    try:
        return parse_color(text)
    except ColorError as error:
        raise ColorError(f"{error}; and there is no picture of that name") from error


def compose_over(
    pixels: NDArray[Any],
    alpha: Alpha,
    background: Background,
    *,
    blurred: Callable[[float], NDArray[Any]],
) -> NDArray[Any]:
    """The person before a background, (H, W, 3) in the depth of `pixels`.

    Args:
        pixels: colours of the person, uint8 or uint16 (H, W, 3).
        alpha: float32 (H, W), 0 to 1.
        background: what lies behind.
        blurred: makes the picture's own background, (H, W, 3) in the depth of `pixels`, blurred by
            a radius in pixels, where that is asked for; it is written into.
    """
    if isinstance(background, tuple):
        return compositing.composite(pixels, alpha, background)
    size, depth = (alpha.shape[0], alpha.shape[1]), pixels.dtype.type
    if isinstance(background, Blur):
        behind = blurred(background.radius)
    elif isinstance(background, Gradient):
        behind = gradient(background.colors, size, depth=depth)
    else:
        behind = to_depth(background.at(size), depth)
    compositing.lay_over(pixels, alpha, behind)
    return behind
