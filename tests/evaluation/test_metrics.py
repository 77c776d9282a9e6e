"""Measures against numbers that another implementation printed, and against cases by hand."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from scipy.ndimage import binary_erosion

from figureground.evaluation.matting_metrics import (
    connectivity_error,
    gradient_error,
    mae,
    mse,
    sad,
)
from figureground.evaluation.metrics import (
    boundary,
    official_boundary_iou,
    precision,
    recall,
    score,
)
from figureground.evaluation.saliency import s_measure, weighted_f_measure

# PySODMetrics 1.6.2 (numpy 2.3.4, scipy 1.17.1, opencv 4.14.0): `pip install pysodmetrics` in an
# environment of its own, then on each of `mattes()`:
#   import py_sod_metrics as m
#   s, w, e = m.Smeasure(), m.WeightedFmeasure(), m.MAE()
#   for x in (s, w, e): x.step(levels, truth.astype(np.uint8) * 255)
#   s.get_results()["sm"], w.get_results()["wfm"], e.get_results()["mae"]
# Every matte spans 0 to 255, so the stretching of that package changes nothing.
PRINTED = {
    "soft": (0.810645099, 0.646201003, 0.150319138),
    "noise": (0.319107945, 0.277193038, 0.505966605),
    "ramp": (0.544313936, 0.462804656, 0.327204606),
    "shifted": (0.863743385, 0.883236504, 0.052408854),
}


def mattes() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(7)
    rows, columns = np.mgrid[:48, :64]
    disc = (rows - 22) ** 2 + (columns - 30) ** 2 < 15**2
    block = np.zeros((48, 64), bool)
    block[5:40, 40:60] = True
    ramp = np.clip((columns - 10) / 40, 0, 1)
    noise = rng.integers(0, 256, (48, 64)) / 255
    soft = np.clip(0.8 * np.roll(disc, 3, 1) + 0.2 * ramp, 0, 1)
    shifted = np.roll(block, 4, 0)
    for name, alpha, truth in (
        ("soft", soft, disc),
        ("noise", noise, disc),
        ("ramp", ramp, block),
        ("shifted", shifted, block),
    ):
        levels = np.rint(alpha * 255).astype(np.uint8)
        levels[0, 0], levels[0, 1] = 0, 255
        yield name, levels, truth


@pytest.mark.parametrize(("name", "levels", "truth"), list(mattes()), ids=list(PRINTED))
def test_measures_are_those_that_another_implementation_printed(name, levels, truth) -> None:
    alpha = levels.astype(np.float32) / np.float32(255)
    measured = (
        s_measure(alpha, truth),
        weighted_f_measure(alpha, truth),
        mae(alpha, truth.astype(np.float32)),
    )
    assert measured == pytest.approx(PRINTED[name], abs=1e-7)


def test_measures_are_those_of_another_implementation_where_it_is_installed() -> None:
    theirs = pytest.importorskip("py_sod_metrics")
    random = np.random.default_rng(3)
    for _ in range(20):
        noise = cv2.GaussianBlur(random.random((60, 80)), (0, 0), random.uniform(2, 9))
        truth = noise > np.quantile(noise, random.uniform(0.3, 0.9))
        soft = cv2.GaussianBlur(truth + random.normal(0, 0.4, truth.shape), (0, 0), 1.5)
        stretched = 255 * (soft - soft.min()) / (soft.max() - soft.min())
        levels = stretched.round().astype(np.uint8)
        meters = theirs.Smeasure(), theirs.WeightedFmeasure(), theirs.MAE()
        for meter in meters:
            meter.step(levels, truth.astype(np.uint8) * 255)
        expected = [
            meter.get_results()[key]
            for meter, key in zip(meters, ("sm", "wfm", "mae"), strict=True)
        ]
        alpha = levels.astype(np.float32) / np.float32(255)
        ours = s_measure(alpha, truth), weighted_f_measure(alpha, truth)
        assert (*ours, mae(alpha, truth.astype(np.float32))) == pytest.approx(expected, abs=1e-6)


def square() -> np.ndarray:
    mask = np.zeros((40, 50), np.float32)
    mask[10:30, 10:30] = 1
    return mask


def test_sums_and_means_by_hand() -> None:
    half = square() / 2
    assert mae(half, square()) == pytest.approx(0.5 * 400 / 2000)
    assert mse(half, square()) == pytest.approx(0.25 * 400 / 2000)
    assert sad(half, square()) == pytest.approx(0.2)


def test_a_matte_equal_to_its_truth_has_no_error() -> None:
    scores = score(square(), (square() * 255).astype(np.uint8))
    errors = {"mae", "mse", "sad", "gradient", "connectivity"}
    assert {scores[name] for name in errors} == {0}
    assert {round(value, 9) for name, value in scores.items() if name not in errors} == {1}


def test_gradient_error_of_a_step_by_hand() -> None:
    step = np.zeros((20, 20), np.float32)
    step[:, 10:] = 1
    at = np.arange(-4, 5)  # 1.4 * sqrt(-2 ln(sqrt(2 pi) * 1.4 * 0.01)) = 3.6, rounded up
    bell = np.exp(-(at**2) / (2 * 1.4**2))
    slope = at * bell
    bell, slope = bell / np.linalg.norm(bell), slope / np.linalg.norm(slope)
    steepness = [bell.sum() * slope[at >= 10 - column].sum() for column in range(20)]
    expected = 20 * np.square(steepness).sum() / 1000
    assert gradient_error(step, np.zeros_like(step)) == pytest.approx(expected)
    assert gradient_error(step + 0, step) == 0


def test_what_floats_apart_from_the_person_counts_as_unconnected() -> None:
    island = square()
    island[20:24, 40:45] = 1  # 20 pixels
    assert connectivity_error(island, square()) == pytest.approx(0.02)
    island[20:24, 40:45] = 0.1  # within the slack
    assert connectivity_error(island, square()) == 0


def test_precision_and_recall_by_hand() -> None:
    wanted = square() > 0
    found = wanted.copy()
    found[10:20] = False
    assert (precision(found, wanted), recall(found, wanted)) == (1, 0.5)
    assert (precision(wanted, found), recall(wanted, found)) == (0.5, 1)


def test_images_without_people_are_answered_rightly_by_an_empty_matte() -> None:
    empty = np.zeros((8, 8), np.uint8)
    scores = score(empty.astype(np.float32), empty)
    overlaps = (
        "iou",
        "dice",
        "precision",
        "recall",
        "boundary_iou",
        "official_boundary_iou",
        "s_measure",
        "weighted_f",
    )
    assert {scores[name] for name in overlaps} == {1}
    wrong = score(np.ones((8, 8), np.float32), empty)
    assert {wrong[name] for name in overlaps} == {0}
    missed = score(empty.astype(np.float32), np.full((8, 8), 255, np.uint8))
    assert {missed[name] for name in overlaps[:-1]} == {0}
    nothing = weighted_f_measure(np.zeros((40, 50), np.float32), square() > 0)
    assert nothing == pytest.approx(0, abs=1e-9)


def test_of_equally_near_pixels_the_leftmost_is_taken() -> None:
    """The gap between two people has a middle; numbers of PySODMetrics, which asks SciPy."""
    truth = np.zeros((9, 9), bool)
    truth[:, 2], truth[:, 6] = True, True
    for found, printed in ((6, 0.821335250), (2, 0.860436718)):
        alpha = np.zeros((9, 9), np.float32)
        alpha[:, found] = 1
        assert weighted_f_measure(alpha, truth) == pytest.approx(printed, abs=1e-7)


def blobs(size: tuple[int, int], seed: int) -> np.ndarray:
    """A matte of soft patches, some of which the border cuts."""
    noise = np.random.default_rng(seed).random(size).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), max(size) / 12)
    return (smooth - smooth.min()) / (smooth.max() - smooth.min())


def official_band(person: np.ndarray) -> np.ndarray:
    """What the definition says, by another library: what erosions by 3 x 3 take away."""
    width = max(1, round(0.02 * float(np.sqrt(person.shape[0] ** 2 + person.shape[1] ** 2))))
    square = np.ones((3, 3), bool)
    return person & ~binary_erosion(person, square, iterations=width, border_value=0)


@pytest.mark.parametrize("size", [(24, 30), (200, 333), (900, 700)])
def test_the_official_boundary_iou_is_that_of_another_computation(size: tuple[int, int]) -> None:
    alpha, other = blobs(size, 0), blobs(size, 1)
    truth = np.rint(255 * np.clip(0.7 * alpha + 0.3 * other, 0, 1)).astype(np.uint8)
    ours, theirs = official_band(alpha > 0.5), official_band(truth > 127)
    np.testing.assert_array_equal(boundary(alpha > 0.5, band=0.02), ours)
    expected = (ours & theirs).sum() / (ours | theirs).sum()
    assert 0.1 < expected < 0.95
    assert official_boundary_iou(alpha, truth) == pytest.approx(expected)
    assert score(alpha, truth)["official_boundary_iou"] == pytest.approx(expected)  # at full size
