"""Which layout a data set has, and who reads it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from figureground.datasets.coco import ROBOFLOW, read_coco
from figureground.datasets.documents import as_object, read_json
from figureground.datasets.items import Item, Wanted
from figureground.datasets.mattes import (
    ALPHAS,
    FOREGROUNDS,
    IMAGES,
    find_room,
    read_matting,
    read_rgba,
)
from figureground.datasets.pairs import list_pictures
from figureground.datasets.supervisely import read_supervisely
from figureground.datasets.voc import MASKS, PICTURES, read_voc
from figureground.errors import DataError
from figureground.media.pictures import read_picture

LAYOUTS: dict[str, Callable[[Path, Wanted], list[Item]]] = {
    "coco": read_coco,
    "supervisely": read_supervisely,
    "voc": read_voc,
    "rgba": read_rgba,
    "matting": read_matting,
}


def guess_layout(place: Path) -> str:
    """The layout of a data set, one of `LAYOUTS`.

    Raises:
        DataError: there is none, or it could be several.
    """
    if not place.exists():
        raise DataError(f"there is no {str(place)!r}")
    found = [name for name, fits in _SIGNS.items() if fits(place)]
    if len(found) == 1:
        return found[0]
    could = f"could be {' or '.join(found)}" if found else "has a layout that is not known"
    raise DataError(f"{str(place)!r} {could}; say which with --format {'|'.join(LAYOUTS)}")


def _is_coco(place: Path) -> bool:
    if place.is_dir():
        return (
            any(place.glob(ROBOFLOW))
            or any(place.glob(f"*/{ROBOFLOW}"))
            or any((place / "annotations").glob("*.json"))
        )
    return (
        place.suffix == ".json" and {"images", "annotations"} <= as_object(_content(place)).keys()
    )


def _content(path: Path) -> Any:
    """What a JSON file holds; None where it is none."""
    try:
        return read_json(path, kind="annotations")
    except DataError:
        return None


def _is_supervisely(place: Path) -> bool:
    if not place.is_dir():
        return False
    sets = [place, *(path for path in place.iterdir() if path.is_dir())]
    return any((one / "ann").is_dir() and (one / "img").is_dir() for one in sets)


def _is_voc(place: Path) -> bool:
    return (place / PICTURES).is_dir() and (place / MASKS).is_dir()


def _is_matting(place: Path) -> bool:
    return place.is_dir() and bool(
        find_room(place, ALPHAS) and find_room(place, (*IMAGES, *FOREGROUNDS))
    )


def _is_rgba(place: Path) -> bool:
    """Return whether the first picture, right in the folder, is a cutout."""
    if not place.is_dir():
        return False
    first = next((path for path in list_pictures(place) if path.parent == place), None)
    return first is not None and read_picture(first).alpha is not None


_SIGNS: dict[str, Callable[[Path], bool]] = {
    "coco": _is_coco,
    "supervisely": _is_supervisely,
    "voc": _is_voc,
    "matting": _is_matting,
    "rgba": _is_rgba,
}
