"""What can be written of a picture: each kind of output and how it is made."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from figureground.arrays import Color, Rgb
from figureground.errors import ColorError, PictureError
from figureground.jobs.remover import Cutout
from figureground.matting import compose
from figureground.matting.background import parse_color
from figureground.media.encode import write_picture
from figureground.media.paths import Task
from figureground.media.pictures import read_picture

WHITE = (255, 255, 255)


@dataclass(frozen=True, kw_only=True)
class Look:
    """What results shall look like."""

    background: Color | Rgb = WHITE  # behind the person in composites


def _cutout(cutout: Cutout, look: Look) -> NDArray[Any]:
    return cutout.pixels


def _composite(cutout: Cutout, look: Look) -> NDArray[Any]:
    return cutout.composite(look.background)


def _mask(cutout: Cutout, look: Look) -> NDArray[Any]:
    return compose.mask(cutout.alpha)


def _side_by_side(cutout: Cutout, look: Look) -> NDArray[Any]:
    return compose.side_by_side(cutout.picture.pixels, cutout.alpha)


OUTPUTS: dict[str, Callable[[Cutout, Look], NDArray[Any]]] = {
    "cutout": _cutout,
    "mask": _mask,
    "composite": _composite,
    "side-by-side": _side_by_side,
}


def read_background(text: str) -> Color | Rgb:
    """A colour as CSS writes it, or the path of a picture, uint8 (H, W, 3).

    Raises:
        ColorError: it is neither.
    """
    if Path(text).is_file():
        return read_picture(text).rgb
    try:
        return parse_color(text)
    except ColorError as error:
        raise ColorError(f"{error}; and there is no picture of that name") from error


def write_outputs(cutout: Cutout, task: Task, look: Look) -> None:
    """Write all that a task asks for. Raises PictureError where something cannot be written."""
    for kind, path in task.targets.items():
        write_picture(OUTPUTS[kind](cutout, look), path, like=cutout.picture)


def parse_kinds(text: str) -> tuple[str, ...]:
    """`cutout,mask` as a tuple. Raises PictureError at a word that is no kind of output."""
    kinds = tuple(dict.fromkeys(word.strip() for word in text.split(",")))
    for kind in kinds:
        if kind not in OUTPUTS:
            raise PictureError(f"there is no output {kind!r}; there are {', '.join(OUTPUTS)}")
    return kinds


def is_picture_name(path: Path) -> bool:
    """Whether an output path names one file, and not a folder for many."""
    return bool(path.suffix) and not path.is_dir()
