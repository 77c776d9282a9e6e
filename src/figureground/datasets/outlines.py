"""Outlines to masks, as the reference of COCO draws and unpacks them.

Source: `rleFrPoly` and `rleFrString` in cocoapi, common/maskApi.c (Lin et al., BSD licence), which
pycocotools, CVAT's exports, Roboflow and Label Studio's COCO export share.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Mask, Size
from figureground.errors import DataError

FARTHEST = 1e5  # how far outside an image a corner may be, pixels
STEPS = 5  # of a pixel, on which edges are drawn
CHUNK = 1 << 21  # steps of edges that are drawn at once
LONGEST = 1 << 27  # steps of one outline: some seconds
LONGEST_COUNT = 60  # bits of a packed run length


def corners(points: Any, size: Size) -> NDArray[np.float64]:
    """Corners of a polygon from x, y, x, y, …, flat or in pairs; float64 (N, 2).

    Raises:
        DataError: they are no numbers, or no places in an image of (rows, columns).
    """
    try:
        found = np.array(points, np.float64).reshape(-1, 2)
    except (ValueError, TypeError, RecursionError) as error:
        raise DataError(f"corners of a polygon are no pairs of numbers: {_some(points)}") from error
    if not (np.abs(found) < FARTHEST + max(size)).all():
        raise DataError(f"a corner of a polygon is no place in an image: {_some(points)}")
    return found


def _some(points: Any) -> str:
    return repr(points[:6] if isinstance(points, list | tuple) else points)[:60]


def fill_polygon(points: NDArray[np.float64], size: Size) -> Mask:
    """Fill a polygon as COCO's reference does, uint8 (H, W), 0 or 255.

    Edges are drawn on a grid of fifths of a pixel, and where they cross the middle of a column
    inside and outside change, down the columns.

    points: (N, 2) of x and y; the pixel in the top left corner reaches from 0 to 1.
    """
    grid = np.trunc(STEPS * points + 0.5).astype(np.int64)
    ends = np.roll(grid, -1, axis=0)
    lengths = np.abs(ends - grid).max(axis=1) + 1 if len(grid) else np.zeros(0, np.int64)
    if lengths.sum() > LONGEST:
        raise DataError("a polygon is too long: it has too many corners far outside its image")
    toggles = np.zeros(size[0] * size[1] + 1, np.uint8)
    groups = np.cumsum(lengths) // CHUNK
    last = np.zeros((0, 2), np.int64)
    for group in np.unique(groups):
        within = groups == group
        line = _draw_edges(grid[within], ends[within], lengths[within])
        line = np.concatenate([last, line])
        last = line[-1:]
        np.bitwise_xor.at(toggles, _crossings(line, size), 1)
    inside = np.bitwise_xor.accumulate(toggles)[:-1]
    return np.ascontiguousarray(inside.reshape(size, order="F")) * np.uint8(255)


def _draw_edges(
    starts: NDArray[np.int64], ends: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.int64]:
    """All steps of some edges one after the other, (M, 2): along the longer axis by ones."""
    edge = np.repeat(np.arange(len(lengths)), lengths)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    across = np.abs(ends - starts)
    flat = across[:, 0] >= across[:, 1]
    main = np.where(flat, 0, 1)
    rows = np.arange(len(starts))
    flip = starts[rows, main] > ends[rows, main]  # drawn from the lower end, whatever the direction
    low, high = np.where(flip[:, None], ends, starts), np.where(flip[:, None], starts, ends)
    run = high[rows, main] - low[rows, main]
    slope = (high[rows, 1 - main] - low[rows, 1 - main]) / np.maximum(run, 1)
    along = np.where(flip[edge], run[edge] - step, step)
    other = np.trunc(low[rows, 1 - main][edge] + slope[edge] * along + 0.5).astype(np.int64)
    along += low[rows, main][edge]
    u, v = np.where(flat[edge], along, other), np.where(flat[edge], other, along)
    return np.asarray(np.stack([u, v], 1), np.int64)


def _crossings(line: NDArray[np.int64], size: Size) -> NDArray[np.int64]:
    """Where a line of steps crosses the middle of a column, as positions down the columns."""
    u, v = line[:, 0], line[:, 1]
    moved = u[1:] != u[:-1]
    left = np.where(u[1:] < u[:-1], u[1:], u[1:] - 1)[moved]
    top = np.minimum(v[1:], v[:-1])[moved]
    x = (left + 0.5) / STEPS - 0.5
    y = np.ceil(np.clip((top + 0.5) / STEPS - 0.5, 0, size[0]))
    kept = (np.floor(x) == x) & (x >= 0) & (x <= size[1] - 1)
    return np.asarray(x[kept] * size[0] + y[kept], np.int64)


def ellipse_corners(
    centre: tuple[float, float], radii: tuple[float, float], angle: float
) -> NDArray[np.float64]:
    """An ellipse as a polygon of 72 corners, float64 (72, 2), x and y; `angle` in radians."""
    turn = np.radians(np.arange(0, 360, 5))
    across, down = radii[0] * np.cos(turn), radii[1] * np.sin(turn)
    cosine, sine = np.cos(angle), np.sin(angle)
    x = centre[0] + across * cosine - down * sine
    return np.stack([x, centre[1] + across * sine + down * cosine], 1)


def unpack_counts(text: str) -> list[int]:
    """Run lengths from their text: five bits a letter, lowest first, differences to the last but
    one from the fourth on."""
    counts: list[int] = []
    value = shift = 0
    for letter in text.encode("ascii"):
        bits = letter - 48
        value |= (bits & 31) << shift
        shift += 5
        if shift > LONGEST_COUNT:
            raise DataError(f"a run length has more than {LONGEST_COUNT} bits")
        if bits & 32:  # more follows
            continue
        if bits & 16:  # negative
            value -= 1 << shift
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
        value = shift = 0
    return counts


def decode_runs(
    counts: list[int], runs_size: Size, size: Size, *, down: bool = True
) -> NDArray[np.bool_]:
    """Lengths of runs by turns outside and inside, to (H, W); down the columns, or along the rows.

    Raises:
        DataError: they are not those of an image of this size.
    """
    pixels = size[0] * size[1]
    sane = all(type(count) is int and 0 <= count <= pixels for count in counts)
    if tuple(runs_size) != size or not sane or sum(counts) != pixels:  # Python's own never overflow
        raise DataError(f"run lengths are not those of {size} (rows, columns)")
    lengths = np.array(counts, np.int64)
    inside = np.repeat(np.arange(len(lengths)) % 2 == 1, lengths)
    return inside.reshape(size, order="F" if down else "C")
