"""Which layout a data set has, and who reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from figureground.datasets import cvat, label_studio, labelme, via, yolo
from figureground.datasets.coco import fits as fits_coco
from figureground.datasets.coco import read_coco
from figureground.datasets.documents import read_json
from figureground.datasets.items import Item, Wanted
from figureground.datasets.mattes import (
    ALPHAS,
    FOREGROUNDS,
    IMAGES,
    find_room,
    read_matting,
    read_rgba,
)
from figureground.datasets.pairs import list_images
from figureground.datasets.supervisely import read_supervisely
from figureground.datasets.voc import JPEG_IMAGES, MASKS, read_voc
from figureground.errors import DataError
from figureground.media.images import read_image


def _is_supervisely(place: Path, _content: Any) -> bool:
    if not place.is_dir():
        return False
    sets = [place, *(path for path in place.iterdir() if path.is_dir())]
    return any((one / "ann").is_dir() and (one / "img").is_dir() for one in sets)


def _is_voc(place: Path, _content: Any) -> bool:
    return (place / JPEG_IMAGES).is_dir() and (place / MASKS).is_dir()


def _is_matting(place: Path, _content: Any) -> bool:
    return place.is_dir() and bool(
        find_room(place, ALPHAS) and find_room(place, (*IMAGES, *FOREGROUNDS))
    )


def _is_rgba(place: Path, _content: Any) -> bool:
    """Return whether the first image, right in the folder, is a cutout."""
    if not place.is_dir():
        return False
    first = next((path for path in list_images(place) if path.parent == place), None)
    return first is not None and read_image(first).alpha is not None


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How a kind of data set is known and read."""

    fits: Callable[[Path, Any], bool]  # a place, and its content where it is or holds JSON
    read: Callable[[Path, Wanted], list[Item]]


LAYOUTS = {
    "coco": Layout(fits=fits_coco, read=read_coco),
    "cvat": Layout(fits=cvat.fits, read=cvat.read_cvat),
    "labelme": Layout(fits=labelme.fits, read=labelme.read_labelme),
    "label-studio": Layout(fits=label_studio.fits, read=label_studio.read_label_studio),
    "yolo": Layout(fits=yolo.fits, read=yolo.read_yolo),
    "via": Layout(fits=via.fits, read=via.read_via),
    "supervisely": Layout(fits=_is_supervisely, read=read_supervisely),
    "voc": Layout(fits=_is_voc, read=read_voc),
    "rgba": Layout(fits=_is_rgba, read=read_rgba),
    "matting": Layout(fits=_is_matting, read=read_matting),
}


def guess_layout(place: Path) -> str:
    """The layout of a data set, one of `LAYOUTS`.

    Raises:
        DataError: there is none, or it could be several.
    """
    if not place.exists():
        raise DataError(f"there is no {str(place)!r}")
    content = _content(place)
    found = [name for name, layout in LAYOUTS.items() if layout.fits(place, content)]
    if len(found) == 1:
        return found[0]
    could = f"could be {' or '.join(found)}" if found else "has a layout that is not known"
    raise DataError(f"{str(place)!r} {could}; say which with --format {'|'.join(LAYOUTS)}")


def _content(place: Path) -> Any:
    """What a JSON file holds, or the first one right in a folder; None where there is none."""
    files = sorted(place.glob("*.json")) if place.is_dir() else [place]
    if not files or files[0].suffix.lower() != ".json":
        return None
    try:
        return read_json(files[0], kind="annotations")
    except DataError:
        return None
