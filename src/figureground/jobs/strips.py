"""Results that need no whole matte: what each strip of an image becomes."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha
from figureground.chunks import in_turn
from figureground.jobs.style import Style
from figureground.matting import compositing
from figureground.matting.foreground import Foreground
from figureground.matting.image_alpha import Matte
from figureground.media.strips import Strips

if TYPE_CHECKING:
    from figureground.arrays import Color

CHANNELS = {"cutout": 4, "mask": 1, "composite": 3}


class StripDrawing:
    """Draws an image's results strip by strip, from a matte that is made strip by strip."""

    def __init__(self, pixels: NDArray[Any], matte: Matte) -> None:
        """Measure what all strips need to know of all others.

        pixels: uint8 or uint16 (H, W, 3).
        """
        self._pixels, self._matte = pixels, matte
        self._foreground = Foreground(matte.size, pixels.dtype.type)
        sums = list(zip(*in_turn(self._measure, self._foreground.strips), strict=True))
        self.total, self.squares = sum(sums[0]), sum(sums[1])  # of alpha, and of its square
        self.people = sum(sums[2])  # pixels of which more than half is somebody

    def _measure(self, rows: slice) -> tuple[float, float, int]:
        alpha = self._matte.strip(rows)
        self._foreground.measure(rows, self._pixels[rows], alpha)
        people = int(np.count_nonzero(alpha > 0.5))
        return float(alpha.sum()), cv2.norm(alpha, cv2.NORM_L2SQR), people

    @cached_property
    def _settled(self) -> Foreground:
        self._foreground.settle()
        return self._foreground

    def strips(self, kind: str, look: Style) -> Strips | None:
        """What a kind of output looks like; None where it is not drawn strip by strip."""
        framed = look.reframes or look.canvas is not None
        if kind not in CHANNELS or look.reshapes or framed or look.shadow:
            return None
        background = look.background
        if kind == "composite" and not isinstance(background, tuple):
            return None
        draw = {"cutout": self._cutout, "mask": self._mask}.get(kind)
        self._settled  # noqa: B018 - before threads ask for it
        return Strips(
            shape=(*self._matte.size, CHANNELS[kind]),
            dtype=np.dtype(np.uint8) if kind == "mask" else self._pixels.dtype,
            rows=self._foreground.strips,
            draw=draw or (lambda rows: self._composite(rows, background)),  # type: ignore[arg-type]
        )

    def _mask(self, rows: slice) -> NDArray[Any]:
        return compositing.mask(self._matte.strip(rows))[..., None]

    def _cutout(self, rows: slice) -> NDArray[Any]:
        colors, alpha = self._person(rows)
        return compositing.cutout(colors, alpha)

    def _composite(self, rows: slice, color: "Color") -> NDArray[Any]:
        colors, alpha = self._person(rows)
        return compositing.composite(colors, alpha, color)

    def _person(self, rows: slice) -> tuple[NDArray[Any], Alpha]:
        alpha = self._matte.strip(rows)
        return self._settled.colors(rows, self._pixels[rows], alpha), alpha
