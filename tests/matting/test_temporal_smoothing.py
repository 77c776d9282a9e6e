"""Mattes of a video that do not flicker."""

import cv2
import numpy as np
import pytest

from figureground.arrays import Alpha, Rgb
from figureground.evaluation.video import dtssd
from figureground.matting.temporal_smoothing import (
    SPOT_SIDE,
    TemporalState,
    WarpedMatte,
    blend_previous,
    is_scene_cut,
    to_levels,
    warp_previous,
)

SIDE = 96


def scene(seed: int, offset: int = 0) -> tuple[Rgb, Alpha]:
    """A disc in front of a soft pattern, moved to the right; and its true matte."""
    noise = np.random.default_rng(seed).random((SIDE, SIDE, 3)).astype(np.float32)
    square = np.asarray(cv2.GaussianBlur(noise, (0, 0), 3), np.float32)
    square = (square - square.min()) / np.ptp(square) * 0.6
    rows, columns = np.indices((SIDE, SIDE))
    truth = ((rows - 48) ** 2 + (columns - 36 - offset) ** 2 < 400).astype(np.float32)
    texture = np.roll(square[::-1], offset, axis=1) * 0.5 + 0.4
    return to_levels(np.where(truth[..., None] > 0, texture, square).astype(np.float32)), truth


def flicker(seed: int, truth: Alpha) -> Alpha:
    """A matte that is off by another smooth field each time."""
    noise = np.random.default_rng(seed).normal(0, 1, truth.shape).astype(np.float32)
    return np.clip(truth + cv2.GaussianBlur(noise, (0, 0), 4) * 2.5, 0, 1).astype(np.float32)


def steady(alpha: Alpha, square: Rgb, memory: TemporalState | None) -> tuple[Alpha, TemporalState]:
    held = blend_previous(alpha, warp_previous(square, memory))
    return held, TemporalState(seen=square, alpha=held)


def test_the_first_matte_stays_as_it_is() -> None:
    square, truth = scene(0)
    alpha, memory = steady(truth, square, None)
    np.testing.assert_array_equal(alpha, truth)
    np.testing.assert_array_equal(memory.alpha, truth)


@pytest.mark.parametrize("speed", [0, 1, 3])
def test_a_flickering_matte_of_a_moving_person_calms_down_and_does_not_lag(speed: int) -> None:
    raw, calm, truths, memory = [], [], [], None
    for number in range(12):
        square, truth = scene(0, number * speed)
        alpha = flicker(number, truth)
        held, memory = steady(alpha, square, memory)
        raw.append(alpha)
        calm.append(held)
        truths.append(np.rint(truth * 255).astype(np.uint8))
    assert dtssd(calm, truths) < 0.75 * dtssd(raw, truths)
    wrong = [((mattes[-1] > 0.5) != (truths[-1] > 127)).mean() for mattes in (raw, calm)]
    assert wrong[1] <= wrong[0]


def test_a_matte_that_turns_round_is_believed() -> None:
    square, truth = scene(0)
    _, memory = steady(np.zeros_like(truth), square, None)
    alpha, _ = steady(truth, square, memory)
    assert alpha[48, 36] > 0.5  # at once more somebody than nobody, and more with each frame


def test_a_new_scene_forgets_the_old_one() -> None:
    square, truth = scene(0)
    _, memory = steady(truth, square, None)
    other = 255 - scene(1)[0]
    assert is_scene_cut(square, other) and not is_scene_cut(square, scene(0, 3)[0])
    half = np.full_like(truth, 0.5)
    np.testing.assert_array_equal(steady(half, other, memory)[0], half)


def test_what_the_person_uncovers_is_not_kept() -> None:
    _, memory = steady(scene(0)[1], scene(0)[0], None)
    square, truth = scene(0, 12)
    alpha, _ = steady(truth, square, memory)
    assert np.abs(alpha - truth).mean() < 0.01


def test_a_forecast_is_in_doubt_where_the_image_changes() -> None:
    square, truth = scene(0)
    memory = TemporalState(seen=square, alpha=truth)
    calm, jump = warp_previous(scene(0, 1)[0], memory), warp_previous(scene(0, 30)[0], memory)
    assert isinstance(calm, WarpedMatte) and calm.is_reusable(memory)
    np.testing.assert_allclose(calm.alpha.mean(), truth.mean(), rtol=0.1)
    assert jump is None or not jump.is_reusable(memory)


def test_a_spot_that_changes_is_doubt_enough() -> None:
    before = np.full((192, 320, 3), 120, np.uint8)
    memory = TemporalState(seen=before, alpha=np.zeros((192, 320), np.float32))
    for side, much in ((SPOT_SIDE // 3, False), (SPOT_SIDE + 8, True)):
        after = before.copy()
        after[20 : 20 + side, 200 : 200 + side] = 250
        warped = warp_previous(after, memory)
        assert warped is not None and warped.is_reusable(memory) is not much
