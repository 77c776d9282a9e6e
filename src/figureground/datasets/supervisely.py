"""Supervisely projects: polygons, bitmaps and alpha masks of people.

Layout and figures as in "Supervisely annotation format", docs.supervisely.com: `DATASET/img/NAME`
and `DATASET/ann/NAME.json`; polygons as `supervisely/geometry/polygon.py` draws them, borders
included; bitmaps are a PNG, packed by zlib, in base 64.
"""

import base64
import glob
import re
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Mask, Size
from figureground.datasets.coco import size_of
from figureground.datasets.documents import read_json, some_classes
from figureground.datasets.items import Annotated, Item, Outline, Wanted, failing, item_of_image
from figureground.datasets.masks import check_mask_memory
from figureground.errors import DataError
from figureground.media.format_row import HEAD
from figureground.media.format_table import tell_format

PEOPLE = re.compile(r"(person|people|human|man|woman)([ _-].*)?", re.IGNORECASE)
IHDR_END = 33  # bytes of a PNG file until the end of its header
FARTHEST = 1e6  # coordinate of a corner, pixels
SPARE = 1 << 20  # pixels that a bitmap may have beyond those of its image
BITMAP_COST = 12  # bytes a pixel: RGBA of 16 bits and its levels
LARGEST = 64 << 20  # bytes that a bitmap's file may unpack to
FEWEST = 3  # corners of a polygon; a rectangle has two, and a line too


def read_supervisely(place: Path, wanted: Wanted) -> list[Item]:
    """The images of a project, or of one of its data sets.

    People are objects of the classes person, people, human, man or woman, or of these with a
    suffix, such as person_bmp. An annotation that cannot be read is an item that fails.

    Raises:
        DataError: there are no annotations, or none shows anybody.
    """
    seen: set[str] = set()
    files = [path for path in sorted(place.rglob("*.json")) if path.parent.name == "ann"]
    items = [item for path in files for item in _items(path, place, wanted, seen)]
    if not files:
        raise DataError(f"there are no annotations in {str(place)!r}: DATASET/ann/*.json")
    if not items:
        raise DataError(
            f"nobody is in {str(place)!r}; name the class of people: --class {some_classes(seen)}"
        )
    return items


def _items(path: Path, place: Path, wanted: Wanted, seen: set[str]) -> Iterator[Item]:
    """The item of an annotation, if it shows anybody or empty ones are taken.

    seen: gets the names of its classes.
    """
    told = path.relative_to(place).as_posix()
    try:
        size, figures = _read(path)
    except DataError as error:
        yield failing(told, path, error)
        return
    seen.update(str(figure["classTitle"])[:40] for figure in figures)
    people = [_outline(f) for f in figures if _counts(str(f["classTitle"]), wanted)]
    if people or wanted.empty:
        image = _image_of(path, wanted)
        name = (path.parent.parent.relative_to(place) / image.name).as_posix()
        yield item_of_image(Annotated(path=name, entry=told, size=size, people=people), image, name)


def _counts(title: str, wanted: Wanted) -> bool:
    return title in wanted.classes if wanted.classes else PEOPLE.fullmatch(title) is not None


def _read(path: Path) -> tuple[Size | None, list[dict[str, Any]]]:
    """Rows and columns of the image, and its objects."""
    content = read_json(path, kind="Supervisely's")
    try:
        figures = [dict(figure) for figure in content["objects"]]
        if not all("classTitle" in figure for figure in figures):
            raise KeyError("classTitle")
        return size_of(content["size"]["height"], content["size"]["width"]), figures
    except (ValueError, KeyError, TypeError) as error:
        reason = f"{type(error).__name__}: {error}"[:80]
        raise DataError(f"cannot read {str(path)!r} as Supervisely's ({reason})") from error


def _image_of(path: Path, wanted: Wanted) -> Path:
    """The image of an annotation: `img/a.jpg` of `ann/a.jpg.json`, or of `ann/a.json`."""
    folder = wanted.images or path.parent.parent / "img"
    exact = folder / path.stem
    if exact.is_file():
        return exact
    found = sorted(folder.glob(f"{glob.escape(path.stem)}.*"))
    return found[0] if len(found) == 1 else exact  # that it is missing is told when it is read


def _outline(figure: dict[str, Any]) -> Outline | None:
    """What draws an object; None where it is a box, a line or points, or has no corners."""
    if figure.get("bitmap"):
        soft = figure.get("geometryType") == "alpha_mask"
        return partial(_draw_bitmap, figure["bitmap"], soft)
    points: Any = figure.get("points")
    outer = points.get("exterior") if isinstance(points, dict) else points
    if figure.get("geometryType", "polygon") != "polygon" or not outer:
        return None
    if isinstance(outer, list) and len(outer) < FEWEST:
        return None
    return partial(_draw_polygon, points)


def _draw_polygon(points: dict[str, Any], size: Size) -> Mask:
    mask = np.zeros(size, np.uint8)
    outer, *holes = (_ring(ring) for ring in (points["exterior"], *points.get("interior", [])))
    cv2.fillPoly(mask, [outer], 255)
    if holes:
        cv2.fillPoly(mask, holes, 0)
    return mask


def _ring(points: Any) -> NDArray[np.int32]:
    """Corners as OpenCV takes them, int32 (N, 1, 2)."""
    ring = np.array(points, np.float64).reshape(-1, 1, 2)
    if not len(ring) or not (np.abs(ring) < FARTHEST).all():
        raise DataError(f"a polygon's corners are no places in an image: {str(points)[:60]}")
    return np.rint(ring).astype(np.int32)


def _decode(content: bytes, *, most: int) -> NDArray[Any] | None:
    """The pixels of a PNG of at most so many; None where there are none."""
    told = tell_format(content[:HEAD])
    if told is None or told.name != "PNG" or len(content) < IHDR_END:
        return None
    columns, rows = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    if rows * columns > most:
        raise DataError(f"a bitmap is {rows, columns} (rows, columns), far more than its image")
    check_mask_memory(rows * columns * BITMAP_COST)
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)


def _draw_bitmap(bitmap: dict[str, Any], soft: bool, size: Size) -> Mask:
    """Draw a bitmap where it belongs, uint8 (H, W); what juts out is cut off.

    Of a soft one the levels count, of others only whether they are above 0.
    """
    mask = np.zeros(size, np.uint8)
    packed = base64.b64decode(bitmap["data"])
    content = zlib.decompressobj().decompress(packed, LARGEST)
    if len(content) == LARGEST:
        raise DataError(f"a bitmap's file has {LARGEST} bytes or more")
    image = _decode(content, most=mask.size + SPARE)
    if image is None:
        raise DataError("a bitmap holds no image")
    figure = np.asarray(image[..., -1] if image.ndim == 3 else image, np.uint8)
    figure = figure if soft else (figure > 0).astype(np.uint8) * np.uint8(255)
    left, top = (int(value) for value in bitmap["origin"])
    if left < 0 or top < 0:
        raise DataError(f"a bitmap begins outside its image, at {left}, {top}")
    part = mask[top : top + figure.shape[0], left : left + figure.shape[1]]
    np.maximum(part, figure[: part.shape[0], : part.shape[1]], out=part)
    return mask
