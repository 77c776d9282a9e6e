"""CVAT for images 1.1: polygons, ellipses and masks of an `annotations.xml`.

Sources: docs.cvat.ai, "CVAT for image: annotation"; ellipses as CVAT's own exports draw them
(`EllipsesToMasks`, cvat/apps/dataset_manager/bindings.py, MIT licence), polygons as COCO's reference
does, which they use; run lengths go along the rows of a mask's own box.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from xml.parsers import expat

import cv2
import numpy as np

from figureground.arrays import Mask, Size
from figureground.datasets.coco import size_of
from figureground.datasets.documents import reason_of, some_classes
from figureground.datasets.items import Annotated, Item, Outline, Wanted, items_of, one_of_group
from figureground.datasets.outlines import FARTHEST, corners, decode_runs, fill_polygon
from figureground.errors import DataError

NAME = "annotations.xml"
SHAPES = {"polygon", "mask", "ellipse", "box", "polyline", "points", "cuboid", "skeleton"}
HEAD = 4096  # bytes in which the root stands


def fits(place: Path, _content: Any) -> bool:
    """Return whether a place is, or holds, an XML file of CVAT."""
    path = place / NAME if place.is_dir() else place
    if path.suffix.lower() != ".xml" or not path.is_file():
        return False
    with path.open("rb") as file:
        return b"<annotations" in file.read(HEAD)


def read_cvat(place: Path, wanted: Wanted) -> list[Item]:
    """The images of an export. They are looked for beside it, in `images/` and in `data/`.

    Raises:
        DataError: it cannot be read, is an export of videos, nobody is in it, or no image can be
            found.
    """
    path = place / NAME if place.is_dir() else place
    found = list(_images(path))
    images = [_annotated(image, shapes, path, wanted) for image, shapes in found]
    titles = sorted({shape.get("label", "") for _, shapes in found for _, shape in shapes})
    if titles and not wanted.empty and not any(map(wanted.counts, titles)):
        named = some_classes(titles)
        raise DataError(f"{str(path)!r} has no class for people; name one: --class {named}")
    near = [path.parent, path.parent / "images", path.parent / "data"]
    return items_of(images, near, wanted, of=path)


Shape = tuple[str, Mapping[str, str]]
"""Name of an element and its attributes."""


def _images(path: Path) -> Iterator[tuple[Mapping[str, str], list[Shape]]]:
    """Yield each image's attributes and its shapes.

    The file is read element by element: no depth or number of them fills the memory, and entities,
    which an export has none of, are refused.
    """
    images: list[tuple[Mapping[str, str], list[Shape]]] = []
    open_images = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal open_images
        if name == "track":
            raise DataError(f"{str(path)!r} is of videos; export as CVAT for images 1.1")
        if name == "image":
            open_images += 1
            images.append((attributes, []))
        elif name in SHAPES and open_images:
            images[-1][1].append((name, attributes))

    def end(name: str) -> None:
        nonlocal open_images
        open_images -= name == "image"

    def refuse(*_declaration: Any) -> None:
        raise DataError(f"{str(path)!r} declares entities, which no export of CVAT does")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.EntityDeclHandler = refuse
    try:
        with path.open("rb") as file:
            parser.ParseFile(file)
    except (OSError, expat.ExpatError, ValueError, MemoryError) as error:
        raise DataError(f"cannot read {str(path)!r} as CVAT's ({reason_of(error)})") from error
    yield from images


def _annotated(
    image: Mapping[str, str], shapes: list[Shape], path: Path, wanted: Wanted
) -> Annotated:
    people = [(name, shape) for name, shape in shapes if wanted.counts(shape.get("label", ""))]
    return Annotated(
        path=image.get("name", ""),
        entry=f"{path.name}, image {image.get('id', '')[:40]}",
        size=size_of(image.get("height"), image.get("width")),
        people=one_of_group((_group_of(shape), _outline(name, shape)) for name, shape in people),
    )


def _group_of(shape: Mapping[str, str]) -> str | None:
    number = shape.get("group_id", "0")
    return None if number == "0" else number


def _outline(name: str, shape: Mapping[str, str]) -> Outline | None:
    """What draws a shape; None where it is a box, a line, points or a body of bones."""
    draw = {"polygon": _draw_polygon, "mask": _draw_mask, "ellipse": _draw_ellipse}.get(name)
    return None if draw is None else partial(draw, shape)


def _draw_polygon(shape: Mapping[str, str], size: Size) -> Mask:
    points = [pair.split(",") for pair in shape["points"].split(";")]
    return fill_polygon(corners(points, size), size)


def _draw_mask(shape: Mapping[str, str], size: Size) -> Mask:
    left, top, columns, rows = (int(shape[key]) for key in ("left", "top", "width", "height"))
    inside = 0 <= left <= left + columns <= size[1] and 0 <= top <= top + rows <= size[0]
    if not inside:
        raise DataError(f"a mask of {(rows, columns)} (rows, columns) juts out of {size}")
    counts = [int(count) for count in shape["rle"].split(",")]
    mask = np.zeros(size, np.uint8)
    box = decode_runs(counts, (rows, columns), (rows, columns), down=False)
    mask[top : top + rows, left : left + columns] = box * np.uint8(255)
    return mask


def _draw_ellipse(shape: Mapping[str, str], size: Size) -> Mask:
    centre, radii = (
        tuple(round(float(shape[key])) for key in keys) for keys in (("cx", "cy"), ("rx", "ry"))
    )
    if max(map(abs, (*centre, *radii))) > FARTHEST or min(radii) < 0:
        raise DataError(f"an ellipse is no place in an image: {centre}, {radii}")
    mask = np.zeros(size, np.uint8)
    angle = float(shape.get("rotation", 0))
    cv2.ellipse(mask, centre, radii, angle, 0, 360, 255, thickness=-1)
    return mask
