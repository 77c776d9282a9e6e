"""Kinds of output: one row each, with its name and what draws it."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from figureground.errors import StyleError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from figureground.jobs.cutout import Cutout
    from figureground.jobs.style import Style


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What can be made of a picture."""

    function: str  # draws it, of `jobs.drawing`: loaded when it is first needed
    transparent: bool = False  # whether the format has to hold transparency
    of_videos: bool = False  # whether a frame of a video becomes it, too

    def __call__(self, cutout: "Cutout", style: "Style") -> "NDArray[Any]":
        """Draw it: (h, w), (h, w, 3) or (h, w, 4), uint8 or uint16."""
        drawing = import_module("figureground.jobs.drawing")
        drawn: NDArray[Any] = getattr(drawing, self.function)(cutout, style)
        return drawn


OUTPUTS = {
    "cutout": Kind(function="draw_cutout", transparent=True, of_videos=True),
    "mask": Kind(function="draw_mask", of_videos=True),
    "composite": Kind(function="composite", of_videos=True),
    "side-by-side": Kind(function="draw_side_by_side", of_videos=True),
    "foreground": Kind(function="draw_foreground"),
    "mask16": Kind(function="draw_mask16"),
    "trimap": Kind(function="draw_trimap"),
    "outline": Kind(function="draw_outline", transparent=True),
}
VIDEO_KINDS = tuple(sorted(name for name, kind in OUTPUTS.items() if kind.of_videos))


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
