"""COCO annotations: polygons and run lengths of people. Roboflow's exports are of this kind too.

Source: "Data format", cocodataset.org/#format-data. Pixels are those that COCO's own reference
fills, see `outlines`.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from figureground.arrays import Mask, Size
from figureground.datasets.documents import as_list, as_object, read_json, reason_of, some_classes
from figureground.datasets.items import (
    TOLD,
    Annotated,
    Item,
    NobodyError,
    Outline,
    Wanted,
    failing,
    items_of,
)
from figureground.datasets.outlines import corners, decode_runs, fill_polygon, unpack_counts
from figureground.errors import DataError

ROBOFLOW = "_annotations.coco.json"  # one in each of the folders train, valid and test
FEWEST = 6  # numbers of a polygon


def fits(place: Path, content: Any) -> bool:
    """Return whether JSON, given as its content, is COCO's, or a folder holds such files."""
    if place.is_dir():
        folders = (place.glob(ROBOFLOW), place.glob(f"*/{ROBOFLOW}"))
        if any(any(found) for found in (*folders, (place / "annotations").glob("*.json"))):
            return True
    return {"images", "annotations"} <= as_object(content).keys()


def read_coco(place: Path, wanted: Wanted) -> list[Item]:
    """The images of an annotation file, or of a folder with one in it or in `annotations/`.

    A folder of Roboflow's has one in each of its parts; all are read, and one that cannot be is an
    item that fails. Crowds count as people. Images are looked for beside the file, in `images/`,
    and in a folder called as the file is, say `train2017/` for `instances_train2017.json`.

    Raises:
        DataError: it is no such file, has no such class, or images are nowhere to be found.
    """
    files = find_files(place)
    if len(files) == 1:
        return _read_file(files[0], wanted)
    items: list[Item] = []
    refused: list[tuple[Path, DataError]] = []
    for path in files:
        try:
            items += [item.below(f"{path.parent.name}/") for item in _read_file(path, wanted)]
        except DataError as error:
            refused.append((path, error))
    if not items:
        raise refused[0][1]
    broken = [(path, error) for path, error in refused if not isinstance(error, NobodyError)]
    return items + [
        failing(path.relative_to(place).as_posix(), path, error) for path, error in broken
    ]


def find_files(place: Path) -> list[Path]:
    """The annotation files of a folder; or the file itself. Raises DataError where there is none."""
    if place.is_file():
        return [place]
    if parts := sorted([*place.glob(ROBOFLOW), *place.glob(f"*/{ROBOFLOW}")]):
        return parts
    found = sorted((place / "annotations").glob("*.json")) or sorted(place.glob("*.json"))
    if len(found) != 1:
        raise DataError(
            f"{str(place)!r} has {len(found)} files of annotations; give one of them in its place"
        )
    return found


def _read_file(path: Path, wanted: Wanted) -> list[Item]:
    content = read_json(path, kind="COCO annotations")
    try:
        classes = [(str(e["name"]), _key(e["id"])) for e in map(as_object, content["categories"])
                   if "name" in e and "id" in e]  # fmt: skip
        people = {number for name, number in classes if wanted.counts(name)}
        parts = _people_by_image(content["annotations"], people)
        entries = [as_object(entry) for entry in content["images"]]
    except (KeyError, TypeError, AttributeError) as error:
        reason = reason_of(error)
        raise DataError(f"cannot read {str(path)!r} as COCO annotations ({reason})") from error
    if not people:
        names = some_classes(name for name, _ in classes)
        raise DataError(f"{str(path)!r} has no class for people; name one: --class {names}")
    images = [_annotated(entry, parts, path) for entry in entries]
    near = [path.parent, path.parent.parent]
    called = path.stem.rpartition("_")[2]
    places = [folder / sub for folder in near for sub in ("", "images", called, f"images/{called}")]
    return items_of(images, places, wanted, of=path)


def _key(number: Any) -> str:
    """A number of an image or class; some files have it as text in one place only."""
    whole = isinstance(number, float) and number.is_integer()
    return str(int(number) if whole else number)


def _people_by_image(entries: Any, people: set[str]) -> dict[str, list[Any]]:
    parts: dict[str, list[Any]] = defaultdict(list)
    for entry in map(as_object, as_list(entries)):
        if _key(entry.get("category_id")) in people:
            parts[_key(entry.get("image_id"))].append(entry.get("segmentation"))
    return parts


def _annotated(entry: dict[str, Any], parts: dict[str, list[Any]], path: Path) -> Annotated:
    number = entry.get("id")
    return Annotated(
        path=str(entry.get("file_name", "")),
        entry=f"{path.name}, id {str(number)[:40]}, {str(entry.get('file_name'))[-TOLD:]!r}",
        size=size_of(entry.get("height"), entry.get("width")),
        people=[_outline(part) for part in parts.get(_key(number), ())],
    )


def size_of(height: Any, width: Any) -> Size | None:
    """Rows and columns of an image as annotated; None where they are not."""
    if not height and not width:
        return None
    try:
        return (int(height), int(width))
    except (TypeError, ValueError, OverflowError):
        return (-1, -1)  # no image's: told when it is drawn


def _outline(part: Any) -> Outline | None:
    """What draws a segmentation; None where there is a box only, or nothing is inside."""
    if isinstance(part, dict):
        return partial(_draw_runs, part) if _has_inside(part) else None
    if part is None or not isinstance(part, list):
        return None if not part else partial(_refuse, part)
    flat = bool(part) and isinstance(part[0], int | float)
    polygons = [part] if flat else part
    polygons = [p for p in polygons if not isinstance(p, list) or len(p) >= FEWEST]
    return partial(draw_polygons, polygons) if polygons else None


def _refuse(part: Any, _size: Size) -> Mask:
    raise DataError(f"a segmentation is neither polygons nor run lengths: {str(part)[:60]}")


def _has_inside(runs: dict[str, Any]) -> bool:
    """Return whether run lengths hold any pixel; damaged ones do, and are told when drawn."""
    try:
        counts = runs["counts"]
        lengths = unpack_counts(counts) if isinstance(counts, str) else counts
        return any(lengths[1::2]) or sum(lengths) != runs["size"][0] * runs["size"][1]
    except (DataError, ValueError, TypeError, LookupError):
        return True


def _draw_runs(runs: dict[str, Any], size: Size) -> Mask:
    counts = runs["counts"]
    lengths = unpack_counts(counts) if isinstance(counts, str) else counts
    inside = decode_runs(lengths, (runs["size"][0], runs["size"][1]), size)
    return inside.astype(np.uint8) * np.uint8(255)


def draw_polygons(polygons: Iterable[Any], size: Size) -> Mask:
    """All pixels that are in one of some polygons, uint8 (H, W), 0 or 255."""
    mask = np.zeros(size, np.uint8)
    for polygon in polygons:
        np.maximum(mask, fill_polygon(corners(polygon, size), size), out=mask)
    return mask
