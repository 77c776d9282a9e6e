"""Measures of soft mattes, as the benchmark of alpha matting defines them.

Rhemann et al., "A Perceptually Motivated Online Benchmark for Image Matting", CVPR 2009, counts
inside an unknown band that somebody drew; nobody draws one here, so the whole image counts. Sums
are in thousands, as tables of matting papers print them, and grow with the number of pixels:
compare them only between mattes of the same images at the same size.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha
from figureground.evaluation.extent import extent

SIGMA = 1.4  # of the Gaussian whose derivative measures gradients, pixels
SMALLEST = 0.01  # share of the Gaussian's peak where its kernel is cut off
REACH = math.ceil(SIGMA * math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) * SIGMA * SMALLEST)))
STEPS = 10  # levels at which connectivity is looked at
SLACK = 0.15  # distance in alpha that still counts as connected
THOUSAND = 1000.0


def mae(alpha: Alpha, truth: Alpha) -> float:
    """Mean absolute error of two mattes, float32 (H, W): 0 to 1."""
    return float(np.mean(np.abs(alpha - truth), dtype=np.float64))


def mse(alpha: Alpha, truth: Alpha) -> float:
    """Mean squared error of two mattes, float32 (H, W): 0 to 1."""
    return float(np.mean(np.square(alpha - truth), dtype=np.float64))


def sad(alpha: Alpha, truth: Alpha) -> float:
    """Sum of absolute differences of two mattes, float32 (H, W), in thousands."""
    return float(np.sum(np.abs(alpha - truth), dtype=np.float64)) / THOUSAND


def gradient_error(alpha: Alpha, truth: Alpha) -> float:
    """Return how differently steep two mattes, float32 (H, W), are, in thousands.

    Source: Rhemann et al., CVPR 2009, with sigma 1.4: the sum of squared differences between the
    magnitudes of gradients, by first-order Gaussian derivatives.
    """
    box = extent((alpha > 0) | (truth > 0), margin=2 * REACH)
    difference = _steepness(alpha[box]) - _steepness(truth[box])
    return float(np.sum(np.square(difference))) / THOUSAND


def connectivity_error(alpha: Alpha, truth: Alpha) -> float:
    """Return how much of a matte, float32 (H, W), floats apart from the person, in thousands.

    A pixel is connected down to the highest level at which it belongs to the largest region (by
    four neighbours) where both mattes are at least as opaque; what it has beyond that counts, if it
    is 0.15 or more.

    Source: Rhemann et al., CVPR 2009, with steps of 0.1.
    """
    box = extent((alpha > 0) | (truth > 0), margin=0)
    alpha, truth = alpha[box], truth[box]
    both = np.minimum(alpha, truth)
    connected = np.ones(alpha.shape, np.float32)
    reached = np.ones(alpha.shape, bool)  # connected at every level so far
    for step in range(1, STEPS + 1):
        level = step / STEPS
        inside = _largest_region(both >= level)
        connected[reached & ~inside] = (step - 1) / STEPS
        reached &= inside
    apart = _floating(alpha, connected) - _floating(truth, connected)
    return float(np.sum(np.abs(apart), dtype=np.float64)) / THOUSAND


def _steepness(alpha: Alpha) -> NDArray[np.float64]:
    at = np.arange(-REACH, REACH + 1)
    bell = np.exp(-(at**2) / (2 * SIGMA**2))
    slope = at * bell
    # The benchmark scales each two-dimensional kernel to length one, so both factors may be.
    bell, slope = bell / np.linalg.norm(bell), slope / np.linalg.norm(slope)
    edge = cv2.BORDER_REPLICATE
    across = cv2.sepFilter2D(alpha, cv2.CV_64F, slope, bell, borderType=edge)
    down = cv2.sepFilter2D(alpha, cv2.CV_64F, bell, slope, borderType=edge)
    return np.hypot(across, down, dtype=np.float64)


def _largest_region(pixels: NDArray[np.bool_]) -> NDArray[np.bool_]:
    count, labels = cv2.connectedComponents(pixels.view(np.uint8), connectivity=4)
    if count <= 2:  # nothing but the background and one region
        return pixels
    areas = np.bincount(labels.ravel())[1:]  # the first is the background
    region: NDArray[np.bool_] = labels == 1 + int(areas.argmax())
    return region


def _floating(alpha: Alpha, connected: Alpha) -> Alpha:
    excess = alpha - connected
    return np.where(excess >= SLACK, excess, np.float32(0))
