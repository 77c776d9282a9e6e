"""Other layouts to ours: `images/NAME.*` and `masks/NAME.png`, whole files only, none twice.

a layout's reader ──items──▶ convert ──▶ outcomes
"""

import os
import shutil
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2

from figureground.arrays import Mask
from figureground.datasets.documents import reason_of
from figureground.datasets.items import TOLD, Item
from figureground.datasets.masks import open_image_of
from figureground.errors import DataError, FiguregroundError
from figureground.media.atomic import atomic, sweep
from figureground.media.encode import write_image
from figureground.media.format_row import IMAGE
from figureground.media.formats import endings_of
from figureground.media.images import read_image
from figureground.media.memory_budget import in_turn
from figureground.media.metadata import read_orientation, turn_upright

ROOMS = ("images", "masks")
COMPOSED = ".jpg"  # what images that did not exist before are written as
# What odd annotations raise where they are drawn: parts of other types, of absurd size or depth.
DAMAGE = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, OSError,
          RecursionError, MemoryError, cv2.error, zlib.error)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of an item."""

    name: str
    written: bool = False  # else it was there already, or failed
    error: str | None = None


def convert(items: Sequence[Item], out: Path) -> Iterator[Outcome]:
    """Write all items, several at a time; yields one outcome each, in order.

    What is there already, image and mask, is left alone: a killed run goes on where it was.
    Items that share a name fail, for nobody can tell whose mask would stay.
    """
    counts = Counter(item.name for item in items)
    for folder in {(out / room / item.name).parent for item in items for room in ROOMS}:
        sweep(folder)

    def write(item: Item) -> Outcome:
        return _refuse_twin(item) if counts[item.name] > 1 else _convert(item, out=out)

    with ThreadPoolExecutor() as pool:
        yield from pool.map(in_turn(write, lambda item: (item.source,)), items)


def _refuse_twin(item: Item) -> Outcome:
    called = f"several images would be called {item.name[:TOLD]!r}"
    return Outcome(name=item.name, error=f"{called}; rename all but one{item.told}")


def _convert(item: Item, *, out: Path) -> Outcome:
    ending = COMPOSED if item.composed else item.source.suffix
    image = out / "images" / f"{item.name}{ending}"
    mask = out / "masks" / f"{item.name}.png"
    if os.path.exists(image) and os.path.exists(mask):
        return Outcome(name=item.name)
    try:
        _write(item, image, mask)
    except FiguregroundError as error:
        return Outcome(name=item.name, error=f"{error}{item.told}")
    except DAMAGE as error:
        whose = f"the annotation of {str(item.source)!r}{item.told}"
        return Outcome(name=item.name, error=f"{whose} is damaged ({reason_of(error)})")
    return Outcome(name=item.name, written=True)


def _write(item: Item, image: Path, mask: Path) -> None:
    rgb, drawn = item.draw()
    if rgb is None:
        if item.source.suffix.lower() not in endings_of(IMAGE):
            raise DataError(f"{str(item.source)!r} has no ending of an image; rename it")
        drawn = _upright(drawn, item.source)
        with atomic(image) as part:
            shutil.copyfile(item.source, part)
    else:
        write_image(rgb, image)
    write_image(drawn, mask)  # last: where a mask is, its image is too


def _upright(mask: Mask, image: Path) -> Mask:
    """A mask in the size of its upright image; one drawn on the stored pixels is turned."""
    size = read_image(image).rgb.shape[:2]
    if mask.shape == size:
        return mask
    with open_image_of(image, name=repr(str(image))) as opened:
        turned = turn_upright(mask, read_orientation(opened))
    if turned.shape == size:
        return turned
    raise DataError(
        f"{str(image)!r} is {size} but its annotation is for {mask.shape} (rows, columns); "
        "take the image that was annotated"
    )
