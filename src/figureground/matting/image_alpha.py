"""Estimate the matte of an image: letterbox, network, small regions, crop, colours.

It is made strip by strip: that of a large image never lies in memory whole.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Depth, Size, product
from figureground.engines import Engine
from figureground.matting.color_matting import Maps, learn, mix_in
from figureground.matting.crop_refinement import Region, blend_rows, paste_crop, propose_crop
from figureground.matting.letterbox import Placement, inner_of, letterbox, window
from figureground.matting.resize import mix_cubic, resize
from figureground.matting.small_regions import distance, drop_spot, resolve_uncertain_regions

# Levels are stretched: alpha up to the black point becomes 0, from the white point on 1, linear
# between. A sigmoid never reaches 0 or 1, and the rest of an unsure background would show.
# Farther apart, hair keeps its transparency, and more of what is unsure shows, which moves outlines
# of frames. So what a person is, is settled with the near levels, and the edges of an image get the
# far ones.
IMAGE_LEVELS = 0.08, 0.92  # black and white point, alpha
EDGE_LEVELS = 0.04, 0.96  # of the edges of what was settled with these
FRAME_LEVELS = 0.15, 0.85  # of videos and animations
EDGE = 0.02, 0.98  # between these a settled matte is an edge ...
EDGE_REACH = 4.0, 8.0  # ... around which far levels count in full and no more, pixels of the input
UNTOUCHED = 0.01  # by which a pixel that was not settled may have changed

FEW = 32  # rows that are enlarged at once: their mixture is a narrow band


def estimate_alpha(rgb: NDArray[Depth], engine: Engine) -> Alpha:
    """Estimate how much of each pixel the person covers; see `estimate_matte`.

    Returns: float32 (H, W), 0 to 1.
    """
    return estimate_matte(rgb, engine).whole()


def estimate_matte(rgb: NDArray[Depth], engine: Engine) -> "Matte":
    """Estimate how much of each pixel the person covers.

    Where people fill only a part of it, the network sees that crop too; see `crop_refinement`.

    Args:
        rgb: uint8 or uint16 (H, W, 3), any size from 1 by 1.
        engine: runs the network; see `figureground.engines`.
    """
    square, placement = letterbox(rgb, engine.size)
    small = _find(square, engine, drop_spot)
    region = propose_crop(small, placement)
    if region is None:
        return Matte(RefinedLayer(small, rgb, square=square, placement=placement))
    part = rgb[region.slices]
    square, closely = letterbox(part, engine.size)
    closer = RefinedLayer(_find(square, engine), part, square=square, placement=closely)
    return Matte(Layer(small, placement), closer, region)


def _find(
    square: NDArray[np.float32], engine: Engine, judge: Callable[[Alpha], Alpha] | None = None
) -> Alpha:
    """The network's matte of its input, settled, and by `judge` too."""
    found = engine(square)
    stretched = stretch_levels(found, IMAGE_LEVELS)
    settled = resolve_uncertain_regions(stretched)
    return soften_edges(judge(settled) if judge else settled, stretched, found)


def soften_edges(settled: Alpha, stretched: Alpha, found: Alpha) -> Alpha:
    """Give the edges of a settled matte their transparency: `EDGE_LEVELS`.

    What was decided stays decided, and nothing shows that is not beside an edge. What is above one
    half stays so.

    Args:
        settled: float32 (rows, columns), 0 to 1; so is what is returned.
        stretched: the same before it was settled.
        found: the same before levels were stretched.
    """
    edge = (settled > EDGE[0]) & (settled < EDGE[1])
    if not edge.any():
        return settled
    full, none = EDGE_REACH
    weight = np.clip((none - distance((~edge).view(np.uint8))) / (none - full), 0, 1)
    weight[np.abs(settled - stretched) > UNTOUCHED] = 0
    return np.asarray(settled + weight * (stretch_levels(found, EDGE_LEVELS) - settled), np.float32)


def stretch_levels(alpha: Alpha, levels: tuple[float, float]) -> Alpha:
    """Stretch levels: alpha up to the first becomes 0, from the second on 1, linear between."""
    black, white = levels
    sure: Alpha = np.clip((alpha - black) / (white - black), 0, 1).astype(np.float32)
    return sure


class Layer:
    """What a network found of an image, at the image's own size, strip by strip.

    Source: the enlargement is that of OpenCV's `resize` with `INTER_CUBIC`, rows apart from columns.
    """

    def __init__(self, small: Alpha, placement: Placement) -> None:
        """Take a network's matte, float32 (rows, columns), 0 to 1, and where the image lies in it.

        Raises:
            SizeError: `small` is not of the size that `placement` tells.
        """
        self.size = placement.image
        inner = inner_of(small, placement)
        self._inner, self._rows = inner, inner.shape[0]

    @cached_property
    def _wide(self) -> Alpha:
        """The matte with columns enlarged, and rows where there are fewer in the image."""
        rows = min(self._rows, self.size[0])
        return resize(self._inner, (rows, self.size[1]), grow=cv2.INTER_CUBIC)

    def strip(self, rows: slice) -> Alpha:
        """The matte of some of the image's rows, float32 (n, W), 0 to 1."""
        if self.size[0] <= self._rows:
            grown = self._wide[rows].copy()
        else:
            grown = np.empty((rows.stop - rows.start, self.size[1]), np.float32)
            for top in range(rows.start, rows.stop, FEW):
                part = slice(top, min(top + FEW, rows.stop))
                known, weights = mix_cubic(part.start, part.stop, self.size[0], self._rows)
                place = slice(part.start - rows.start, part.stop - rows.start)
                grown[place] = product(weights, self._wide[known])
        return np.clip(grown, 0, 1, out=grown)

    def whole(self) -> Alpha:
        """All of it at once, float32 (H, W), 0 to 1."""
        grown = resize(self._inner, self.size, grow=cv2.INTER_CUBIC)
        return np.asarray(np.clip(grown, 0, 1, out=grown), np.float32)


class RefinedLayer(Layer):
    """The same with the edges of the image; see `color_matting`."""

    def __init__(
        self, small: Alpha, rgb: NDArray[Depth], *, square: Maps, placement: Placement
    ) -> None:
        """Learn how the image's colours tell the matte.

        Args:
            small: what the network found, float32 (rows, columns), 0 to 1.
            rgb: uint8 or uint16 (H, W, 3).
            square: what the network saw, float32 (rows, columns, 3), 0 to 1.
            placement: how `letterbox.letterbox` made `square` from `rgb`.
        Raises:
            SizeError: `small` is not of the size of `square`.
        """
        super().__init__(small, placement)
        inner = window(placement)
        self._rgb: NDArray[Any] = rgb
        self._model = learn(square[inner], small[inner])
        self._model[:3] /= np.iinfo(rgb.dtype).max

    def strip(self, rows: slice) -> Alpha:
        """As `Layer.strip`."""
        alpha = super().strip(rows)
        mix_in(alpha, self._rgb[rows], self._model, start=rows.start, height=self.size[0])
        return alpha

    def whole(self) -> Alpha:
        """As `Layer.whole`."""
        alpha = super().whole()
        mix_in(alpha, self._rgb, self._model, start=0, height=self.size[0])
        return alpha


class Matte:
    """How much of each pixel the person covers."""

    def __init__(self, layer: Layer, closer: Layer | None = None, region: Region | None = None):
        """Lay what was found in a region over what was found in the whole image.

        Args:
            layer: of the whole image.
            closer: of the region, and of its size.
            region: where that is; None without `closer`.
        """
        self.size: Size = layer.size
        self._layer, self._closer, self._region = layer, closer, region

    @property
    def pixels(self) -> int:
        """How many the image has."""
        return self.size[0] * self.size[1]

    def strip(self, rows: slice) -> Alpha:
        """The matte of some of the image's rows, float32 (n, W), 0 to 1."""
        alpha = self._layer.strip(rows)
        region = self._region
        if self._closer is None or region is None:
            return alpha
        first, last = max(rows.start, region.top), min(rows.stop, region.bottom)
        if first < last:
            part = self._closer.strip(slice(first - region.top, last - region.top))
            inside = alpha[first - rows.start : last - rows.start]
            blend_rows(inside, part, region, start=first, size=self.size)
        return alpha

    def whole(self) -> Alpha:
        """All of it, float32 (H, W), 0 to 1."""
        alpha = self._layer.whole()
        if self._closer is not None and self._region is not None:
            paste_crop(alpha, self._closer.whole(), self._region)
        return alpha
