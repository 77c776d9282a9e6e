"""Which images belong to which masks. Only names are looked at; no image is opened."""

import os
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from figureground.datasets.locate import StoredNames
from figureground.datasets.manifest import MANIFESTS, read_manifest
from figureground.errors import DataError
from figureground.media.format_row import IMAGE
from figureground.media.formats import endings_of

SHOWN = 3  # names in an error
CONVERTED = "as `figureground data convert` makes of COCO, YOLO and others"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """An image and its mask."""

    name: str  # path below `images/`, without its ending, with forward slashes
    image: Path
    mask: Path


@dataclass(frozen=True, kw_only=True)
class Survey:
    """All that is there: pairs, and what is no pair."""

    place: Path
    pairs: tuple[Pair, ...]  # sorted by name
    without_mask: tuple[str, ...] = ()
    without_image: tuple[str, ...] = ()
    twins: Mapping[str, str] = field(default_factory=dict)  # as told: name that several files share


def find_pairs(place: Path) -> list[Pair]:
    """The pairs of a folder that holds `images/NAME.*` and `masks/NAME.*`, or of a manifest.

    Folders inside both are kept apart: `images/a/1.jpg` belongs to `masks/a/1.png`. Hidden files
    and folders, and files whose ending is no image's, are passed over. A manifest, `*.csv` or
    `*.jsonl`, names the files; see `read_manifest`.

    Returns: pairs, sorted by name.
    Raises:
        DataError: a folder is missing or empty, a partner is missing, or two files share a name.
    """
    found = survey(place)
    problems = []
    if found.without_mask:
        problems.append(f"no mask for {some(found.without_mask)}")
    if found.without_image:
        problems.append(f"no image for {some(found.without_image)}")
    if problems:
        raise DataError(f"{str(place)!r}: {'; '.join(problems)}; add what is missing")
    if found.twins:
        told = some(tuple(found.twins))
        raise DataError(f"{str(place)!r}: one name for two files, {told}; rename one")
    return list(found.pairs)


def survey(place: Path) -> Survey:
    """The pairs of a folder or manifest, as `find_pairs`, and what is no pair.

    Raises:
        DataError: there is no such folder or manifest, or nothing in it.
    """
    if place.is_dir():
        return _survey_folder(place)
    if place.suffix.lower() in MANIFESTS:
        return _survey_manifest(place)
    if not place.exists():
        raise DataError(f"there is no folder or manifest {str(place)!r}")
    raise DataError(
        f"{str(place)!r} is neither a folder that holds images/ and masks/ nor a manifest "
        f"({', '.join(MANIFESTS)}), {CONVERTED}"
    )


def some(names: tuple[str, ...]) -> str:
    """The first few names, and how many there are where those are not all."""
    more = f" … {len(names)} in all" if len(names) > SHOWN else ""
    return ", ".join(repr(name) for name in names[:SHOWN]) + more


def list_images(folder: Path) -> list[Path]:
    """The files below a folder that have an image's ending and are not hidden, sorted."""
    endings = endings_of(IMAGE)
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in endings
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.is_file()
    ]


def _survey_folder(folder: Path) -> Survey:
    sets = [path.parent.name for path in sorted(folder.glob("*/images"))]
    if sets and not (folder / "images").is_dir():
        raise DataError(f"{str(folder)!r} holds data sets, {some(tuple(sets))}; give one of them")
    images, twins = by_name(folder / "images")
    masks, more = by_name(folder / "masks")
    return Survey(
        place=folder,
        pairs=tuple(
            Pair(name=name, image=images[name], mask=masks[name])
            for name in sorted(images.keys() & masks.keys())
        ),
        without_mask=tuple(sorted(images.keys() - masks.keys())),
        without_image=tuple(sorted(masks.keys() - images.keys())),
        twins=twins | more,
    )


def by_name(place: Path) -> tuple[dict[str, Path], dict[str, str]]:
    """Images below a folder by their names without endings, and the names that several have.

    The latter by the words that tell them, with the files' endings.

    Raises:
        DataError: there is no such folder, or no image in it.
    """
    if not place.is_dir():
        raise DataError(
            f"there is no folder {str(place)!r}; data is DIR/images and DIR/masks, {CONVERTED}"
        )
    found: dict[str, Path] = {}
    twins: dict[str, str] = {}
    for path in list_images(place):
        name = _name_of(path.relative_to(place))
        if name in found:
            both = f"{found[name].suffix}, {path.suffix}"
            forms = ", in two Unicode forms" if found[name].suffix == path.suffix else ""
            twins[f"{place.name}/{name} ({both}{forms})"] = name
        found.setdefault(name, path)
    if not found:
        raise DataError(f"{str(place)!r} holds no images ({', '.join(sorted(endings_of(IMAGE)))})")
    return found, twins


def _name_of(path: Path) -> str:
    """A path without its ending, in the Unicode form of most systems (NFC): macOS has another."""
    return unicodedata.normalize("NFC", path.with_suffix("").as_posix())


def _survey_manifest(path: Path) -> Survey:
    """Names are paths below the folder that all images share; missing files are told apart."""
    stored = StoredNames()
    lines = [(stored.find(image), stored.find(mask)) for image, mask in read_manifest(path)]
    places = [image.absolute() for image, _ in lines]
    shared = os.path.commonpath([place.parent for place in places])
    names = [_name_of(place.relative_to(shared)) for place in places]
    there = [(image.is_file(), mask.is_file()) for image, mask in lines]
    return Survey(
        place=path,
        pairs=tuple(
            sorted(
                (
                    Pair(name=name, image=image, mask=mask)
                    for name, (image, mask), both in zip(names, lines, there, strict=True)
                    if all(both)
                ),
                key=lambda pair: pair.name,
            )
        ),
        without_mask=tuple(n for n, (_, mask) in zip(names, there, strict=True) if not mask),
        without_image=tuple(n for n, (image, _) in zip(names, there, strict=True) if not image),
        twins={name: name for name, count in Counter(names).items() if count > 1},
    )
