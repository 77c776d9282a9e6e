"""COCO annotations: polygons and run lengths of people.

Sources: "Data format", cocodataset.org/#format-data; the packing of run lengths is that of
`rleFrString` in cocoapi, common/maskApi.c (Lin et al., BSD licence). Pixels count as inside a
polygon where their centres are; the reference differs by fractions of a pixel along edges.
"""

import json
import os
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Mask, Size
from figureground.datasets.convert import Item, Wanted, item_of, safe_name
from figureground.errors import DataError
from figureground.media.limits import MAX_PIXELS

PEOPLE = ("person",)
FARTHEST = 1e9  # coordinate of a corner, pixels
LONGEST_COUNT = 60  # bits of a packed run length


def read_coco(place: Path, wanted: Wanted) -> list[Item]:
    """The pictures of an annotation file, or of a folder with one in `annotations/`.

    Crowds count as people. Pictures are looked for beside the file, in `images/`, and in a folder
    called as the file is, say `train2017/` for `instances_train2017.json`.

    Raises:
        DataError: it is no such file, has no such class, or pictures are nowhere to be found.
    """
    path = _find_file(place)
    try:
        content = json.loads(path.read_text("utf-8"))
        classes = {entry["name"]: entry["id"] for entry in content["categories"]}
        people = {classes[name] for name in wanted.classes or PEOPLE if name in classes}
        parts: dict[Any, list[Any]] = defaultdict(list)
        for entry in content["annotations"]:
            if entry["category_id"] in people:
                parts[entry["image_id"]].append(entry["segmentation"])
        pictures = [(entry["id"], str(entry["file_name"]), entry) for entry in content["images"]]
        chosen = [entry for entry in pictures if wanted.empty or parts[entry[0]]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise DataError(f"cannot read {str(path)!r} as COCO annotations ({reason})") from error
    if not people:
        raise DataError(f"{str(path)!r} has no class for people; name one: --class {_or(classes)}")
    if not chosen:
        raise DataError(f"no picture of {str(path)!r} shows anybody; --empty takes it all the same")
    good = [name for _, name, _ in chosen if _is_safe(name)]
    folder = _find_pictures(path, good[0] if good else chosen[0][1], wanted.images)
    return [
        item_of(
            name, folder / name, f"{path.name}, id {number}", partial(_draw, parts[number], entry)
        )
        for number, name, entry in chosen
    ]


def _is_safe(name: str) -> bool:
    try:
        safe_name(name)
    except DataError:
        return False
    return True


def _draw(parts: list[Any], entry: dict[str, Any]) -> tuple[None, Mask]:
    size = (int(entry["height"]), int(entry["width"]))
    if min(size) < 1 or size[0] * size[1] > MAX_PIXELS:
        raise DataError(f"{entry['file_name']!r} is annotated as {size} (rows, columns)")
    covered = np.zeros(size, bool)
    for part in parts:
        covered |= _draw_part(part, size)
    return None, covered.astype(np.uint8) * np.uint8(255)


def _draw_part(part: Any, size: Size) -> NDArray[np.bool_]:
    if isinstance(part, dict):
        counts = part["counts"]
        lengths = unpack_counts(counts) if isinstance(counts, str) else counts
        return decode_runs(lengths, (part["size"][0], part["size"][1]), size)
    covered = np.zeros(size, bool)
    for polygon in part:
        points = np.array(polygon, np.float64).reshape(-1, 2)
        if not (np.abs(points) < FARTHEST).all():
            raise DataError(f"a corner of a polygon is no place in a picture: {str(polygon)[:60]}")
        covered |= fill_polygon(points, size)
    return covered


def unpack_counts(text: str) -> list[int]:
    """Run lengths from their text: five bits a letter, lowest first, differences to the last but
    one from the fourth on."""
    counts: list[int] = []
    value = shift = 0
    for letter in text.encode("ascii"):
        bits = letter - 48
        value |= (bits & 31) << shift
        shift += 5
        if shift > LONGEST_COUNT:
            raise DataError(f"a run length has more than {LONGEST_COUNT} bits")
        if bits & 32:  # more follows
            continue
        if bits & 16:  # negative
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = shift = 0
    return counts


def decode_runs(counts: list[int], runs_size: Size, size: Size) -> NDArray[np.bool_]:
    """Lengths of runs down the columns, by turns outside and inside, to (H, W).

    Raises:
        DataError: they are not those of a picture of this size.
    """
    pixels = size[0] * size[1]
    sane = all(type(count) is int and 0 <= count <= pixels for count in counts)
    if tuple(runs_size) != size or not sane or sum(counts) != pixels:  # Python's own never overflow
        raise DataError(f"run lengths are not those of {size} (rows, columns)")
    lengths = np.array(counts, np.int64)
    return np.repeat(np.arange(len(lengths)) % 2 == 1, lengths).reshape(size, order="F")


def fill_polygon(points: NDArray[np.float64], size: Size) -> NDArray[np.bool_]:
    """Pixels whose centres are inside by the even-odd rule, bool (H, W).

    points: (N, 2) of x and y; the pixel in the top left corner reaches from 0 to 1.
    """
    toggles = np.zeros((size[0], size[1] + 1), np.uint8)
    for (x, y), (to_x, to_y) in zip(points, np.roll(points, -1, axis=0), strict=True):
        low, high = np.clip(np.ceil(np.sort([y, to_y]) - 0.5), 0, size[0]).astype(int)
        rows = np.arange(low, high)  # whose centres the edge passes
        if len(rows):
            crossings = x + (rows + 0.5 - y) * (to_x - x) / (to_y - y)
            first = np.clip(np.ceil(crossings - 0.5), 0, size[1]).astype(int)
            toggles[rows, first] ^= 1
    return np.bitwise_xor.accumulate(toggles, axis=1)[:, :-1].astype(bool)


def _find_file(place: Path) -> Path:
    if place.is_file():
        return place
    found = sorted((place / "annotations").glob("*.json"))
    if len(found) != 1:
        raise DataError(
            f"{str(place)!r} has {len(found)} files in annotations/; give one of them in its place"
        )
    return found[0]


def _find_pictures(path: Path, first: str, images: Path | None) -> Path:
    """The folder that holds the first picture."""
    near = [path.parent, path.parent.parent]
    called = path.stem.rpartition("_")[2]
    places = [images] if images else [n / sub for n in near for sub in ("", "images", called)]
    for place in places:
        if os.path.isfile(place / first):
            return place
    raise DataError(
        f"cannot find {first!r}, the first picture of {str(path)!r}; say where the pictures are "
        "with --images DIR"
    )


def _or(classes: dict[str, Any]) -> str:
    return " or ".join(sorted(map(str, classes))[:8])
