"""One picture with its truth and a network's answer to it, all checked."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import TypeAlias

import numpy as np

from figureground.arrays import Alpha, Mask, Rgb
from figureground.datasets.find import Pair
from figureground.datasets.masks import read_mask
from figureground.errors import DataError, ModelError, PictureError, SizeError
from figureground.evaluation.metrics import iou, to_common_size
from figureground.matting.resize import resize
from figureground.media.pictures import read_picture

AlphaOf: TypeAlias = Callable[[Rgb], Alpha]
"""What is measured: picture, uint8 (H, W, 3), to matte, float32 (H, W), 0 to 1."""

PROPORTION = 0.02  # by which a mask's shape may differ from its picture's


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """A picture, the truth, and what a network made of it."""

    name: str
    rgb: Rgb
    truth: Mask  # may be of another size than `rgb`, not of another shape
    alpha: Alpha  # of the size of `truth`
    milliseconds: float  # from picture to matte, reading not counted

    @property
    def iou(self) -> float:
        """Intersection over union, as `metrics.score` has it."""
        levels, truth = to_common_size(self.alpha, self.truth)
        return iou(levels > 127, truth > 127)


def solve(alpha_of: AlphaOf, pair: Pair) -> Case:
    """Let a network answer one pair.

    Some sets keep masks at another size than pictures: the matte is then brought to the mask's.

    Raises:
        DataError: a file cannot be read, or the mask has not the shape of the picture.
        ModelError: the answer holds values that are no numbers.
        SizeError: the answer is of another size than the picture.
    """
    rgb, truth = _read(pair)
    began = perf_counter()
    alpha = alpha_of(rgb)
    milliseconds = 1000 * (perf_counter() - began)
    _check(alpha, rgb, name=pair.name)
    if alpha.shape != truth.shape:
        alpha = resize(alpha, truth.shape)
    alpha = np.clip(alpha, 0, 1)
    return Case(name=pair.name, rgb=rgb, truth=truth, alpha=alpha, milliseconds=milliseconds)


def _read(pair: Pair) -> tuple[Rgb, Mask]:
    try:
        rgb = read_picture(pair.picture).rgb
    except PictureError as error:
        raise DataError(str(error)) from error
    truth = read_mask(pair.mask)
    stretch = (truth.shape[0] / rgb.shape[0]) / (truth.shape[1] / rgb.shape[1])
    if abs(stretch - 1) > max(PROPORTION, 1 / min(truth.shape)):  # small sizes are rounded more
        raise DataError(
            f"the mask {str(pair.mask)!r} is {truth.shape} but its upright picture is "
            f"{rgb.shape[:2]} (rows, columns); make them one size"
        )
    return rgb, truth


def _check(alpha: Alpha, rgb: Rgb, *, name: str) -> None:
    if alpha.shape != rgb.shape[:2]:
        raise SizeError(
            f"{name!r}: alpha is {alpha.shape} but its picture is {rgb.shape[:2]} (rows, columns)"
        )
    if not np.isfinite(alpha).all():
        raise ModelError(f"{name!r}: the matte holds values that are no numbers; train anew")
