"""Kinds of output: one row each, with its name and what draws it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from figureground.errors import StyleError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from figureground.jobs.cutout import Cutout
    from figureground.jobs.frame_drawing import Drawn, MattedFrame
    from figureground.jobs.style import Style


class Kind(NamedTuple):
    """What can be made of an image, and of a frame of a video."""

    image: str  # what draws it, of `jobs.drawing`: loaded when it is first needed
    frame: str | None = None  # what draws it of a frame, of `jobs.frame_drawing`; None: nothing
    transparent: bool = False  # whether the format has to hold transparency
    pair: bool = False  # whether the source stands beside it, so that it is twice as wide

    def __call__(self, cutout: "Cutout", style: "Style") -> "NDArray[Any]":
        """Draw it: (h, w), (h, w, 3) or (h, w, 4), uint8 or uint16."""
        drawing = import_module("figureground.jobs.drawing")
        drawn: NDArray[Any] = getattr(drawing, self.image)(cutout, style)
        return drawn

    def of_frame(self, matted: "MattedFrame") -> "Drawn":
        """Draw it of a frame."""
        drawing = import_module("figureground.jobs.frame_drawing")
        drawn: Drawn = getattr(drawing, self.frame or "")(matted)
        return drawn


OUTPUTS = {
    "cutout": Kind(image="draw_cutout", frame="draw_cutout", transparent=True),
    "mask": Kind(image="draw_mask", frame="draw_mask"),
    "composite": Kind(image="composite", frame="draw_composite"),
    "side-by-side": Kind(image="draw_side_by_side", frame="draw_side_by_side", pair=True),
    "foreground": Kind(image="draw_foreground"),
    "mask16": Kind(image="draw_mask16"),
    "trimap": Kind(image="draw_trimap"),
    "outline": Kind(image="draw_outline", transparent=True),
}


def video_kinds() -> tuple[str, ...]:
    """The kinds that a video can become, by name."""
    return tuple(sorted(name for name, kind in OUTPUTS.items() if kind.frame is not None))


def parse_kinds(text: str) -> tuple[str, ...]:
    """`cutout,mask` as a tuple. Raises StyleError at a word that is no kind of output."""
    kinds = tuple(dict.fromkeys(word.strip() for word in text.split(",")))
    check_kinds(kinds)
    return kinds


def check_kinds(kinds: tuple[str, ...]) -> None:
    """Raise StyleError at a word that is no kind of output."""
    for kind in kinds:
        if kind not in OUTPUTS:
            raise StyleError(f"there is no output {kind!r}; there are {', '.join(OUTPUTS)}")
