"""What converts: images of a data set in another layout, and the people that it outlines.

a layout's reader ──annotated images──▶ items_of ──items──▶ convert
"""

import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeAlias
from unicodedata import normalize

import numpy as np

from figureground.arrays import Color, Mask, Rgb, Size
from figureground.datasets.locate import Locator
from figureground.datasets.masks import check_mask_memory, upright_size
from figureground.datasets.pairs import list_images, some
from figureground.errors import DataError
from figureground.matting.background import cover, flat
from figureground.media.images import read_image
from figureground.media.limits import MAX_PIXELS
from figureground.media.paths import why_no_name

PEOPLE = re.compile("person|people|human|man|woman", re.IGNORECASE)
MASK_COST = 5  # bytes a pixel: what is covered, one person, and its drawing
TOLD = 60  # characters of a name in an error


@dataclass(frozen=True, kw_only=True)
class Backdrop:
    """What cutouts are laid over: images, each of them as often as the others, or a colour."""

    color: Color = (128, 128, 128)
    images: tuple[Path, ...] = ()

    def at(self, name: str, size: Size) -> Rgb:
        """The background of a cutout, uint8 (*size, 3); the same for the same name."""
        if not self.images:
            return flat(self.color, size, depth=np.uint8)
        pick = zlib.crc32(name.encode(errors="surrogatepass")) % len(self.images)
        return cover(read_image(self.images[pick]).rgb, size)


def find_backdrop(color: Color, folder: Path | None) -> Backdrop:
    """A colour, or all images of a folder. Raises DataError where it has none."""
    if folder is None:
        return Backdrop(color=color)
    images = tuple(list_images(folder)) if folder.is_dir() else ()
    if not images:
        raise DataError(f"there are no images in {str(folder)!r} to lay people over")
    return Backdrop(color=color, images=images)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be taken from a data set."""

    classes: tuple[str, ...] = ()  # names of those that count as people; none: the usual ones
    images: Path | None = None  # where the images are, if not where they usually are
    empty: bool = False  # images without people too, with black masks
    backdrop: Backdrop = field(default_factory=Backdrop)

    def counts(self, title: str) -> bool:
        """Return whether a class is one of people."""
        if not self.classes:
            return PEOPLE.fullmatch(title) is not None
        return normalize("NFC", title) in {normalize("NFC", name) for name in self.classes}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One image to be converted."""

    name: str  # path below `images/`, without its ending
    source: Path  # the file that errors name; copied, if `draw` gives no image
    draw: Callable[[], tuple[Rgb | None, Mask]]
    told: str = ""  # what errors say of it too, such as its number
    composed: bool = False  # whether `draw` gives an image
    people: int = 0  # who are annotated
    unoutlined: int = 0  # of these, who have a box only or an empty outline

    def below(self, folder: str) -> "Item":
        """The same with its name in a folder, which ends in `/` or is empty."""
        return replace(self, name=f"{folder}{self.name}")


Outline: TypeAlias = Callable[[Size], Mask]
"""Draws one person: takes (rows, columns), returns uint8 (H, W), 0 to 255."""


@dataclass(frozen=True, kw_only=True)
class Annotated:
    """An image as an annotation has it."""

    path: str  # as it is written there
    entry: str  # what errors call it, such as its file and number
    size: Size | None  # as annotated; None is the size of the upright image
    people: Sequence[Outline | None]  # None has no outline
    also: str = ""  # another path to look for


def one_of_group(figures: Iterable[tuple[str | None, Outline | None]]) -> list[Outline | None]:
    """Outlines of figures, without boxes and points of a group in which another has an outline.

    figures: the group of each, None where it is alone, and its outline.
    """
    listed = list(figures)
    drawn = {group for group, outline in listed if group is not None and outline is not None}
    return [outline for group, outline in listed if outline is not None or group not in drawn]


class NobodyError(DataError):
    """No image of an annotation shows anybody."""


def items_of(
    images: Iterable[Annotated], places: Sequence[Path], wanted: Wanted, *, of: Path
) -> list[Item]:
    """The annotated images as items, those that show nobody only if they are wanted.

    An image is looked for below each of `places`, by its whole path as annotated and then by
    ever less of it, to its name alone. One whose name cannot be used fails alone, when it is drawn.

    of: the annotation, for errors.
    Raises:
        NobodyError: no image shows anybody.
        DataError: none can be found.
    """
    chosen = [one for one in images if wanted.empty or one.people]
    if not chosen:
        raise NobodyError(f"no image of {str(of)!r} shows anybody; --empty takes it all the same")
    locator = Locator([wanted.images] if wanted.images else places)
    found = [locator.find(one.path) or locator.find(one.also) for one in chosen]
    if not any(found):
        raise DataError(
            f"cannot find {chosen[0].path[:TOLD]!r}, the first image of {str(of)!r}; say where "
            "the images are with --images DIR"
        )
    return [_item(one, place) for one, place in zip(chosen, found, strict=True)]


def _item(one: Annotated, place: tuple[Path, str] | None) -> Item:
    if place is None:
        return failing(one.entry, Path(one.path.replace("\0", "")), _missing(one.path))
    return item_of_image(one, *place)


def item_of_image(one: Annotated, source: Path, name: str) -> Item:
    """The item of an annotated image; one whose name cannot be used fails alone.

    Args:
        one: what is annotated.
        source: its file.
        name: what it shall be called, with an ending.
    """
    item = Item(
        name=name, source=source, draw=partial(_draw, one, source), told=f" ({one.entry})",
        people=len(one.people), unoutlined=sum(person is None for person in one.people),
    )  # fmt: skip
    try:
        return replace(item, name=safe_name(name))
    except DataError as error:
        return failing(one.entry, source, error)


def _missing(path: str) -> DataError:
    return DataError(f"there is no image {path[:TOLD]!r}; --images DIR says where they are")


def _draw(one: Annotated, source: Path) -> tuple[None, Mask]:
    size = check_annotated(one.size, source)
    check_mask_memory(size[0] * size[1] * MASK_COST)
    mask = np.zeros(size, np.uint8)
    for person in one.people:
        if person is not None:
            np.maximum(mask, person(size), out=mask)
    return None, mask


def check_annotated(size: Size | None, source: Path) -> Size:
    """The size to draw on, as annotated or, where it is not, of the upright image.

    Raises:
        DataError: it is not that of the image, upright or as stored; so nothing is drawn that is
            larger than an image may be.
    """
    upright = upright_size(source)
    if upright[0] * upright[1] > MAX_PIXELS:
        raise DataError(f"{str(source)!r} has more than {MAX_PIXELS} pixels")
    if size is None:
        return upright
    if size not in (upright, upright[::-1]):
        raise DataError(
            f"{str(source)!r} is {upright} but its annotation is for {str(size)[:TOLD]} (rows, "
            "columns); take the image that was annotated"
        )
    return size


def safe_name(text: str) -> str:
    """A path from an annotation as a name, without its ending.

    Raises:
        DataError: it leads out of the folder, or is hidden.
    """
    if why := why_no_name(text):
        raise DataError(f"the name {text[:TOLD]!r} {why}; rename the file")
    path = PurePosixPath(text.replace("\\", "/"))
    if path.is_absolute() or not path.name or any(part.startswith(".") for part in path.parts):
        raise DataError(f"the name {text[:TOLD]!r} leads elsewhere or is hidden; rename the file")
    return path.with_suffix("").as_posix()


def failing(told: str, source: Path, error: DataError) -> Item:
    """An item that cannot be converted: it fails alone, when it is drawn.

    told: what errors call its entry; no other item's.
    """
    key = f"unnamed-{zlib.crc32(told.encode('utf-8', 'replace')):08x}"
    return Item(name=key, source=source, draw=partial(_refuse, error), told=f" ({told})")


def _refuse(error: DataError) -> tuple[None, Mask]:
    raise error


def leave_out_unoutlined(items: Sequence[Item], *, of: Path) -> tuple[list[Item], list[Item]]:
    """Part items into those where everybody has an outline and the others.

    A mask without some of the people in its image would teach that they are background.

    Raises:
        DataError: there is none of the first.
    """
    whole = [item for item in items if not item.unoutlined]
    others = [item for item in items if item.unoutlined]
    if not whole:
        raise DataError(
            f"in every image of {str(of)!r} somebody has no outline, but a box only or an empty "
            f"one: {some(tuple(item.name[:TOLD] for item in others))}; outline them, or take the "
            "images with --incomplete"
        )
    return whole, others
