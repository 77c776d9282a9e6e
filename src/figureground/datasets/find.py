"""Which pictures belong to which masks. Only names are looked at; no file is opened."""

from dataclasses import dataclass
from pathlib import Path

from figureground.errors import DataError

SUFFIXES = {
    *(".avif", ".bmp", ".gif", ".heic", ".heif", ".jfif", ".jpe", ".jpeg", ".jpg"),
    *(".png", ".tif", ".tiff", ".webp"),
}
SHOWN = 3  # names in an error


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A picture and its mask."""

    name: str  # path below `images/`, without its ending, with forward slashes
    picture: Path
    mask: Path


def find_pairs(folder: Path) -> list[Pair]:
    """The pairs of a folder that holds `images/NAME.*` and `masks/NAME.*`, sorted by name.

    Folders inside both are kept apart: `images/a/1.jpg` belongs to `masks/a/1.png`. Hidden files
    and folders, and files whose ending is no picture's, are passed over.

    Raises:
        DataError: a folder is missing or empty, a partner is missing, or two files share a name.
    """
    pictures = _by_name(folder, "images")
    masks = _by_name(folder, "masks")
    problems = []
    if lonely := sorted(pictures.keys() - masks.keys()):
        problems.append(f"no mask for {_some(lonely)}")
    if lonely := sorted(masks.keys() - pictures.keys()):
        problems.append(f"no picture for {_some(lonely)}")
    if problems:
        raise DataError(f"{str(folder)!r}: {'; '.join(problems)}; add what is missing")
    return [Pair(name=name, picture=pictures[name], mask=masks[name]) for name in sorted(pictures)]


def _by_name(folder: Path, room: str) -> dict[str, Path]:
    place = folder / room
    if not place.is_dir():
        raise DataError(f"there is no folder {str(place)!r}; data is DIR/images and DIR/masks")
    found: dict[str, Path] = {}
    twins: list[str] = []
    for path in sorted(place.rglob("*")):
        below = path.relative_to(place)
        if path.suffix.lower() not in SUFFIXES or _is_hidden(below) or not path.is_file():
            continue
        name = below.with_suffix("").as_posix()
        if name in found:
            twins.append(f"{name} ({found[name].suffix}, {path.suffix})")
        found.setdefault(name, path)
    if twins:
        raise DataError(f"{str(place)!r}: one name for two files, {_some(twins)}; rename one")
    if not found:
        raise DataError(f"{str(place)!r} holds no pictures ({', '.join(sorted(SUFFIXES))})")
    return found


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _some(names: list[str]) -> str:
    """The first few names, and how many there are where those are not all."""
    more = f" … {len(names)} in all" if len(names) > SHOWN else ""
    return ", ".join(repr(name) for name in names[:SHOWN]) + more
