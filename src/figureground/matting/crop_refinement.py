"""Refine the matte on a crop around people who are small in an image.

The network sees every image through the same few pixels. Where people fill only a part of it, a
crop of that part goes through the network again: hands, hair and gaps appear that the first pass
could not resolve. It costs a second pass, in such images only.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.matting.letterbox import Placement, window

PERSON_LEVEL = 0.5  # a matte above this is people, who must lie within the second look
CROP_MARGIN = 0.1  # of the people's longer side, left around them
MIN_CROP_ASPECT = 0.75  # short side over long: people stretched further no longer look like people
MAX_CROP_SHARE = 0.85  # share of the image above which a second look would hardly be closer
FADE_SHARE = (
    0.03  # of the longer side: width of the seam in which the first look fades into the second
)
ROWS_AT_ONCE = 256  # rows that are blended at once


class Region(NamedTuple):
    """Rows and columns of an image, ends not included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def size(self) -> Size:
        """Rows and columns."""
        return self.bottom - self.top, self.right - self.left

    @property
    def slices(self) -> tuple[slice, slice]:
        """To cut it out of an array."""
        return slice(self.top, self.bottom), slice(self.left, self.right)


def propose_crop(small: Alpha, placement: Placement) -> Region | None:
    """Return where to look again; None where that would show nothing new.

    Args:
        small: the network's matte of the whole image, float32 (rows, columns), 0 to 1.
        placement: where the image lies in it.
    """
    height, width = placement.image
    people = people_box(small, placement)
    if people is None:
        return None
    margin = CROP_MARGIN * max(people.size)
    span = _widen(people.top, people.bottom, margin, height)
    reach = _widen(people.left, people.right, margin, width)
    shortest = MIN_CROP_ASPECT * max(span[1] - span[0], reach[1] - reach[0])
    top, bottom = _widen(*span, (shortest - span[1] + span[0]) / 2, height)
    left, right = _widen(*reach, (shortest - reach[1] + reach[0]) / 2, width)
    region = Region(top=top, left=left, bottom=bottom, right=right)
    share = region.size[0] * region.size[1] / (height * width)
    return region if share <= MAX_CROP_SHARE else None


def people_box(small: Alpha, placement: Placement) -> Region | None:
    """The image's rows and columns that people fill; None where nobody is; see `propose_crop`."""
    people = small[window(placement)] > PERSON_LEVEL
    if not people.any():
        return None
    rows, columns = np.flatnonzero(people.any(axis=1)), np.flatnonzero(people.any(axis=0))
    (height, width), (down, across) = placement.image, placement.inner
    top, bottom = _stretch(rows, height / down, height)
    left, right = _stretch(columns, width / across, width)
    return Region(top=top, left=left, bottom=bottom, right=right)


def _stretch(places: NDArray[np.intp], scale: float, most: int) -> tuple[int, int]:
    """From the first to the last of rows or columns, in the image's, at least one of `most`."""
    start = min(round(places[0] * scale), most - 1)
    return start, max(start + 1, round((places[-1] + 1) * scale))


def _widen(start: float, end: float, margin: float, most: int) -> tuple[int, int]:
    """A stretch with a margin, if it is one, on both sides, whole pixels within 0 to `most`."""
    margin = max(0.0, margin)
    return max(0, int(start - margin)), min(most, int(np.ceil(end + margin)))


def paste_crop(alpha: Alpha, closer: Alpha, region: Region) -> None:
    """Put the closer matte into that of the whole image, in place, without a visible seam.

    alpha: float32 (H, W); closer: float32, of the size of `region`, which lies within (H, W).
    """
    size = alpha.shape[0], alpha.shape[1]
    for top in range(0, region.size[0], ROWS_AT_ONCE):
        part = closer[top : top + ROWS_AT_ONCE]
        start = region.top + top
        blend_rows(alpha[start : start + len(part)], part, region, start=start, size=size)


def blend_rows(alpha: Alpha, closer: Alpha, region: Region, *, start: int, size: Size) -> None:
    """As `paste_crop`, of some rows, all of which the region has.

    Args:
        alpha: float32 (n, W), of the whole image.
        closer: float32 (n, w), of the region.
        region: which that is.
        start: number of the first of the rows in the image.
        size: rows and columns of the whole image.
    """
    seam = max(1, round(FADE_SHARE * max(region.size)))
    down = _fade(region.top, region.bottom, size[0], seam)
    across = _fade(region.left, region.right, size[1], seam)
    own = down[start - region.top : start - region.top + len(alpha), None]
    inside = alpha[:, region.left : region.right]
    # Of most rows each counts in full, and need no weight of their own.
    inside += (closer - inside) * (across if (own == 1).all() else own * across)


def _fade(start: int, end: int, length: int, seam: int) -> NDArray[np.float32]:
    """Return how much the closer look counts along one axis: all, but at seams inside the image."""
    places = np.arange(1, end - start + 1)
    before = places if start > 0 else np.full_like(places, seam)
    after = places[::-1] if end < length else np.full_like(places, seam)
    share: NDArray[np.float32] = (np.minimum(np.minimum(before, after), seam) / seam).astype(
        np.float32
    )
    return share
