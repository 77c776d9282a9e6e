"""Label Studio: polygons, ellipses and brush strokes of its JSON and JSON-MIN exports.

Sources: label_studio_sdk 2.1 (HumanSignal, Apache 2.0), `converter/converter.py` (polygons in
percent, which COCO's reference then fills) and `converter/brush.py`: the packing of brush strokes is
that of @thi.ng/rle-pack (Schmidt, Apache 2.0).
"""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Mask, Size
from figureground.datasets.coco import size_of
from figureground.datasets.documents import as_list, as_object, read_json
from figureground.datasets.items import Annotated, Item, Outline, Wanted, items_of
from figureground.datasets.outlines import corners, ellipse_corners, fill_polygon
from figureground.errors import DataError
from figureground.media.format_row import IMAGE
from figureground.media.formats import endings_of

UPLOADED = re.compile(r"[0-9a-f]{8}-")  # what an upload puts before a name
CHANNELS = 4  # of a brush stroke; the last is what is covered
PERCENT = 100


def fits(place: Path, content: Any) -> bool:
    """Return whether a JSON file, given as its content, is an export of Label Studio."""
    tasks = [as_object(task) for task in content] if isinstance(content, list) else []
    return (
        bool(tasks)
        and place.is_file()
        and (
            {"data", "annotations"} <= tasks[0].keys()
            or {"data", "completions"} <= tasks[0].keys()
            or {"id", "annotator", "annotation_id"} <= tasks[0].keys()
        )
    )


def read_label_studio(place: Path, wanted: Wanted) -> list[Item]:
    """The images of an export, JSON or JSON-MIN.

    Of several annotations of an image the last counts that was neither skipped nor is empty.

    Raises:
        DataError: it is no such file, nobody is in it, or no image can be found.
    """
    content = read_json(place, kind="Label Studio's")
    if not fits(place, content):
        raise DataError(f"{str(place)!r} is no JSON export of Label Studio; export as JSON")
    images = [_annotated(as_object(task), place, wanted) for task in content]
    near = [place.parent, place.parent / "images"]
    return items_of(images, near, wanted, of=place)


def _annotated(task: dict[str, Any], place: Path, wanted: Wanted) -> Annotated:
    regions = list(_regions(task))
    people = [region for region in regions if any(map(wanted.counts, _titles(region)))]
    sizes = (size_of(r.get("original_height"), r.get("original_width")) for r in regions)
    called = _path_of(task)
    return Annotated(
        path=called,
        entry=f"{place.name}, task {str(task.get('id'))[:40]}",
        size=next((size for size in sizes if size), None),
        people=[_outline(region) for region in people],
        also=UPLOADED.sub("", called.rpartition("/")[2], count=1),
    )


def _regions(task: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the regions of a task's annotation, each with its value's keys beside its own."""
    if "data" not in task:  # JSON-MIN: under the name of each tag
        lists = [value for value in task.values() if isinstance(value, list)]
        yield from (as_object(region) for regions in lists for region in regions)
        return
    done = [as_object(a) for a in as_list(task.get("annotations") or task.get("completions"))]
    results = [a["result"] for a in done if a.get("result") and not a.get("was_cancelled")]
    for region in map(as_object, as_list(results[-1]) if results else ()):
        yield {**region, **as_object(region.get("value"))}


def _titles(region: dict[str, Any]) -> Iterable[str]:
    """The labels of a region, under the name of its tag: `polygonlabels`, `brushlabels`, …"""
    return [
        str(title)
        for key, value in region.items()
        if key.lower().endswith("labels") and isinstance(value, list)
        for title in value
    ]


def _path_of(task: dict[str, Any]) -> str:
    """The path of a task's image, out of a URL or a query such as `/data/local-files/?d=a.jpg`."""
    data = as_object(task["data"]) if "data" in task else task
    texts = [data.get("image"), *data.values()]
    paths = [_without_url(text) for text in texts if isinstance(text, str)]
    known = [
        path for path in paths if Path(path.replace("\0", "")).suffix.lower() in endings_of(IMAGE)
    ]
    return (known or paths or [""])[0]


def _without_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        named = parse_qs(parts.query).get("d")
        quoted = named is None and (parts.scheme or text.startswith("/data/"))
    except ValueError:
        return text
    return named[0] if named else unquote(parts.path) if quoted else text


def _outline(region: dict[str, Any]) -> Outline | None:
    """What draws a region; None where it is a rectangle or key points."""
    if region.get("rle"):
        return partial(_draw_brush, region["rle"])
    if region.get("points"):
        return partial(_draw_polygon, region["points"])
    if "radiusX" in region and "radiusY" in region:
        return partial(_draw_ellipse, region)
    return None


def _draw_polygon(points: Any, size: Size) -> Mask:
    share = corners(points, size) / PERCENT
    return fill_polygon(share * size[::-1], size)


def _draw_ellipse(region: dict[str, Any], size: Size) -> Mask:
    across, down = size[1] / PERCENT, size[0] / PERCENT
    points = ellipse_corners(
        (float(region["x"]) * across, float(region["y"]) * down),
        (float(region["radiusX"]) * across, float(region["radiusY"]) * down),
        np.radians(float(region.get("rotation") or 0)),
    )
    return fill_polygon(corners(points, size), size)


def _draw_brush(packed: Any, size: Size) -> Mask:
    """The last channel of a brush stroke, uint8 (H, W); its levels stay."""
    values = unpack_brush(packed, size[0] * size[1] * CHANNELS)
    return np.ascontiguousarray(values.reshape(*size, CHANNELS)[..., -1])


def unpack_brush(packed: Any, count: int) -> NDArray[np.uint8]:
    """Values of a brush stroke, uint8 (count,): runs of one value and pieces of different ones.

    packed: bytes as a list of numbers. 32 bits hold how many values there are, 5 their width less
    one, 4 times 4 the widths of lengths less one; each piece begins with a bit that is 1 for a run,
    2 bits that choose a width, and its length less one.
    Raises:
        DataError: they are not so many values, or of more than 8 bits.
    """
    bits = np.unpackbits(np.frombuffer(bytes(packed), np.uint8))
    place = 0

    def read(width: int) -> int:
        nonlocal place
        value = 0
        for bit in bits[place : place + width].tolist():
            value = value << 1 | bit
        place += width
        if place > len(bits):
            raise DataError("a brush stroke ends before its image does")
        return value

    total, width = read(32), read(5) + 1
    widths = [read(4) + 1 for _ in range(4)]
    if total != count or width > 8:
        raise DataError(f"a brush stroke has {total} values of {width} bits, not {count} of 8")
    values = np.zeros(count, np.uint8)
    weights = 1 << np.arange(width)[::-1]
    at = 0
    while at < count:
        run = read(1)
        length = min(read(widths[read(2)]) + 1, count - at)
        if run:
            values[at : at + length] = read(width)
        else:
            piece = bits[place : place + length * width]
            place += length * width
            if place > len(bits):
                raise DataError("a brush stroke ends before its image does")
            values[at : at + length] = piece.reshape(length, width) @ weights
        at += length
    return values
