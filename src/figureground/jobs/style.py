"""Style of results: the outline of the matte, the background, the framing."""

from dataclasses import dataclass

from figureground.errors import StyleError
from figureground.jobs.backgrounds import WHITE, Background, Blur
from figureground.media.limits import MAX_PIXELS

Size = tuple[int, int]  # rows and columns


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
