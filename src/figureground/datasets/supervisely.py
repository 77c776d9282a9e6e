"""Supervisely projects: polygons, bitmaps and alpha masks of people.

Layout and figures as in "Supervisely annotation format", docs.supervisely.com: `DATASET/img/NAME`
and `DATASET/ann/NAME.json`; polygons as `supervisely/geometry/polygon.py` draws them, borders
included; bitmaps are a PNG, packed by zlib, in base 64.
"""

import base64
import glob
import json
import re
import zlib
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Mask, Size
from figureground.datasets.convert import Item, Wanted, item_of
from figureground.errors import DataError
from figureground.media.formats import tell_format
from figureground.media.limits import MAX_PIXELS
from figureground.media.signatures import HEAD

PEOPLE = re.compile(r"(person|people|human|man|woman)([ _-].*)?", re.IGNORECASE)
IHDR_END = 33  # bytes of a PNG file until the end of its header
FARTHEST = 1e6  # coordinate of a corner, pixels
MARGIN, SPARE = 4, 1 << 20  # a bitmap may have so many times its picture's pixels, and these
LARGEST = 64 << 20  # bytes that a bitmap's file may unpack to


def read_supervisely(place: Path, wanted: Wanted) -> list[Item]:
    """The pictures of a project, or of one of its data sets.

    People are objects of the classes person, people, human, man or woman, or of these with a
    suffix, such as person_bmp.

    Raises:
        DataError: there are no annotations, none shows anybody, or one cannot be read.
    """
    items, seen = [], set()
    for path in sorted(place.rglob("*.json")):
        if path.parent.name != "ann":
            continue
        content = _read(path)
        people = []
        for figure in content["objects"]:
            seen.add(str(figure["classTitle"]))
            if _counts(str(figure["classTitle"]), wanted):
                people.append(figure)
        if not people and not wanted.empty:
            continue
        picture = _picture_of(path, wanted)
        below = path.parent.parent.relative_to(place)
        items.append(
            item_of(
                (below / picture.name).as_posix(),
                picture,
                path.name,
                partial(_draw, people, content),
            )
        )
    if not seen and not items:
        raise DataError(f"there are no annotations in {str(place)!r}: DATASET/ann/*.json")
    if not items:
        raise DataError(
            f"nobody is in {str(place)!r}; name the class of people: "
            f"--class {' or '.join(sorted(seen))}"
        )
    return items


def _counts(title: str, wanted: Wanted) -> bool:
    return title in wanted.classes if wanted.classes else PEOPLE.fullmatch(title) is not None


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
        if not all("classTitle" in figure for figure in content["objects"]):
            raise KeyError("classTitle")
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise DataError(f"cannot read {str(path)!r} as Supervisely's ({reason})") from error
    return dict(content)


def _picture_of(path: Path, wanted: Wanted) -> Path:
    """The picture of an annotation: `img/a.jpg` of `ann/a.jpg.json`, or of `ann/a.json`."""
    folder = wanted.images or path.parent.parent / "img"
    exact = folder / path.stem
    if exact.is_file():
        return exact
    found = sorted(folder.glob(f"{glob.escape(path.stem)}.*"))
    return found[0] if len(found) == 1 else exact  # that it is missing is told when it is read


def _draw(people: list[dict[str, Any]], content: dict[str, Any]) -> tuple[None, Mask]:
    size = (int(content["size"]["height"]), int(content["size"]["width"]))
    if min(size) < 1 or size[0] * size[1] > MAX_PIXELS:
        raise DataError(f"a picture is annotated as {size} (rows, columns)")
    mask = np.zeros(size, np.uint8)
    for figure in people:
        if figure.get("bitmap"):
            _lay_bitmap(figure["bitmap"], mask, soft=figure.get("geometryType") == "alpha_mask")
        elif figure.get("points"):
            np.maximum(mask, _draw_polygon(figure["points"], size), out=mask)
        else:
            raise DataError(f"a {figure['classTitle']!r} is neither a polygon nor a bitmap")
    return None, mask


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
        raise DataError(f"a polygon's corners are no places in a picture: {points}")
    return np.rint(ring).astype(np.int32)


def _decode(content: bytes, *, most: int) -> NDArray[Any] | None:
    """The pixels of a PNG of at most so many; None where there are none."""
    told = tell_format(content[:HEAD])
    if told is None or told.name != "PNG" or len(content) < IHDR_END:
        return None
    columns, rows = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    if rows * columns > most:
        raise DataError(f"a bitmap is {rows, columns} (rows, columns), far more than its picture")
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)


def _lay_bitmap(bitmap: dict[str, Any], mask: Mask, *, soft: bool) -> None:
    """Draw a bitmap into a mask where it belongs; what juts out is cut off.

    Of a soft one the levels count, of others only whether they are above 0.
    """
    packed = base64.b64decode(bitmap["data"])
    content = zlib.decompressobj().decompress(packed, LARGEST)
    if len(content) == LARGEST:
        raise DataError(f"a bitmap's file has {LARGEST} bytes or more")
    image = _decode(content, most=MARGIN * mask.size + SPARE)
    if image is None:
        raise DataError("a bitmap holds no picture")
    figure = np.asarray(image[..., -1] if image.ndim == 3 else image, np.uint8)
    figure = figure if soft else (figure > 0).astype(np.uint8) * np.uint8(255)
    left, top = (int(value) for value in bitmap["origin"])
    if left < 0 or top < 0:
        raise DataError(f"a bitmap begins outside its picture, at {left}, {top}")
    part = mask[top : top + figure.shape[0], left : left + figure.shape[1]]
    np.maximum(part, figure[: part.shape[0], : part.shape[1]], out=part)
