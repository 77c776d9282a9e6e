"""Measures of a film's mattes against the truth."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from figureground.arrays import Alpha, Mask
from figureground.errors import SizeError


def dtssd(alphas: Sequence[Alpha], truths: Sequence[Mask]) -> float:
    """How much mattes flicker: change from frame to frame beyond that of the truth; 0 is best.

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
    if len(alphas) < 2 or len(alphas) != len(truths):
        raise SizeError(f"give two or more mattes and as many truths, got {len(alphas)} and "
                        f"{len(truths)}")  # fmt: skip
    if {alpha.shape for alpha in alphas} != {truth.shape for truth in truths}:
        raise SizeError("mattes and truths differ in rows or columns")
    errors = [alpha - truth / np.float32(255) for alpha, truth in zip(alphas, truths, strict=True)]
    changes = (
        float(np.sqrt(np.square(after - before).mean())) for before, after in pairwise(errors)
    )
    return 100 * sum(changes) / (len(errors) - 1)
