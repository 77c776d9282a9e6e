"""Which pictures belong to which masks."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from figureground.errors import DataError

SUFFIXES = {".avif", ".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}
SHOWN = 3  # names in an error


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A picture and its mask."""

    name: str  # path below `images/`, without its ending
    picture: Path
    mask: Path


def find_pairs(folder: Path) -> list[Pair]:
    """The pairs of a folder that holds `images/NAME.*` and `masks/NAME.*`, sorted by name.

    Folders inside both are kept apart: `images/a/1.jpg` belongs to `masks/a/1.png`.

    Raises:
        DataError: a folder is missing or empty, a partner is missing, or two files share a name.
    """
    pictures = _by_name(folder / "images")
    masks = _by_name(folder / "masks")
    if lonely := sorted(pictures.keys() - masks.keys()):
        raise DataError(f"{str(folder)!r}: no mask for {_some(lonely)}; add it to masks/")
    if lonely := sorted(masks.keys() - pictures.keys()):
        raise DataError(f"{str(folder)!r}: no picture for {_some(lonely)}; add it to images/")
    return [Pair(name=name, picture=pictures[name], mask=masks[name]) for name in sorted(pictures)]


def _by_name(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise DataError(f"there is no folder {str(folder)!r}; data is DIR/images and DIR/masks")
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        name = path.relative_to(folder).with_suffix("").as_posix()
        if name in found:
            raise DataError(f"{str(path)!r} and {str(found[name])!r} share a name; rename one")
        found[name] = path
    if not found:
        raise DataError(f"{str(folder)!r} holds no pictures")
    return found


def _some(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(repr(name) for name in names[:SHOWN]) + more
