"""Track the region of interest (ROI): the part of a video's frames that holds the people.

Shown that part only, the network sees people larger, as in `crop_refinement`; an ROI that stays
where it is while people move within it keeps mattes comparable from frame to frame.
"""

from figureground.arrays import Size
from figureground.matting.crop_refinement import MAX_CROP_SHARE, Region

ROI_MARGIN = 0.12  # of the people's longer side, left around them when a part is chosen
MIN_MARGIN = 0.03  # of it, less of which makes for another part
SHRINK_SHARE = 0.6  # a part is kept unless one of less than this share of its size would do ...
SHRINK_PATIENCE = (
    5  # ... in so many frames before this one: what is taken for people comes and goes
)
SHAPES = (9 / 16, 1.0, 16 / 9)  # columns over rows: a few, so that few networks have to be loaded
EVEN = 2  # parts begin and end where the halved planes of colour do


def whole_frame(size: Size) -> Region:
    """All of a frame of `size`, rows and columns."""
    return Region(top=0, left=0, bottom=size[0], right=size[1])


def together(first: Region | None, second: Region | None) -> Region | None:
    """Return the smallest part that holds both."""
    if first is None or second is None:
        return first or second
    return Region(
        top=min(first.top, second.top),
        left=min(first.left, second.left),
        bottom=max(first.bottom, second.bottom),
        right=max(first.right, second.right),
    )


def onward(people: Region | None, before: Region | None) -> Region | None:
    """Return the part that holds people now and in the next frame, if they go on as they did since the last."""
    if people is None or before is None:
        return people
    down = _step(people.top - before.top, people.bottom - before.bottom)
    across = _step(people.left - before.left, people.right - before.right)
    ahead = Region(
        top=people.top + down,
        left=people.left + across,
        bottom=people.bottom + down,
        right=people.right + across,
    )
    return together(people, ahead)


def _step(first: int, second: int) -> int:
    """Return how far a stretch went whose ends went so far; an arm that is stretched out is no step."""
    return min(first, second, key=abs) if first * second > 0 else 0


def holds(part: Region, people: Region, size: Size, *, margin: float = 0) -> bool:
    """Return whether people, and a margin that the frame's own border cuts, lie within a part."""
    return (
        part.top <= max(0, people.top - margin)
        and part.left <= max(0, people.left - margin)
        and part.bottom >= min(size[0], people.bottom + margin)
        and part.right >= min(size[1], people.right + margin)
    )


def track_roi(
    people: Region | None, part: Region, size: Size, *, roomy: int = SHRINK_PATIENCE
) -> tuple[Region, int]:
    """The part of the next frame to look at: the same, as long as it suits.

    Args:
        people: where they are in this frame; None where nobody is.
        part: what was looked at.
        size: of the frame, rows and columns.
        roomy: in so many frames on end before this one a much smaller part would have done.
    Returns: the part; and the same count for the next frame.
    """
    if people is None:
        return whole_frame(size), 0
    best = propose_roi(people, size)
    if not holds(part, people, size, margin=MIN_MARGIN * max(people.size)):
        return best, 0
    if _area(best) >= SHRINK_SHARE * _area(part):
        return part, 0
    return (best, 0) if roomy >= SHRINK_PATIENCE else (part, roomy + 1)


def propose_roi(people: Region, size: Size) -> Region:
    """A part of a frame with people and room around them, of one of `SHAPES` where that fits."""
    room = ROI_MARGIN * max(people.size)
    rows, columns = (side + 2 * room for side in people.size)
    shape = shape_of(people.size)
    rows, columns = max(rows, columns / shape), max(columns, rows * shape)
    top, bottom = _stretch(people.top, people.bottom, rows, size[0])
    left, right = _stretch(people.left, people.right, columns, size[1])
    part = Region(top=top, left=left, bottom=bottom, right=right)
    return part if _area(part) <= MAX_CROP_SHARE * size[0] * size[1] else whole_frame(size)


def shape_of(size: Size) -> float:
    """The one of `SHAPES` that is most like rows and columns."""
    ratio = size[1] / size[0]
    return min(SHAPES, key=lambda shape: max(shape / ratio, ratio / shape))


def _stretch(start: int, end: int, length: float, most: int) -> tuple[int, int]:
    """`length` pixels around a stretch, moved to lie within 0 to `most`, to even numbers."""
    length = min(length, most)
    first = min(max(0.0, (start + end - length) / 2), most - length)
    return int(first) // EVEN * EVEN, min(most, -int(-(first + length) // EVEN) * EVEN)


def _area(part: Region) -> int:
    return part.size[0] * part.size[1]
