"""Two measures from the literature of salient objects, for comparison with what is published there.

Papers stretch each prediction to span 0 to 1 before they measure it. That rewards a network that is
never sure, and turns an empty matte's noise into a person, so it is not done here.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha
from figureground.evaluation.extent import extent

Region = NDArray[np.float64]
TINY = float(np.spacing(1.0))
WINDOW = 7  # of the Gaussian that spreads errors among neighbours, pixels
SIGMA = 5.0  # its width, pixels
HALF_DISTANCE = 5.0  # where a false pixel has lost half of its lenience, pixels


def _offsets() -> list[tuple[int, int]]:
    """Rows and columns to all pixels no farther than the window's corner, nearest first."""
    reach = WINDOW // 2
    farthest = 2 * reach**2
    steps = range(-reach - 1, reach + 2)
    near = [(y, x) for x in steps for y in steps if 0 < y * y + x * x <= farthest]
    return sorted(near, key=lambda at: at[0] ** 2 + at[1] ** 2)  # stable: left before up


NEAREST = _offsets()


def s_measure(alpha: Alpha, person: NDArray[np.bool_]) -> float:
    """Return how alike in structure a matte is to the truth: 0 to 1, objects and regions weighted alike.

    Without a person it is how empty the matte is on average, and where all is person, how full.

    Args:
        alpha: float32 (H, W), 0 to 1.
        person: the true pixels, bool (H, W).
    Source: Fan et al., "Structure-measure: A New Way to Evaluate Foreground Maps", ICCV 2017.
    """
    matte = alpha.astype(np.float64)
    share = float(person.mean())
    if share in (0.0, 1.0):
        return float(matte.mean()) if share else 1 - float(matte.mean())
    objects = share * _evenness(matte[person]) + (1 - share) * _evenness(1 - matte[~person])
    return max(0.0, 0.5 * objects + 0.5 * _by_quarters(matte, person.astype(np.float64)))


def _evenness(values: Region) -> float:
    mean = float(values.mean())
    spread = float(values.std(ddof=1)) if values.size > 1 else 0.0
    return 2 * mean / (mean**2 + 1 + spread + TINY)


def _by_quarters(matte: Region, truth: Region) -> float:
    """Similarity of the four parts around the person's centre, weighted by their areas."""
    rows, columns = np.nonzero(truth)
    row, column = (int(at.mean().round()) + 1 for at in (rows, columns))
    parts = [
        (rows, columns)
        for rows in (slice(None, row), slice(row, None))
        for columns in (slice(None, column), slice(column, None))
        if truth[rows, columns].size  # a centre in the last row or column leaves two parts empty
    ]
    weighted = (truth[part].size * _similarity(matte[part], truth[part]) for part in parts)
    return sum(weighted) / truth.size


def _similarity(x: Region, y: Region) -> float:
    """Wang et al.'s structural similarity of two regions as wholes, without its constants."""
    x_mean, y_mean, spare = float(x.mean()), float(y.mean()), x.size - 1 + TINY
    x_off, y_off = x - x_mean, y - y_mean
    variances = float((x_off**2).sum() + (y_off**2).sum()) / spare
    shared = 4 * x_mean * y_mean * float((x_off * y_off).sum()) / spare
    possible = (x_mean**2 + y_mean**2) * variances
    if shared == 0:
        return 1.0 if possible == 0 else 0.0
    return shared / (possible + TINY)


def weighted_f_measure(alpha: Alpha, person: NDArray[np.bool_]) -> float:
    """F-measure of a matte that forgives errors close to others alike, and false pixels near edges.

    Without a person it is 1 if the matte is empty and 0 otherwise. An empty matte of a person is 0,
    but more where the person touches the image's border: as in the authors' program, the Gaussian
    sees no errors beyond it.

    Args:
        alpha: float32 (H, W), 0 to 1.
        person: the true pixels, bool (H, W).
    Source: Margolin et al., "How to Evaluate Foreground Maps?", CVPR 2014, with beta 1.
    """
    if not person.any():
        return 0.0 if alpha.any() else 1.0
    box = extent(person | (alpha > 0), margin=WINDOW // 2)  # as far as the Gaussian looks
    alpha, person = alpha[box], np.ascontiguousarray(person[box])
    error = np.abs(alpha.astype(np.float64) - person)
    kernel = cv2.getGaussianKernel(WINDOW, SIGMA, cv2.CV_64F)
    spread = cv2.sepFilter2D(
        _continued(error, person), cv2.CV_64F, kernel, kernel, borderType=cv2.BORDER_CONSTANT
    )
    missed = float(np.minimum(error, spread)[person].sum())
    distance = _distance_to(person)
    false = float((error * (2 - 0.5 ** (distance / HALF_DISTANCE)))[~person].sum())
    found = float(person.sum()) - missed
    recall, precision = found / float(person.sum()), found / (found + false + TINY)
    return 2 * recall * precision / (recall + precision + TINY)


def _distance_to(person: NDArray[np.bool_]) -> Region:
    away = (~person).astype(np.uint8)
    return np.asarray(cv2.distanceTransform(away, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float64)


def _continued(error: Region, person: NDArray[np.bool_]) -> Region:
    """The person's errors, carried on into the background as far as the Gaussian looks.

    Each pixel there takes the error of the person's pixel that is nearest to it, of equally near
    ones the leftmost, then the uppermost, as SciPy's distance transform does.
    """
    seen = cv2.dilate(person.astype(np.uint8), np.ones((WINDOW, WINDOW), np.uint8)) > 0
    rows, columns = np.nonzero(seen & ~person)
    margin = WINDOW // 2 + 1
    inside, errors = np.pad(person, margin), np.pad(error, margin)
    result = error.copy()
    for down, right in NEAREST:
        at = rows + down + margin, columns + right + margin
        hit = inside[at]
        result[rows[hit], columns[hit]] = errors[at][hit]
        rows, columns = rows[~hit], columns[~hit]
    return result
