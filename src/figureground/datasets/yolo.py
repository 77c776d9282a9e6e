"""YOLO segmentation: a text file of polygons for each image, in shares of its sides.

Source: "Instance segmentation datasets", docs.ultralytics.com; polygons as ultralytics 8.4 draws
them (`polygon2mask`, ultralytics/data/utils.py): corners cut to whole pixels, borders included.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from figureground.arrays import Mask, Size
from figureground.datasets.documents import as_object, read_yaml, reason_of, some_classes
from figureground.datasets.items import Annotated, Item, Outline, Wanted, failing, item_of_image
from figureground.datasets.pairs import list_images
from figureground.errors import DataError

LABELS, IMAGES = "labels", "images"
NAMES = ("classes.txt", "obj.names")  # a name a line, as Label Studio and labelImg write them
BOX = 4  # numbers of a box; a fifth is how sure a network was
FEWEST = 6  # numbers of a polygon
LARGEST = 64 << 20  # bytes of a file of labels


def fits(place: Path, _content: Any) -> bool:
    """Return whether a place has images and labels as YOLO has them, or is its YAML file."""
    if place.suffix.lower() in (".yaml", ".yml"):
        return place.is_file()
    return place.is_dir() and any(
        (folder.parent / IMAGES).is_dir() for folder in _label_folders(place)
    )


def _label_folders(place: Path) -> list[Path]:
    """The folders of labels: `labels/`, or `train/labels/` and the like."""
    return sorted(path for path in (*place.glob(LABELS), *place.glob(f"*/{LABELS}"))
                  if path.is_dir())  # fmt: skip


def read_yolo(place: Path, wanted: Wanted) -> list[Item]:
    """The images in `images/` and their polygons in `labels/`, at any depth the same.

    Names of classes are those of a `.yaml` file, or of `classes.txt`; without any, `--class` names
    numbers. An image without a file of labels shows nobody.

    Raises:
        DataError: there are no labels, no class is one of people, or nobody is there.
        ExtraError: there is a `.yaml` file, and what reads it is missing.
    """
    root = place if place.is_dir() else place.parent
    names = _names(place, root)
    people = {n for n, name in names.items() if wanted.counts(name)} | set(wanted.classes)
    if not people:
        named = some_classes(names.values()) or "0"
        raise DataError(f"{str(place)!r} has no class for people; name one: --class {named}")
    folders = _label_folders(root)
    if not folders:
        raise DataError(f"there are no labels in {str(root)!r}: labels/*.txt or */labels/*.txt")
    items = [item for folder in folders for item in _read_folder(folder, root, people, wanted)]
    if not items:
        raise DataError(f"no image of {str(root)!r} shows anybody; --empty takes it all the same")
    return items


def _names(place: Path, root: Path) -> dict[str, str]:
    """Names of classes by their numbers."""
    files = [place] if place.is_file() else sorted((*root.glob("*.yaml"), *root.glob("*.yml")))
    for path in files:
        names = as_object(read_yaml(path)).get("names")
        if isinstance(names, list):
            return {str(number): str(name) for number, name in enumerate(names)}
        if isinstance(names, dict):
            return {str(number): str(name) for number, name in names.items()}
    for path in (root / name for name in NAMES):
        if path.is_file():
            return {str(n): line.strip() for n, line in enumerate(_lines(path)) if line.strip()}
    return {}


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"it has more than {LARGEST} bytes")
        return path.read_text("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise DataError(f"cannot read {str(path)!r} as YOLO's ({reason_of(error)})") from error


def _read_folder(folder: Path, root: Path, people: set[str], wanted: Wanted) -> Iterator[Item]:
    """Yield the images beside a folder of labels; labels without an image fail."""
    images = wanted.images or folder.parent / IMAGES
    texts = {p.relative_to(folder).with_suffix("").as_posix(): p for p in folder.rglob("*.txt")}
    above = folder.parent.relative_to(root)
    for image in list_images(images) if images.is_dir() else []:
        below = image.relative_to(images)
        path = texts.pop(below.with_suffix("").as_posix(), None)
        told = (above / IMAGES / below if path is None else path.relative_to(root)).as_posix()
        try:
            rows = [] if path is None else [line.split() for line in _lines(path)]
        except DataError as error:
            yield failing(told, image, error)
            continue
        outlines = [_outline(row[1:]) for row in rows if row and _number(row[0]) in people]
        if outlines or wanted.empty:
            one = Annotated(path=str(below), entry=told, size=None, people=outlines)
            yield item_of_image(one, image, (above / below).as_posix())
    for name, path in sorted(texts.items()):
        if path.name not in NAMES:
            missing = DataError(f"there is no image {name[:60]!r} in {str(images)!r}")
            yield failing(path.relative_to(root).as_posix(), path, missing)


def _number(text: str) -> str:
    """A class's number without a fraction, which some programs write."""
    return text.removesuffix(".0")


def _outline(numbers: Sequence[str]) -> Outline | None:
    """What draws a row; None where it is a box."""
    if len(numbers) < FEWEST:
        return None if len(numbers) >= BOX else partial(_draw, list(numbers))
    return partial(_draw, list(numbers))


def _draw(numbers: list[str], size: Size) -> Mask:
    share = np.array(numbers, np.float64)
    if len(share) < FEWEST or len(share) % 2 or not ((share > -1) & (share < 2)).all():
        raise DataError(
            f"a polygon's corners are no shares of an image's sides: {' '.join(numbers)[:60]}"
        )
    corners = (share.reshape(-1, 2) * size[::-1]).astype(np.int32)
    mask = np.zeros(size, np.uint8)
    cv2.fillPoly(mask, [corners], 255)
    return mask
