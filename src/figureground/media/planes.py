"""A frame as videos store it: brightness at full size, two differences of colour often smaller.

Working on these planes spares a video the way to RGB and back, which costs time and rounds twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Rgb, Size

Plane: TypeAlias = NDArray[Any]
"""Samples of one kind: uint8 (h, w), or uint16 where a sample has more than 8 bits."""

# Shares of red and blue in luma by libswscale's number of a matrix: ISO/IEC 23091-2 (H.273).
SHARES = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
}
BLACK, WHITE, NEUTRAL = 16, 235, 128  # of 8-bit samples of limited range
STEPS = 219, 112  # of luma from black to white, of chroma from neutral to either end


@dataclass(frozen=True, kw_only=True, eq=False)
class Planes:
    """One frame's samples, of limited range: luma, and the differences to blue and to red."""

    luma: Plane  # (H, W)
    blue: Plane  # (H, W), or half of both, rounded up
    red: Plane  # like `blue`
    bits: int = 8  # of each sample
    alpha: Plane | None = None  # uint8 (H, W), of a source that is transparent itself

    @property
    def size(self) -> Size:
        """Rows and columns of the frame."""
        return self.luma.shape[0], self.luma.shape[1]

    @property
    def all(self) -> tuple[Plane, Plane, Plane]:
        """Luma, blue, red."""
        return self.luma, self.blue, self.red

    def each(self, change: Callable[[Plane], Plane]) -> "Planes":
        """The same frame with each plane changed."""
        luma, blue, red = (np.ascontiguousarray(change(plane)) for plane in self.all)
        alpha = None if self.alpha is None else np.ascontiguousarray(change(self.alpha))
        return Planes(luma=luma, blue=blue, red=red, bits=self.bits, alpha=alpha)

    def part(self, rows: slice, columns: slice) -> "Planes":
        """A part of the frame, not copied; it has to begin at even rows and columns."""
        by = 1 if self.blue.shape == self.luma.shape else 2
        chroma = tuple(slice(s.start // by, -(-s.stop // by)) for s in (rows, columns))
        return Planes(
            luma=self.luma[rows, columns],
            blue=self.blue[chroma],
            red=self.red[chroma],
            bits=self.bits,
        )

    def merged(self, size: Size) -> NDArray[Any]:
        """The three planes as channels, (*size, 3) in their own depth: scaled, not converted."""
        channels = [_scale(plane, size) for plane in self.all]
        return np.asarray(cv2.merge(channels), self.luma.dtype)


def to_small_rgb(planes: Planes, *, matrix: int, size: Size) -> Rgb:
    """A frame in 8-bit RGB, at a smaller size than its own; uint8 (*size, 3).

    matrix: libswscale's number, a key of SHARES.
    """
    merged = planes.merged(size)
    if planes.bits > 8:
        merged = np.asarray(cv2.convertScaleAbs(merged, alpha=1 / (1 << (planes.bits - 8))))
    return np.asarray(cv2.transform(merged, _to_rgb(matrix)), np.uint8)


def from_merged(channels: NDArray[Any], like: Planes) -> Planes:
    """Channels as of `Planes.merged`, of any size, as planes of the sizes and bits of `like`."""
    parts = [
        _scale(np.ascontiguousarray(channels[..., index]), plane.shape)
        for index, plane in enumerate(like.all)
    ]
    return Planes(luma=parts[0], blue=parts[1], red=parts[2], bits=like.bits)


def from_matte(alpha: Alpha, like: Planes) -> Planes:
    """A matte as a grey frame, black where nobody is; alpha: float32 (H, W), 0 to 1."""
    step = 1 << (like.bits - 8)
    luma = np.rint(alpha * np.float32(STEPS[0] * step) + np.float32(BLACK * step))
    grey = np.full(like.blue.shape, NEUTRAL * step, like.blue.dtype)
    return Planes(luma=luma.astype(like.luma.dtype), blue=grey, red=grey, bits=like.bits)


def _scale(plane: Plane, size: tuple[int, ...]) -> Plane:
    rows, columns = size[:2]
    if plane.shape == (rows, columns):
        return plane
    shrinks = rows < plane.shape[0] and columns < plane.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plane, (columns, rows), interpolation=how), plane.dtype)


def _to_rgb(matrix: int) -> NDArray[np.float32]:
    """From 8-bit samples of limited range to RGB of full range, (3, 4) with the offset last."""
    red, blue = SHARES[matrix]
    green = 1 - red - blue
    luma, chroma = 255 / STEPS[0], 255 / STEPS[1]
    to_red, to_blue = chroma * (1 - red), chroma * (1 - blue)
    factors = np.array(
        [
            [luma, 0, to_red],
            [luma, -to_blue * blue / green, -to_red * red / green],
            [luma, to_blue, 0],
        ]
    )
    offset = -factors @ np.array([BLACK, NEUTRAL, NEUTRAL])
    return np.column_stack([factors, offset]).astype(np.float32)
