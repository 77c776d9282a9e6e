"""Where the person stands: crop to it, or set it into a canvas of a given size."""

from math import ceil

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Depth, Size
from figureground.matting.compositing import check_same_size
from figureground.matting.resize import resize

SEEN = 0.05  # alpha from which a pixel counts as part of the person

CUT = 0.5  # alpha from which the image's edge cuts a person

Block = tuple[slice, slice]


def person_box(alpha: Alpha, *, margin: float = 0.0) -> Block:
    """Rows and columns that hold the whole person; the whole image if nobody is in it.

    Args:
        alpha: float32 (H, W), 0 to 1.
        margin: room on every side, as a share of the box's longer side; ends at the image's edge.
    """
    seen = alpha >= SEEN
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return slice(0, alpha.shape[0]), slice(0, alpha.shape[1])
    room = round(margin * max(rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1))
    return _span(rows, room, alpha.shape[0]), _span(columns, room, alpha.shape[1])


def shaped_box(alpha: Alpha, *, aspect: float, margin: float | None) -> Block:
    """Rows and columns of a window of a given shape, around the person and within the image.

    Args:
        alpha: float32 (H, W), 0 to 1.
        aspect: columns over rows.
        margin: the window is as small as the person with this margin allows, see `person_box`; None
            makes it as large as the image allows. Where the image is too small for both the
            shape and the person, the shape wins, and the head stays.
    """
    height, width = alpha.shape
    box = person_box(alpha, margin=margin or 0.0)
    rows, columns = (side.stop - side.start for side in box)
    most = min(float(height), width / aspect)
    tall = most if margin is None else min(most, max(float(rows), columns / aspect))
    upper = slice(box[0].start, min(box[0].stop, box[0].start + round(tall)))
    return _around(upper, round(tall), height), _around(box[1], round(tall * aspect), width)


def room_for(alpha: Alpha, *, aspect: float, margin: float) -> tuple[int, int, int, int]:
    """Rows above and below, columns left and right, that a window around a whole person lacks.

    Where the image's edge cuts the person, nothing is added on that side alone.
    """
    box = person_box(alpha, margin=margin)
    rows, columns = (side.stop - side.start for side in box)
    tall = max(float(rows), columns / aspect)
    lacks = (ceil(tall) - alpha.shape[0], ceil(tall * aspect) - alpha.shape[1])
    added = []
    for lack, side, end in zip(lacks, box, alpha.shape, strict=True):
        before = max(0, lack) // 2
        if side.stop == end and side.start > 0:
            before = max(0, lack)
        elif side.start == 0 and side.stop < end:
            before = 0
        added += [before, max(0, lack) - before]
    return added[0], added[1], added[2], added[3]


def _around(side: slice, length: int, end: int) -> slice:
    """A span of `length` with the middle of `side`, moved to lie within 0 and `end`."""
    length = min(max(1, length), end)
    first = min(max(0, (side.start + side.stop - length) // 2), end - length)
    return slice(first, first + length)


def place_on_canvas(
    pixels: NDArray[Depth], alpha: Alpha, *, size: Size, margin: float = 0.1
) -> tuple[NDArray[Depth], Alpha]:
    """Scale the person to fit a canvas, in its middle, with room around: a shop's framing.

    People whom the image's bottom edge cuts rest on the canvas's.

    Args:
        pixels: the person's colours, uint8 or uint16 (H, W, 3).
        alpha: float32 (H, W), 0 to 1.
        size: rows and columns of the canvas, pixels.
        margin: room on every side, as a share of the canvas's shorter side; below 0.5.
    Returns: colours (*size, 3) and alpha (*size); transparent black around the person.
    Raises:
        SizeError: `pixels` and `alpha` differ in height or width.
    """
    check_same_size(pixels, alpha)
    box = person_box(alpha)
    cover = alpha[box]
    cut = bool((alpha[-1] >= CUT).any())  # by the image's bottom edge: they rest on the canvas's
    room = 2 * margin * min(size)
    ratio = min((size[0] - room) / cover.shape[0], (size[1] - room) / cover.shape[1])
    rows, columns = (max(1, round(side * ratio)) for side in cover.shape)
    top, left = size[0] - rows if cut else (size[0] - rows) // 2, (size[1] - columns) // 2
    middle = slice(top, top + rows), slice(left, left + columns)
    canvas, around = np.zeros((*size, 3), pixels.dtype), np.zeros(size, np.float32)
    canvas[middle], around[middle] = scale(pixels[box], cover, (rows, columns))
    return canvas, around


def scale(pixels: NDArray[Depth], cover: Alpha, size: Size) -> tuple[NDArray[Depth], Alpha]:
    """Resize colours times alpha, then divide: colours that nobody sees must not bleed in.

    Args:
        pixels: the person's colours, uint8 or uint16 (H, W, 3).
        cover: alpha, float32 (H, W), 0 to 1.
        size: rows and columns of the results.
    Returns: colours (*size, 3), in the depth of `pixels`, and alpha (*size).
    """
    weight = np.ascontiguousarray(cover)
    alpha = resize(weight, size)
    result = np.empty((*size, 3), pixels.dtype)
    for channel in range(3):  # one at a time: in float32 a large image takes gigabytes
        seen = cv2.multiply(np.ascontiguousarray(pixels[..., channel]), weight, dtype=cv2.CV_32F)
        colors = resize(np.asarray(seen, np.float32), size) / np.maximum(alpha, 1e-6)
        result[..., channel] = np.rint(colors.clip(0, np.iinfo(pixels.dtype).max))
    return result, alpha


def _span(seen: NDArray[np.intp], room: int, end: int) -> slice:
    return slice(max(0, int(seen[0]) - room), min(end, int(seen[-1]) + 1 + room))
