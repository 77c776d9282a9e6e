"""VGG Image Annotator (VIA) 1 and 2: polygons, circles and ellipses of its JSON and CSV exports.

Source: via-2.x.y/src/via.js (Dutta & Zisserman, BSD licence), whose COCO export turns circles and
ellipses into polygons of 72 corners; they are filled as COCO's reference does.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from figureground.arrays import Mask, Size
from figureground.datasets.documents import as_list, as_object, read_json, reason_of, some_classes
from figureground.datasets.items import Annotated, Item, Outline, Wanted, items_of
from figureground.datasets.outlines import corners, ellipse_corners, fill_polygon
from figureground.errors import DataError

METADATA = "_via_img_metadata"  # where a project keeps what an export of annotations is
SHAPE, ATTRIBUTES = "region_shape_attributes", "region_attributes"  # columns of the CSV export


def fits(place: Path, content: Any) -> bool:
    """Return whether a file is VIA's; JSON is given as its content."""
    if not place.is_file():
        return False
    if place.suffix.lower() == ".csv":
        with place.open("rb") as file:
            return SHAPE.encode() in file.readline(4096)
    images = as_object(content)
    if METADATA in images:
        return True
    first = as_object(next(iter(images.values()), None))
    return {"filename", "regions"} <= first.keys()


def read_via(place: Path, wanted: Wanted) -> list[Item]:
    """The images of a project, or of an export of annotations.

    A region counts whose attributes, whatever their names, hold a class of people.

    Raises:
        DataError: it is no such file, nobody is in it, or no image can be found.
    """
    if not fits(place, None if _is_csv(place) else read_json(place, kind="VIA's")):
        raise DataError(f"{str(place)!r} is no project or export of VIA 1 or 2")
    found = list(_from_csv(place) if _is_csv(place) else _from_json(place))
    titles = {title for _, regions in found for _, named in regions for title in _titles(named)}
    if not wanted.empty and not any(map(wanted.counts, titles)):
        named = some_classes(titles)
        raise DataError(f"{str(place)!r} has no class for people; name one: --class {named}")
    images = [
        Annotated(
            path=name, entry=f"{place.name}, {name[-60:]!r}", size=None,
            people=[_outline(shape) for shape, attributes in regions
                    if any(map(wanted.counts, _titles(attributes)))],
        )
        for name, regions in found
    ]  # fmt: skip
    return items_of(images, [place.parent, place.parent / "images"], wanted, of=place)


def _is_csv(place: Path) -> bool:
    return place.suffix.lower() == ".csv"


Region = tuple[Mapping[str, Any], Mapping[str, Any]]
"""Attributes of its shape, and its own."""


def _from_json(place: Path) -> Iterator[tuple[str, list[Region]]]:
    content = read_json(place, kind="VIA's")
    for entry in map(as_object, as_list(content.get(METADATA, content))):
        regions = map(as_object, as_list(entry.get("regions")))
        yield (
            str(entry.get("filename", "")),
            [
                (as_object(r.get("shape_attributes")), as_object(r.get("region_attributes")))
                for r in regions
            ],
        )


def _from_csv(place: Path) -> Iterator[tuple[str, list[Region]]]:
    found: dict[str, list[Region]] = {}
    try:
        for row in csv.DictReader(place.read_text("utf-8-sig").splitlines()):
            name = row.get("filename") or row.get("#filename") or ""
            regions = found.setdefault(name, [])
            shape = as_object(json.loads(row.get(SHAPE) or "{}"))
            if shape:
                regions.append((shape, as_object(json.loads(row.get(ATTRIBUTES) or "{}"))))
    except (OSError, ValueError, csv.Error, RecursionError) as error:
        raise DataError(f"cannot read {str(place)!r} as VIA's ({reason_of(error)})") from error
    yield from found.items()


def _titles(attributes: Mapping[str, Any]) -> Iterable[str]:
    """What a region is: texts of its attributes, and boxes that are ticked; "" where it has none."""
    ticked = (n for value in attributes.values() for n, on in as_object(value).items() if on)
    texts = (value.strip() for value in attributes.values() if isinstance(value, str))
    return [*texts, *ticked] or [""]


def _outline(shape: Mapping[str, Any]) -> Outline | None:
    """What draws a shape; None where it is a rectangle, a line or a point."""
    draw = {"polygon": _draw_polygon, "circle": _draw_ellipse, "ellipse": _draw_ellipse}.get(
        str(shape.get("name"))
    )
    if draw is _draw_polygon and not shape.get("all_points_x"):
        return None
    return None if draw is None else partial(draw, shape)


def _draw_polygon(shape: Mapping[str, Any], size: Size) -> Mask:
    points = list(zip(shape["all_points_x"], shape["all_points_y"], strict=True))
    return fill_polygon(corners(points, size), size)


def _draw_ellipse(shape: Mapping[str, Any], size: Size) -> Mask:
    radii = (shape["r"], shape["r"]) if "r" in shape else (shape["rx"], shape["ry"])
    points = ellipse_corners(
        (float(shape["cx"]), float(shape["cy"])),
        (float(radii[0]), float(radii[1])),
        float(shape.get("theta") or 0),
    )
    return fill_polygon(corners(np.round(points, 3), size), size)
