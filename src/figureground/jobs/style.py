"""Style of results: the outline of the matte, the background, the framing; and how it is asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from figureground.errors import StyleError
from figureground.jobs.backgrounds import (
    WHITE,
    Background,
    Blur,
    Scene,
    as_background,
    read_background,
)
from figureground.jobs.kinds import parse_kinds
from figureground.media.limits import MAX_PIXELS

if TYPE_CHECKING:
    from figureground.jobs.job import Job  # which holds a style
    from figureground.media.images import Source

Size = tuple[int, int]  # rows and columns
Point: TypeAlias = tuple[float, float]  # column and row of a pixel, X, Y, from the top left
People: TypeAlias = Literal["all", "largest", "centre"] | tuple[Point, ...]
"""Whom to keep: a word, or who is at any of some points."""
FITS = ("contain", "cover")  # of a window around a person: the usual one first
WORDS = ("all", "largest", "centre")


@dataclass(frozen=True, kw_only=True)
class Style:
    """What is asked for beyond the matte itself."""

    background: Background = WHITE  # behind the person in composites
    feather: float = 0.0  # softens the outline; standard deviation, pixels
    grow: int = 0  # moves the outline outwards, inwards if negative; pixels
    threshold: float | None = None  # makes the matte hard at this level
    min_area: int = 0  # drops people of fewer pixels
    people: People = "all"  # who is kept of people who do not touch
    keep_mask: Any = field(default=None, metadata={"file": True})  # or whom its white lies on
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
            raise StyleError("a blurred background has no canvas; give a colour or an image")
        _check_size("canvas", self.canvas)
        if self.canvas is not None and self.reframes:
            raise StyleError(
                "a canvas frames the person already; leave --crop, --aspect and --size out"
            )
        self._check_window()
        self._check_people()

    def _check_people(self) -> None:
        """See that people are a word or points, which become tuples. Raises StyleError."""
        if isinstance(self.people, str):
            if self.people not in WORDS:
                raise StyleError(f"people are {', '.join(WORDS)} or points, got {self.people!r}")
        else:
            object.__setattr__(self, "people", _as_points(self.people))
        if self.keep_mask is not None and self.people != "all":
            raise StyleError("a mask to keep chooses people already; leave --people out")

    def _check_window(self) -> None:
        if self.fit not in FITS:
            raise StyleError(f"fit is {' or '.join(FITS)}, got {self.fit!r}")
        if self.fit != FITS[0] and self.aspect is None and self.size is None:
            raise StyleError("fit is of a size or an aspect; give one, or leave fit out")
        if self.aspect is not None and self.size is not None:
            raise StyleError("a size has an aspect already; leave --aspect out")
        if self.aspect is not None and not 0.01 <= self.aspect <= 100:
            raise StyleError(f"an aspect is between 1:100 and 100:1, got {self.aspect}")
        _check_size("size", self.size)

    @property
    def chooses(self) -> bool:
        """Whether some people are kept and others are not."""
        return self.keep_mask is not None or self.people != "all"

    @property
    def reshapes(self) -> bool:
        """Whether the matte changes before anything is made of it."""
        edge = self.feather, self.grow, self.threshold, self.min_area
        return edge != (0, 0, None, 0) or self.chooses

    @property
    def reframes(self) -> bool:
        """Whether results show a window around the person."""
        return any(wish is not None for wish in (self.crop, self.aspect, self.size))


def _as_points(given: Any) -> tuple[Point, ...]:
    try:
        points = tuple((float(x), float(y)) for x, y in given)
    except (TypeError, ValueError):
        points = ()
    if not points or not all(isfinite(side) for point in points for side in point):
        raise StyleError(f"people are points (X, Y) in pixels, got {given!r}")
    return points


def _check_size(what: str, size: Size | None) -> None:
    """See that something of that size can be made. Raises StyleError."""
    if size is not None and min(size) < 1:
        raise StyleError(f"a {what} has at least one row and one column")
    if size is not None and size[0] * size[1] > MAX_PIXELS:
        raise StyleError(
            f"a {what} has at most {MAX_PIXELS} pixels, and {size[1]}x{size[0]} has more"
        )


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


def read_style(job: "Job") -> Style:
    """The style of a job's results with what its files hold.

    Raises:
        FiguregroundError: a file cannot be read, or as `Style` does.
    """
    style = with_hint(job.style)
    if job.background is None:
        if job.background_fit or job.flip_background:
            read_behind("white", fit=job.background_fit, flip=job.flip_background)
        return style
    behind = read_behind(job.background, fit=job.background_fit, flip=job.flip_background)
    return replace(style, background=behind)


def with_hint(style: Style) -> Style:
    """A style with its mask to keep as an array, read once. Raises ImageError."""
    if style.keep_mask is None:
        return style
    from figureground.jobs.drawing import read_hint  # which loads OpenCV

    return replace(style, keep_mask=read_hint(style.keep_mask))
