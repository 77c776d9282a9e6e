"""LabelMe: a JSON file beside each image, with polygons, circles and masks.

Source: labelme 6.3 (Wada, MIT licence), `labelme/utils/shape.py`: shapes are drawn by Pillow, their
borders included; a mask is a PNG in base 64, laid into a box whose far edge is included.
"""

import base64
import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from figureground.arrays import Mask, Size
from figureground.datasets.coco import size_of
from figureground.datasets.documents import as_list, as_object, read_json
from figureground.datasets.items import (
    Annotated,
    Item,
    Outline,
    Wanted,
    failing,
    items_of,
    one_of_group,
)
from figureground.datasets.masks import decode_mask
from figureground.datasets.outlines import corners
from figureground.errors import DataError


def fits(_place: Path, content: Any) -> bool:
    """Return whether a JSON file, given as its content, is of LabelMe."""
    return {"shapes", "imagePath"} <= as_object(content).keys()


def read_labelme(place: Path, wanted: Wanted) -> list[Item]:
    """The images of a folder of annotations, or of one.

    Images are looked for where their annotation says, beside it and in `place`.

    Raises:
        DataError: there are no annotations, none shows anybody, or no image can be found.
    """
    paths = [place] if place.is_file() else sorted(place.rglob("*.json"))
    broken: list[Item] = []
    images = list(_read_all(paths, place, wanted, broken))
    if not images and broken:
        return broken
    folders = dict.fromkeys([*(path.parent for path in paths), place])
    return [*broken, *items_of(images, list(folders), wanted, of=place)]


def _read_all(
    paths: list[Path], place: Path, wanted: Wanted, broken: list[Item]
) -> Iterator[Annotated]:
    """Yield what can be read; `broken` gets the rest. JSON of other programs is passed over."""
    for path in paths:
        told = path.name if path == place else path.relative_to(place).as_posix()
        try:
            content = read_json(path, kind="LabelMe's")
        except DataError as error:
            broken.append(failing(told, path, error))
            continue
        if fits(path, content):
            yield _annotated(content, path, place, wanted)


def _annotated(content: dict[str, Any], path: Path, place: Path, wanted: Wanted) -> Annotated:
    shapes = [as_object(shape) for shape in as_list(content["shapes"])]
    people = [shape for shape in shapes if wanted.counts(str(shape.get("label")))]
    called = str(content["imagePath"]).replace("\\", "/")
    folder = "" if path == place else path.parent.relative_to(place).as_posix()
    beside = called.startswith("/") or ".." in called or folder in ("", ".")
    return Annotated(
        path=called if beside else f"{folder}/{called}",
        entry=path.name if path == place else path.relative_to(place).as_posix(),
        size=size_of(content.get("imageHeight"), content.get("imageWidth")),
        people=one_of_group((str(s["group_id"]) if s.get("group_id") is not None else None,
                             _outline(s)) for s in people),
    )  # fmt: skip


def _outline(shape: dict[str, Any]) -> Outline | None:
    """What draws a shape; None where it is a rectangle, a line or points."""
    kind = shape.get("shape_type") or "polygon"
    if kind == "mask":
        return partial(_draw_mask, shape) if shape.get("mask") else None
    draw = SHAPES.get(str(kind))
    if draw is None or not shape.get("points"):
        return None
    return partial(_draw_shape, shape["points"], draw)


def _draw_shape(points: Any, draw: Callable[..., None], size: Size) -> Mask:
    places = [(float(x), float(y)) for x, y in corners(points, size)]
    image = Image.new("L", size[::-1])
    draw(ImageDraw.Draw(image), places)
    return np.array(image, np.uint8)


def _draw_polygon(pen: ImageDraw.ImageDraw, places: list[tuple[float, float]]) -> None:
    if len(places) > 2:
        pen.polygon(places, outline=255, fill=255)


def _draw_circle(pen: ImageDraw.ImageDraw, places: list[tuple[float, float]]) -> None:
    (x, y), (to_x, to_y) = places
    radius = math.hypot(x - to_x, y - to_y)
    box = (x - radius, y - radius, x + radius, y + radius)
    pen.ellipse(box, outline=255, fill=255)


SHAPES: dict[str, Callable[..., None]] = {"polygon": _draw_polygon, "circle": _draw_circle}


def _draw_mask(shape: dict[str, Any], size: Size) -> Mask:
    (left, top), (right, bottom) = corners(shape["points"], size).astype(int)
    figure = decode_mask(base64.b64decode(shape["mask"]), name="a mask", size=size)
    mask = np.zeros(size, np.uint8)
    part = mask[max(0, top) : bottom + 1, max(0, left) : right + 1]
    if left < 0 or top < 0 or part.shape != figure.shape:
        raise DataError(f"a mask of {figure.shape} (rows, columns) lies in a box of {part.shape}")
    part[:] = (figure > 0) * np.uint8(255)
    return mask
