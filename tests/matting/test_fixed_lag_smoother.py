"""Mattes of a video that is a file: steadied by what comes later, too."""

from collections.abc import Iterator
from itertools import count

import numpy as np
import pytest
from numpy.typing import NDArray
from videos import rgb_view

from figureground.arrays import Alpha, Rgb, Size
from figureground.evaluation.video import dtssd
from figureground.matting.crop_refinement import Region
from figureground.matting.fixed_lag_smoother import (
    AT_ONCE,
    LAG,
    MAX_WAITING,
    estimate_video_alphas,
    smooth_fixed_lag,
)
from figureground.matting.roi import look_at
from figureground.matting.roi_tracking import whole_frame
from figureground.matting.video_alpha import CoarseMatte, estimate_frame_alpha
from figureground.report.overlap import iou

FRAME = 128, 128


class Wavering:
    """Takes red for a person, and errs by other patches each time; sees people in 64 x 64."""

    size: Size = (64, 64)

    def __init__(self, errs: float = 0.3) -> None:
        self.errs, self.random = errs, np.random.default_rng(0)

    def __call__(self, image: NDArray[np.float32]) -> Alpha:
        person = (image[..., 0] - image[..., 1] > 0.2).astype(np.float32)
        patches = self.random.normal(0, self.errs / 2, (8, 8)).repeat(8, 0).repeat(8, 1)
        return np.clip(0.5 + (person - 0.5) * 0.6 + patches, 0, 1).astype(np.float32)

    def resized(self, size: Size) -> "Wavering":
        """Itself: its size is fixed."""
        return self


def walk(number: int, *, wall: int = 90, speed: int = 3) -> Rgb:
    """A striped red square that moves to the right before a striped wall, in much noise."""
    rgb = np.full((*FRAME, 3), (wall, wall + 20, wall + 50), np.uint8)
    rgb[::5] += 30
    rgb[30:100, 20 + speed * number : 60 + speed * number] = 220, 60, 60
    rgb[33:100:6, 20 + speed * number : 60 + speed * number] //= 2
    noise = np.random.default_rng(number).normal(0, 8, rgb.shape)
    return np.clip(rgb + noise, 0, 255).astype(np.uint8)


def coarse_mattes(frames: list[Rgb], engine: Wavering | None = None) -> list[CoarseMatte]:
    made, memory = [], None
    for rgb in frames:
        coarse_matte, memory = estimate_frame_alpha(
            rgb_view(rgb), FRAME, engine or Wavering(), memory
        )
        made.append(coarse_matte)
    return made


def settled(found: list[CoarseMatte]) -> list[CoarseMatte]:
    return [
        coarse_matte
        for _, coarse_matte in smooth_fixed_lag((None, coarse_matte) for coarse_matte in found)
        if coarse_matte
    ]


def test_all_come_out_in_order_each_with_its_own_and_soon() -> None:
    found = coarse_mattes([walk(number) for number in range(17)])
    items: list[tuple[int, CoarseMatte | None]] = []
    for number, coarse_matte in zip(count(0, 2), found, strict=False):
        items += [(number, coarse_matte), (number + 1, None)]
    given = 0

    def giving() -> Iterator[tuple[int | None, CoarseMatte | None]]:
        nonlocal given
        for item in [(-1, None), *items]:
            given += item[1] is not None
            yield item

    taken = 0
    numbers = []
    for place, smoothed in smooth_fixed_lag(giving()):
        assert place is not None
        numbers.append(place)
        assert (smoothed is None) == (place % 2 == 1)
        if smoothed is not None:
            assert smoothed.roi is found[place // 2].roi
            taken += 1
        assert given - taken <= AT_ONCE + LAG
    assert numbers == list(range(-1, 34))


def test_long_sound_after_the_last_frame_is_not_kept_waiting() -> None:
    found = coarse_mattes([walk(0)] * 3)
    given = 0

    def giving() -> Iterator[tuple[int, CoarseMatte | None]]:
        nonlocal given
        yield from enumerate(found)
        for given in range(3, 3 + 10 * MAX_WAITING):
            yield given, None

    for number, _ in smooth_fixed_lag(giving()):
        assert given - number <= MAX_WAITING + 3
    assert number == given == 2 + 10 * MAX_WAITING


def test_what_comes_later_calms_a_video_further_and_fits_no_worse() -> None:
    frames = [walk(number) for number in range(14)]
    truths = [((rgb[..., 0] > rgb[..., 1] * 1.6) * 255).astype(np.uint8) for rgb in frames]
    once = estimate_video_alphas(frames, Wavering(), live=True)
    twice = estimate_video_alphas(frames, Wavering())
    assert dtssd(twice, truths) < 0.88 * dtssd(once, truths)
    fits = [np.mean([iou(a > 0.5, t > 127) for a, t in zip(alphas, truths, strict=True)])
            for alphas in (once, twice)]  # fmt: skip
    assert fits[1] > fits[0] - 0.002
    assert np.abs(twice[0] - once[0]).mean() > 0.01  # the first knows of those after it
    np.testing.assert_array_equal(twice[-1], once[-1])  # the last has none


def test_a_matte_is_not_drawn_towards_another_scene() -> None:
    found = coarse_mattes([*map(walk, range(3)), *(255 - walk(number) for number in range(3))])
    after = settled(found)
    np.testing.assert_array_equal(after[2].small, found[2].small)
    assert np.abs(after[1].small - found[1].small).max() > 0.05


def test_where_hardly_anything_changes_nothing_is_done_nor_waited_for() -> None:
    still = walk(0)
    found = coarse_mattes([still] * 40, Wavering(errs=0))
    assert sum(coarse_matte.reused for coarse_matte in found) > 30
    waiting = 0
    lags = []

    def giving() -> Iterator[tuple[int | None, CoarseMatte | None]]:
        nonlocal waiting
        for coarse_matte in found:
            waiting += 1
            yield None, coarse_matte

    for number, (_, coarse_matte) in enumerate(smooth_fixed_lag(giving())):
        waiting -= 1
        lags.append(waiting)
        if number >= AT_ONCE + LAG:
            assert coarse_matte is found[number]
    assert max(lags[AT_ONCE + LAG : -1]) <= 1


def test_what_another_part_shows_is_believed_only_where_it_was_looked_at() -> None:
    rgb, engine = walk(0) // 8, Wavering(errs=0)  # nearly as dark as what is not there at all
    left = Region(top=0, left=0, bottom=128, right=90)
    size = look_at(rgb_view(rgb), whole_frame(FRAME), FRAME, engine).seen.shape[:2]

    def coarse_matte(part: Region, alpha: Alpha) -> CoarseMatte:
        roi = look_at(rgb_view(rgb), part, FRAME, engine)
        return CoarseMatte(roi=roi, small=alpha, reused=False)

    faint, half = np.full(size, 0.2, np.float32), np.full(size, 0.2, np.float32)
    half[:, :32] = 0.6
    earlier, _ = settled([coarse_matte(whole_frame(FRAME), faint), coarse_matte(left, half)])
    assert earlier.small[:, :20].min() > 0.45  # half of 90 of 128 columns are 22 of 64
    assert earlier.small[:, 26:42].max() < 0.3
    np.testing.assert_allclose(np.median(earlier.small[:, 49:]), 0.2, atol=1e-3)
    assert earlier.small[:, 49:].min() > 0.19  # not towards the emptiness beyond the part


@pytest.mark.parametrize("frames", [0, 1])
def test_the_shortest_videos_stay_as_they_are(frames: int) -> None:
    found = coarse_mattes([walk(0)] * frames)
    assert settled(found) == found
