"""Choose among the people of a matte who do not touch.

A person is a connected region of alpha above 0.25 with at least a pixel above 0.5. All other alpha,
such as that of hair, belongs to the nearest person.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Mask
from figureground.errors import StyleError
from figureground.matting.resize import resize
from figureground.matting.small_regions import nearest_label

JOINED, PERSON = 0.25, 0.5  # alpha that joins pixels to a region, and that makes it a person
DEBRIS = 5e-4  # share of the image below which a region is no person of its own
CENTRAL = 0.1  # area, as a share of the largest person's, below which nobody is the central one
SAMPLES = 1024  # rows or columns at most that distances are measured on
MOST_OF = 0.5  # of a person under the hint mask, or ...
SHARE_OF = 0.25  # ... of the hint mask on a person: either keeps that person
NAMED = 4  # people at most whose places an error names

Point: TypeAlias = tuple[float, float]
"""Column and row of a pixel, X, Y, from the top left corner."""
Chosen: TypeAlias = Literal["all", "largest", "centre"] | tuple[Point, ...] | Mask
"""Whom to keep: a word, who is at any of some points, or whom a mask, uint8 (h, w), lies on."""
Labels: TypeAlias = NDArray[np.int32]
Where: TypeAlias = NDArray[np.bool_]


def choose_people(alpha: Alpha, chosen: Chosen) -> Alpha:
    """Keep the people who are chosen; where there is nobody, nothing changes.

    Args:
        alpha: float32 (H, W), 0 to 1.
        chosen: a word, points or a mask, which may be of another size; see `Chosen`.
    Returns: float32 (H, W), 0 where those are who are not kept.
    Raises:
        StyleError: nobody is at a point, or below the mask.
    """
    labels, count = label_people(alpha)
    if count == 0:
        return alpha
    return keep_only(alpha, is_of(labels, pick_people(labels, count, alpha, chosen)))


def label_people(alpha: Alpha) -> tuple[Labels, int]:
    """Return whose each pixel is, int32 (H, W), 1 to the number of people, and that number.

    Where there is nobody all is 0. Pixels without alpha are labelled as well.
    """
    regions, labels = cv2.connectedComponents((alpha > JOINED).view(np.uint8), connectivity=8)
    area = np.bincount(labels.ravel(), minlength=regions)
    sure = np.bincount(labels[alpha > PERSON], minlength=regions) > 0
    sure[0] = False
    large = sure & (area >= DEBRIS * alpha.size)
    people = np.flatnonzero(large if large.any() else sure)
    if people.size < 2:
        return np.full(alpha.shape, people.size, np.int32), int(people.size)
    number = np.zeros(regions, np.int32)
    number[people] = np.arange(1, people.size + 1)
    return _spread(number[labels]), int(people.size)


def _spread(labels: Labels) -> Labels:
    """Give pixels that are 0 the label of the nearest that is not, as seen on a coarse grid."""
    step = _step(labels.shape)
    coarse = np.ascontiguousarray(labels[::step, ::step])
    if len(np.unique(coarse)) < len(np.unique(labels)):  # somebody fell through the grid
        return nearest_label(labels)
    size = labels.shape[1], labels.shape[0]
    near = cv2.resize(nearest_label(coarse), size, interpolation=cv2.INTER_NEAREST)
    return np.where(labels > 0, labels, near)


def _step(shape: tuple[int, ...]) -> int:
    return max(1, -(-max(shape) // SAMPLES))


def is_of(labels: Labels, people: Sequence[int] | NDArray[np.int64]) -> Where:
    """Return which pixels belong to some people, bool (H, W)."""
    kept = np.zeros(int(labels.max()) + 1, bool)
    kept[list(people)] = True
    return kept[labels]


def keep_only(alpha: Alpha, kept: Where) -> Alpha:
    """The matte where it is kept, 0 elsewhere; float32 (H, W)."""
    return np.where(kept, alpha, np.float32(0))


def pick_people(labels: Labels, count: int, alpha: Alpha, chosen: Chosen) -> list[int]:
    """Return the labels of those who are kept. Raises StyleError as `choose_people`."""
    everybody = list(range(1, count + 1))
    if isinstance(chosen, np.ndarray):
        return _below(labels, count, alpha, chosen)
    if isinstance(chosen, tuple):
        return [_at(labels, alpha, point) for point in chosen]
    if chosen == "all":
        return everybody
    areas = _areas(labels, alpha, count)
    if chosen == "largest":
        return [int(areas.argmax())]
    far = {
        person: _distance(labels, alpha, person)
        for person in everybody
        if areas[person] >= CENTRAL * areas.max()
    }
    return [min(far, key=far.__getitem__)]


def _areas(labels: Labels, alpha: Alpha, count: int) -> NDArray[np.int64]:
    return np.bincount(labels[alpha > PERSON], minlength=count + 1).astype(np.int64)


def sample_person(labels: Labels, alpha: Alpha, person: int) -> NDArray[np.int64]:
    """Rows and columns, int64 (n, 2), of pixels of a person, evenly spread; at least one."""
    step = _step(alpha.shape)
    for every in (step, 1):
        own = (labels[::every, ::every] == person) & (alpha[::every, ::every] > PERSON)
        if own.any():
            break
    return np.argwhere(own) * every


def _distance(labels: Labels, alpha: Alpha, person: int) -> float:
    """Return how far a person is from the middle of the image, pixels."""
    middle = (np.array(alpha.shape) - 1) / 2
    return float(np.hypot(*(sample_person(labels, alpha, person) - middle).T).min())


def _at(labels: Labels, alpha: Alpha, point: Point) -> int:
    """Return who is at a point. Raises StyleError."""
    height, width = alpha.shape
    column, row = (int(np.floor(side)) for side in point)
    if not (0 <= row < height and 0 <= column < width):
        raise StyleError(f"{column},{row} lies outside the image of {width}x{height} pixels")
    if alpha[row, column] <= JOINED:
        raise StyleError(f"nobody is at {column},{row}; {_places(labels, alpha)}")
    return int(labels[row, column])


def _below(labels: Labels, count: int, alpha: Alpha, mask: Mask) -> list[int]:
    """Return whom a mask lies on. Raises StyleError."""
    marked = resize(mask, (alpha.shape[0], alpha.shape[1])) > 127
    areas = _areas(labels, alpha, count)
    covered = np.bincount(labels[marked & (alpha > PERSON)], minlength=count + 1)
    enough = (covered >= SHARE_OF * max(1, covered.sum())) | (
        covered >= MOST_OF * np.maximum(1, areas)
    )
    kept = [int(person) for person in np.flatnonzero(enough) if person and covered[person]]
    if not kept:
        raise StyleError(f"the white of the mask to keep lies on nobody; {_places(labels, alpha)}")
    return kept


def _places(labels: Labels, alpha: Alpha) -> str:
    """Say where people are, the largest first."""
    count = int(labels.max())
    largest = np.argsort(_areas(labels, alpha, count)[1:])[::-1][:NAMED] + 1
    told = []
    for person in largest:
        own = sample_person(labels, alpha, int(person))
        row, column = own[np.hypot(*(own - own.mean(axis=0)).T).argmin()]
        told.append(f"{column},{row}")
    more = " and others" if count > NAMED else ""
    return f"people are at {', '.join(told)}{more}" if count > 1 else f"somebody is at {told[0]}"
