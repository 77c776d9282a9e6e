"""Videos whose mattes are known."""

import numpy as np
import pytest

from figureground.arrays import Mask, Rgb, Size
from figureground.evaluation.synthetic_video import MotionPath, animate_cutout
from figureground.evaluation.video import dtssd, followed_dtssd
from figureground.matting.fixed_lag_smoother import estimate_video_alphas
from figureground.report.overlap import iou

SIZE = (96, 128)


class Red:
    """An engine that takes red for a person, and is off by another patch each time."""

    size = (64, 64)

    def __init__(self) -> None:
        self.random = np.random.default_rng(0)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        person = (image[..., 0] - image[..., 1] > 0.2).astype(np.float32)
        patches = self.random.normal(0, 0.5, (8, 8)).repeat(8, 0).repeat(8, 1)
        return np.clip(0.5 + (person - 0.5) * 0.6 + patches * 0.3, 0, 1).astype(np.float32)

    def resized(self, size: Size) -> "Red":
        """Itself: its size is fixed."""
        return self


def video(*, seed: int = 1, pace: float = 1.0, frames: int = 10) -> list[tuple[Rgb, Mask]]:
    """A red column, striped so that its motion is seen, before bluish noise."""
    random = np.random.default_rng(0)
    mask = np.zeros((80, 60), np.uint8)
    mask[10:, 20:40] = 255
    image = np.full((80, 60, 3), (90, 110, 140), np.uint8)
    image[mask > 0] = 220, 60, 60
    image[::6] = image[::6] // 4 * 3
    scene = random.integers(60, 140, (60, 80, 3)).astype(np.uint8) // 2 + np.array([0, 30, 60])
    path = MotionPath(frames=frames, size=SIZE, seed=seed, pace=pace)
    return list(animate_cutout(image, mask, scene.astype(np.uint8), path))


def test_the_person_is_where_the_matte_says() -> None:
    for rgb, truth in video():
        assert rgb.shape == (*SIZE, 3) and truth.shape == SIZE
        red = rgb[..., 0].astype(int) - rgb[..., 1] > 50
        assert iou(red, truth > 127) > 0.9


def test_people_move_and_scenes_do_for_odd_seeds_only() -> None:
    for seed, moves in ((1, True), (2, False)):
        shown = video(seed=seed)
        assert (shown[0][1] != shown[-1][1]).mean() > 0.01
        change = np.abs(shown[0][0].astype(int) - shown[-1][0])
        apart = change[(shown[0][1] == 0) & (shown[-1][1] == 0)].mean()
        assert (apart > 6) == moves  # the camera is noisy


@pytest.mark.parametrize("pace", [0.2, 1.0])
def test_holding_steady_lowers_flicker_and_loses_no_fit(pace: float) -> None:
    shown = video(pace=pace)
    frames, truths = [rgb for rgb, _ in shown], [truth for _, truth in shown]
    figures = []
    for smooth in (False, True):
        alphas = estimate_video_alphas(frames, Red(), smooth=smooth)
        fit = np.mean([iou(a > 0.5, t > 127) for a, t in zip(alphas, truths, strict=True)])
        flicker, _ = followed_dtssd(alphas, truths, frames)
        figures.append((dtssd(alphas, truths), flicker, fit))
    plain, steady = figures
    assert steady[0] < 0.75 * plain[0] and steady[1] < 0.75 * plain[1]
    assert steady[2] > plain[2] - 0.002


def test_an_error_that_moves_along_is_no_flicker() -> None:
    shown = video(seed=2, frames=4)
    truths = [truth for _, truth in shown]
    halves = [truth / np.float32(510) for truth in truths]  # everybody is half there, always
    flicker, path = followed_dtssd(halves, truths, [rgb for rgb, _ in shown])
    assert flicker < 0.6 * path
    assert dtssd(halves, truths) == pytest.approx(np.hypot(flicker, path), rel=0.5)
