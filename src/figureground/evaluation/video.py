"""Measures of a video's mattes against the truth."""

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from figureground.arrays import Alpha, Mask, Rgb
from figureground.errors import SizeError


def dtssd(alphas: Sequence[Alpha], truths: Sequence[Mask]) -> float:
    """Return how much mattes flicker: change from frame to frame beyond that of the truth; 0 is best.

    The mean over neighbouring frames of the root mean square of (change of alpha - change of
    truth), times 100.

    Args:
        alphas: float32 (H, W), 0 to 1, two or more.
        truths: uint8 (H, W), 0 to 255, as many.
    Raises:
        SizeError: there are fewer than two, or they differ in number or size.
    Source: dtSSD of Erofeev et al., "Perceptually Motivated Benchmark for Video Matting",
        BMVC 2015.
    """
    changes = (_size(after - before) for before, after in pairwise(_errors(alphas, truths)))
    return 100 * sum(changes) / (len(alphas) - 1)


def published_dtssd(alphas: Sequence[Alpha], truths: Sequence[Mask]) -> float:
    """Return dtSSD as RobustVideoMatting's script prints it: the first frame counts as 0.

    So it is lower than `dtssd` by one part in as many as there are frames; compare with figures of
    papers that used that script. Arguments and errors are those of `dtssd`.
    Source: Lin et al., "Robust High-Resolution Video Matting", WACV 2022, evaluate_lr.py.
    """
    return dtssd(alphas, truths) * (len(alphas) - 1) / len(alphas)


def followed_dtssd(
    alphas: Sequence[Alpha], truths: Sequence[Mask], frames: Sequence[Rgb]
) -> tuple[float, float]:
    """Part dtSSD into two: flicker, and lasting errors that move with what they lie on.

    A matte that lacks the same part of the same sleeve in every frame does not flicker, but where
    the sleeve moves, dtSSD counts it. The first figure follows the image (dense inverse search)
    and is 0 for such a matte, as MESSDdt of the same paper; the second is what that matte's dtSSD
    would be. Their squares add up to about the square of dtSSD.

    Args:
        alphas: float32 (H, W), 0 to 1, two or more.
        truths: uint8 (H, W), 0 to 255, as many.
        frames: uint8 (H, W, 3), as many.
    Raises:
        SizeError: there are fewer than two, or they differ in number or size.
    """
    errors = _errors(alphas, truths)
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    greys = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]
    rows, columns = np.indices(errors[0].shape, np.float32)
    flicker = motion = 0.0
    for before, after, old, new in zip(errors, errors[1:], greys, greys[1:], strict=False):
        flow = finder.calc(new, old, np.zeros((*before.shape, 2), np.float32))
        places = columns + flow[..., 0], rows + flow[..., 1]
        moved = cv2.remap(before, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        flicker += _size(after - moved)
        motion += _size(moved - before)
    pairs = len(errors) - 1
    return 100 * flicker / pairs, 100 * motion / pairs


def _errors(alphas: Sequence[Alpha], truths: Sequence[Mask]) -> list[Alpha]:
    if len(alphas) < 2 or len(alphas) != len(truths):
        raise SizeError(f"give two or more mattes and as many truths, got {len(alphas)} and "
                        f"{len(truths)}")  # fmt: skip
    if {alpha.shape for alpha in alphas} != {truth.shape for truth in truths}:
        raise SizeError("mattes and truths differ in rows or columns")
    return [np.asarray(a - t / np.float32(255), np.float32)
            for a, t in zip(alphas, truths, strict=True)]  # fmt: skip


def _size(change: Alpha) -> float:
    """Root mean square."""
    return float(np.sqrt(np.square(change).mean()))
