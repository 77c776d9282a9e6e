"""Other layouts to ours: `images/NAME.*` and `masks/NAME.png`, whole files only, none twice.

a layout's reader ──items──▶ convert ──▶ outcomes
"""

import os
import shutil
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

import cv2
import numpy as np

from figureground.arrays import Color, Mask, Rgb, Size
from figureground.datasets.masks import open_image_of
from figureground.datasets.pairs import list_pictures, some
from figureground.errors import DataError, FiguregroundError
from figureground.matting.background import cover, flat
from figureground.media.atomic import atomic, sweep
from figureground.media.decode import turn_upright
from figureground.media.encode import write_picture
from figureground.media.format_row import PICTURE
from figureground.media.formats import endings_of
from figureground.media.metadata import read_orientation
from figureground.media.paths import why_no_name
from figureground.media.pictures import read_picture

ROOMS = ("images", "masks")
COMPOSED = ".jpg"  # what pictures that did not exist before are written as


@dataclass(frozen=True, kw_only=True)
class Backdrop:
    """What cutouts are laid over: pictures, each of them as often as the others, or a colour."""

    color: Color = (128, 128, 128)
    pictures: tuple[Path, ...] = ()

    def at(self, name: str, size: Size) -> Rgb:
        """The background of a cutout, uint8 (*size, 3); the same for the same name."""
        if not self.pictures:
            return flat(self.color, size, depth=np.uint8)
        pick = zlib.crc32(name.encode()) % len(self.pictures)
        return cover(read_picture(self.pictures[pick]).rgb, size)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be taken from a data set."""

    classes: tuple[str, ...] = ()  # names of those that count as people; none: the usual ones
    images: Path | None = None  # where the pictures are, if not where they usually are
    empty: bool = False  # pictures without people too, with black masks
    backdrop: Backdrop = field(default_factory=Backdrop)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One picture to be converted."""

    name: str  # path below `images/`, without its ending
    source: Path  # the file that errors name; copied, if `draw` gives no picture
    draw: Callable[[], tuple[Rgb | None, Mask]]
    told: str = ""  # what errors say of it too, such as its number
    composed: bool = False  # whether `draw` gives a picture


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of an item."""

    name: str
    written: bool = False  # else it was there already, or failed
    error: str | None = None


def convert(items: Sequence[Item], out: Path) -> Iterator[Outcome]:
    """Write all items, several at a time; yields one outcome each, in order.

    What is there already, picture and mask, is left alone: a killed run goes on where it was.

    Raises:
        DataError: two items have one name.
    """
    counts = Counter(item.name for item in items)
    if twins := tuple(name for name, count in counts.items() if count > 1):
        raise DataError(f"several pictures would be called {some(twins)}; rename them")
    for folder in {(out / room / item.name).parent for item in items for room in ROOMS}:
        sweep(folder)
    with ThreadPoolExecutor() as pool:
        yield from pool.map(partial(_convert, out=out), items)


def _convert(item: Item, *, out: Path) -> Outcome:
    ending = COMPOSED if item.composed else item.source.suffix
    picture = out / "images" / f"{item.name}{ending}"
    mask = out / "masks" / f"{item.name}.png"
    if os.path.exists(picture) and os.path.exists(mask):
        return Outcome(name=item.name)
    try:
        _write(item, picture, mask)
    except FiguregroundError as error:
        return Outcome(name=item.name, error=f"{error}{item.told}")
    except (
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        OverflowError,
        AttributeError,
        OSError,
        RecursionError,
        MemoryError,
        cv2.error,
        zlib.error,
    ) as error:
        reason = f"{type(error).__name__}: {error}"
        return Outcome(
            name=item.name,
            error=f"the annotation of {str(item.source)!r}{item.told} is damaged ({reason[:120]})",
        )
    return Outcome(name=item.name, written=True)


def _write(item: Item, picture: Path, mask: Path) -> None:
    rgb, drawn = item.draw()
    if rgb is None:
        if item.source.suffix.lower() not in endings_of(PICTURE):
            raise DataError(f"{str(item.source)!r} has no ending of a picture; rename it")
        drawn = _upright(drawn, item.source)
        with atomic(picture) as part:
            shutil.copyfile(item.source, part)
    else:
        write_picture(rgb, picture)
    write_picture(drawn, mask)  # last: where a mask is, its picture is too


def _upright(mask: Mask, picture: Path) -> Mask:
    """A mask in the size of its upright picture; one drawn on the stored pixels is turned."""
    size = read_picture(picture).rgb.shape[:2]
    if mask.shape == size:
        return mask
    with open_image_of(picture, name=repr(str(picture))) as image:
        turned = turn_upright(mask, read_orientation(image))
    if turned.shape == size:
        return turned
    raise DataError(
        f"{str(picture)!r} is {size} but its annotation is for {mask.shape} (rows, columns); "
        "take the picture that was annotated"
    )


def safe_name(text: str) -> str:
    """A path from an annotation as a name, without its ending.

    Raises:
        DataError: it leads out of the folder, or is hidden.
    """
    if why := why_no_name(text):
        raise DataError(f"the name {text[:60]!r} {why}; rename the file")
    path = PurePosixPath(text.replace("\\", "/"))
    if path.is_absolute() or not path.name or any(part.startswith(".") for part in path.parts):
        raise DataError(f"the name {text!r} leads elsewhere or is hidden; rename the file")
    return path.with_suffix("").as_posix()


def item_of(
    name: str, source: Path, told: str, draw: Callable[[], tuple[Rgb | None, Mask]]
) -> Item:
    """A picture of an annotation; one whose name cannot be used fails alone, when it is drawn.

    Args:
        name: its path, as the annotation has it.
        source: where it is.
        told: what errors call its entry.
        draw: see `Item`.
    """
    try:
        return Item(name=safe_name(name), source=source, draw=draw, told=f" ({told})")
    except DataError as error:
        key = f"unnamed-{zlib.crc32(told.encode('utf-8', 'replace')):08x}"
        return Item(name=key, source=source, draw=partial(_refuse, error), told=f" ({told})")


def _refuse(error: DataError) -> tuple[None, Mask]:
    raise error


def find_backdrop(color: Color, folder: Path | None) -> Backdrop:
    """A colour, or all pictures of a folder. Raises DataError where it has none."""
    if folder is None:
        return Backdrop(color=color)
    pictures = tuple(list_pictures(folder)) if folder.is_dir() else ()
    if not pictures:
        raise DataError(f"there are no pictures in {str(folder)!r} to lay people over")
    return Backdrop(color=color, pictures=pictures)
