"""What lies behind the person: a colour, a gradient, an image, or the own background blurred."""

import operator
import os
import re
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias

from figureground.errors import ColorError, StyleError

if TYPE_CHECKING:  # arrays, and what works on them, are loaded when there is an image
    from figureground.arrays import Rgb, Size

Color = tuple[int, int, int]  # red, green and blue, 0 to 255
WHITE = (255, 255, 255)
BLUR = 20.0  # pixels, where no radius is given
FITS = ("cover", "contain", "tile")  # fill all, show all on white, repeat


@dataclass(frozen=True, kw_only=True)
class Blur:
    """The image's own background, blurred."""

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
    """An image."""

    pixels: "Rgb"  # uint8 (h, w, 3)
    fit: str = "cover"  # one of FITS: fill all, show all on white, or repeat from the top left
    flip: bool = False  # left for right

    def __post_init__(self) -> None:
        if self.fit not in FITS:
            raise StyleError(f"a background is fitted by {', '.join(FITS)}, got {self.fit!r}")

    def at(self, size: "Size") -> "Rgb":
        """The image as it lies behind somebody, uint8 (*size, 3)."""
        from numpy import ascontiguousarray

        from figureground.matting.background import contain, cover, tile

        view = ascontiguousarray(self.pixels[:, ::-1] if self.flip else self.pixels)
        if self.fit == "contain":
            return contain(view, size, color=WHITE)
        return cover(view, size) if self.fit == "cover" else tile(view, size)


Background: TypeAlias = Color | Blur | Gradient | Scene
"""What may lie behind the person."""


def read_background(text: str, *, fit: str | None = None, flip: bool = False) -> Background:
    """`white`, `#00ff00`, `blur`, `blur:20`, `gradient:white,skyblue`, or the path of an image.

    Args:
        text: one of these.
        fit: how an image is fitted, one of FITS; cover if None.
        flip: whether it is mirrored.
    Raises:
        ColorError: it is none of these.
        StyleError: `fit` or `flip` is asked for, and it is no image; or a blur is not above 0.
        ImageError: the image cannot be read.
    """
    if os.path.isfile(text):
        return Scene(pixels=_read(text), fit=fit or "cover", flip=flip)
    try:
        found = parse_background(text)
    except ColorError as error:
        raise ColorError(f"{error}; and there is no image of that name") from error
    if fit or flip:
        raise StyleError(f"only an image is fitted or flipped, and {text!r} is none")
    return found


def as_background(given: Any) -> Background:
    """Turn a colour, text or image of a program into a background.

    Args:
        given: all that `read_background` takes, as text; the path, bytes, Pillow image or array of
            an image, as `read_image` takes it; a colour, three integers from 0 to 255; or a
            Background.
    Raises:
        ColorError: a text or a tuple that names no background.
        ImageError: an image that cannot be read.
    """
    if isinstance(given, str):
        return read_background(given)
    if isinstance(given, (Blur, Gradient, Scene)):
        return given
    if isinstance(given, tuple):
        return _color(given)
    return Scene(pixels=_read(given))


def _color(given: tuple[Any, ...]) -> Color:
    """Three integers of whatever type."""
    try:
        red, green, blue = map(operator.index, given)
    except (TypeError, ValueError):
        red = -1
    if not all(0 <= level <= 255 for level in given if red >= 0) or red < 0:
        raise ColorError(f"a colour is three integers from 0 to 255, got {given!r}")
    return (red, green, blue)


def _read(source: Any) -> "Rgb":
    from figureground.media.images import read_image

    return read_image(source).rgb


def parse_background(text: str) -> Color | Blur | Gradient:
    """A background that is no image: no file is looked for, whatever the text says.

    Raises:
        ColorError: it is none.
        StyleError: a blur is not above 0.
    """
    from figureground.matting.background import parse_color

    kind, colon, rest = text.partition(":")
    if kind == "blur":
        try:
            return Blur(radius=float(rest) if colon else BLUR)
        except ValueError as error:
            raise ColorError(f"blur takes pixels, as in blur:20, got {text!r}") from error
    if kind == "gradient":
        words = re.split(r",(?![^(]*\))", rest)  # not at the commas in rgb(...)
        return Gradient(colors=tuple(parse_color(word) for word in words))
    return parse_color(text)
