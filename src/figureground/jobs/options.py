"""What Python programs ask for, in the words of `figureground remove`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

from figureground.errors import StyleError
from figureground.jobs.backgrounds import WHITE, Background, Scene, as_background, read_background
from figureground.jobs.kinds import parse_kinds
from figureground.jobs.style import People, Point, Size, Style

if TYPE_CHECKING:
    from figureground.media.images import Source


class Edge(TypedDict, total=False):
    """What changes the matte; see `Style`."""

    feather: float
    grow: int
    threshold: float | None
    min_area: int
    people: "People | Sequence[Point]"  # all, largest, centre, or who is at points (X, Y)
    keep_mask: "Source | None"  # whose white lies on who is kept; of videos in the first frame


class Options(Edge, total=False):
    """What `remove` takes beside the image; see `Style`. Sizes are (rows, columns)."""

    background: "Source | Background | None"  # None or "transparent": nothing behind
    background_fit: str | None  # cover, contain or tile, of an image
    flip_background: bool
    shadow: bool
    crop: float | None
    canvas: Size | None
    aspect: float | None
    size: Size | None
    kind: str | None  # cutout, mask, ...; None is composite with a background, else cutout


def read_options(options: Mapping[str, Any]) -> tuple[Style, str]:
    """The look and the kind that are asked for.

    Raises:
        TypeError: an option is unknown.
        StyleError, ColorError, ImageError: one makes no sense, or cannot be read.
    """
    left = dict(options)
    given, kind = left.pop("background", None), left.pop("kind", None)
    fit, flip = left.pop("background_fit", None), left.pop("flip_background", False)
    clear = given is None or (isinstance(given, str) and given == "transparent")
    if clear and (fit or flip):
        raise StyleError("only an image is fitted or flipped; give one as background")
    behind = WHITE if clear else read_behind(given, fit=fit, flip=flip)
    look = Style(background=behind, **left)
    if kind is None:
        return look, "cutout" if clear else "composite"
    kinds = parse_kinds(kind)
    if len(kinds) != 1:
        raise StyleError(f"a result is of one kind, got {kind!r}")
    return look, kinds[0]


def read_behind(given: Any, *, fit: str | None, flip: bool) -> Background:
    """As `as_background`, fitted and mirrored. Raises StyleError where it is no image."""
    if isinstance(given, str):
        return read_background(given, fit=fit, flip=flip)
    found = as_background(given)
    if not (fit or flip):
        return found
    if not isinstance(found, Scene):
        raise StyleError(f"only an image is fitted or flipped, and {given!r} is none")
    return replace(found, fit=fit or found.fit, flip=flip or found.flip)
