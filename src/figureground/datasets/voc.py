"""PASCAL VOC: masks of numbers of classes, in palette files.

Source: Everingham et al., "The PASCAL Visual Object Classes Challenge 2012 Development Kit": class
15 is a person, 255 a band of about five pixels along outlines that belongs to neither side.
"""

from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Mask
from figureground.datasets.items import Item, Wanted, check_annotated, failing
from figureground.datasets.masks import open_image_of, upright_size
from figureground.datasets.pairs import by_name
from figureground.errors import DataError

CLASSES = (
    *("background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair"),
    *("cow", "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa"),
    *("train", "tvmonitor"),
)
BAND = 255
JPEG_IMAGES, MASKS = "JPEGImages", "SegmentationClass"


def read_voc(place: Path, wanted: Wanted) -> list[Item]:
    """The images of a VOC folder that have a mask in `SegmentationClass/`.

    The band along outlines is parted in its middle: each of its pixels goes to the nearer side.

    Raises:
        DataError: a folder is missing, nobody is in it, or there is no such class.
    """
    names = wanted.classes or ("person",)
    if unknown := set(names) - set(CLASSES):
        raise DataError(f"VOC has no class {min(unknown)!r}; it has {', '.join(CLASSES[1:])}")
    numbers = [CLASSES.index(name) for name in names]
    images, _ = by_name(wanted.images or place / JPEG_IMAGES)
    masks, _ = by_name(place / MASKS)
    items = [
        item
        for name in sorted(masks)
        if (item := _item(name, masks[name], images.get(name), (numbers, wanted.empty)))
    ]
    if not items:
        raise DataError(f"no mask in {str(place / MASKS)!r} shows anybody; --empty takes them all")
    return items


def _item(name: str, mask: Path, image: Path | None, taken: tuple[list[int], bool]) -> Item | None:
    """The item of a mask; None where it shows nobody of some classes and empty ones are not taken.

    taken: numbers of classes, and whether masks without them are taken.
    """
    numbers, empty = taken
    try:
        if image is None:
            raise DataError(f"there is no image for the mask {str(mask)!r}; add it")
        check_annotated(upright_size(mask), image)  # before anything is unpacked
        if not empty and not np.isin(_read(mask), numbers).any():
            return None
    except DataError as error:
        return failing(f"{MASKS}/{mask.name}", mask, error)
    return Item(
        name=name, source=image, draw=partial(_draw, mask, numbers),
        told=f" ({MASKS}/{mask.name})",
    )  # fmt: skip


def _draw(path: Path, numbers: list[int]) -> tuple[None, Mask]:
    classes = _read(path)
    person, band = np.isin(classes, numbers), classes == BAND
    to_person = _distance(person)
    to_others = _distance(~person & ~band)
    covered = person | (band & (to_person < to_others))
    return None, covered.astype(np.uint8) * np.uint8(255)


def _distance(region: NDArray[np.bool_]) -> NDArray[Any]:
    """Return how far each pixel is from a region, pixels; endlessly where there is none."""
    if not region.any():
        return np.full(region.shape, np.inf)
    return np.asarray(cv2.distanceTransform((~region).astype(np.uint8), cv2.DIST_L2, 5))


def _read(path: Path) -> Mask:
    """The numbers of classes, uint8 (H, W)."""
    with open_image_of(path, name=f"the mask {str(path)!r}") as image:
        if image.mode not in ("P", "L"):
            raise DataError(
                f"the mask {str(path)!r} is {image.mode}; VOC's hold numbers of classes, in a "
                "palette or grey"
            )
        return np.asarray(image)
