"""One image with its truth and a network's answer to it, all checked."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import TypeAlias

import numpy as np

from figureground.arrays import Alpha, Mask, Rgb
from figureground.datasets.pairs import Pair
from figureground.datasets.read import read_pair
from figureground.errors import ModelError, SizeError
from figureground.evaluation.metrics import to_common_size
from figureground.matting.resize import resize
from figureground.report.overlap import iou

AlphaOf: TypeAlias = Callable[[Rgb], Alpha]
"""What is measured: image, uint8 (H, W, 3), to matte, float32 (H, W), 0 to 1."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """An image, the truth, and what a network made of it."""

    name: str
    rgb: Rgb
    truth: Mask  # may be of another size than `rgb`, not of another shape
    alpha: Alpha  # of the size of `truth`
    seconds: float  # from image to matte, reading not counted

    @property
    def iou(self) -> float:
        """Intersection over union, as `metrics.score` has it."""
        levels, truth = to_common_size(self.alpha, self.truth)
        return iou(levels > 127, truth > 127)


def solve(alpha_of: AlphaOf, pair: Pair) -> Case:
    """Let a network answer one pair; see `answer`. Raises DataError where a file cannot be read."""
    return answer(alpha_of, pair.name, *read_pair(pair.image, pair.mask))


def answer(alpha_of: AlphaOf, name: str, rgb: Rgb, truth: Mask) -> Case:
    """Let a network answer one image, uint8 (H, W, 3), whose mask is uint8 (h, w), 0 to 255.

    Some sets keep masks at another size than images: the matte is then brought to the mask's.

    Raises:
        ModelError: the answer holds values that are no numbers.
        SizeError: the answer is of another size than the image.
    """
    began = perf_counter()
    alpha = alpha_of(rgb)
    seconds = perf_counter() - began
    _check(alpha, rgb, name=name)
    if alpha.shape != truth.shape:
        alpha = resize(alpha, truth.shape)
    return Case(name=name, rgb=rgb, truth=truth, alpha=np.clip(alpha, 0, 1), seconds=seconds)


def _check(alpha: Alpha, rgb: Rgb, *, name: str) -> None:
    if alpha.shape != rgb.shape[:2]:
        raise SizeError(
            f"{name!r}: alpha is {alpha.shape} but its image is {rgb.shape[:2]} (rows, columns)"
        )
    if not np.isfinite(alpha).all():
        raise ModelError(f"{name!r}: the matte holds values that are no numbers; train anew")
