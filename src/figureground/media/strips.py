"""Images that are drawn strip by strip while they are written."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figureground.chunks import in_turn

SMALL = 1 << 20  # pixels, of fewer of which threads cost more than they gain


@dataclass(frozen=True, kw_only=True, eq=False)
class Strips:
    """An image that is never whole in memory; what encodes it asks for one strip after the other."""

    shape: tuple[int, int, int]  # rows, columns, channels
    dtype: "np.dtype[Any]"  # uint8 or uint16
    rows: Sequence[slice]  # of the strips, top to bottom, together all
    draw: Callable[[slice], NDArray[Any]]  # one of them, (n, W, C); from several threads at once

    @property
    def ndim(self) -> int:
        """As of an array."""
        return 3

    def whole(self) -> NDArray[Any]:
        """All strips as one array."""
        pixels = np.empty(self.shape, self.dtype)
        for rows, part in zip(self.rows, self.parts(), strict=True):
            pixels[rows] = part
        return pixels

    def parts(self) -> Iterator[NDArray[Any]]:
        """Draw the strips in order: of a large image several at once."""
        if self.shape[0] * self.shape[1] < SMALL:
            return map(self.draw, self.rows)
        return in_turn(self.draw, self.rows)
