"""Where in a video the network looks."""

import numpy as np
import pytest
from numpy.typing import NDArray
from videos import alpha_of_frames

from figureground.arrays import Alpha, Rgb, Size
from figureground.matting.crop_refinement import Region
from figureground.matting.resize import resize
from figureground.matting.roi import look_at, warp_between_rois
from figureground.matting.roi_tracking import (
    SHRINK_PATIENCE,
    holds,
    onward,
    propose_roi,
    together,
    track_roi,
    whole_frame,
)
from figureground.matting.temporal_smoothing import warp_previous
from figureground.matting.video_alpha import FULL_FRAME_INTERVAL, VideoState

FRAME = 360, 640
SKIN, WALL = (220, 150, 120), (90, 110, 140)


def region(top: int, left: int, bottom: int, right: int) -> Region:
    return Region(top=top, left=left, bottom=bottom, right=right)


def test_a_small_person_gets_a_part_with_room_around() -> None:
    people = region(101, 301, 201, 351)
    part = propose_roi(people, FRAME)
    assert holds(part, people, FRAME, margin=11)
    assert part.size[0] * part.size[1] < 0.15 * FRAME[0] * FRAME[1]
    assert part.size[1] / part.size[0] == pytest.approx(9 / 16, abs=0.03)
    assert not any(edge % 2 for edge in (part.top, part.left, part.bottom, part.right))


def test_at_a_corner_the_part_stays_within_the_frame_and_keeps_its_shape() -> None:
    part = propose_roi(region(261, 541, 361, 641), (361, 641))
    assert part.bottom == 361 and part.right == 641  # odd, as the frame is
    assert part.size[0] / part.size[1] == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("people", [region(10, 20, 355, 600), region(0, 0, 360, 640)])
def test_people_who_fill_the_frame_leave_nothing_to_choose(people: Region) -> None:
    assert propose_roi(people, FRAME) == whole_frame(FRAME)


def test_a_part_is_kept_until_people_come_near_its_border_or_hardly_fill_it() -> None:
    people = region(100, 300, 200, 350)
    part = propose_roi(people, FRAME)
    assert track_roi(region(105, 305, 205, 355), part, FRAME) == (part, 0)
    away = region(100, 330, 200, 380)
    moved, _ = track_roi(away, part, FRAME, roomy=0)
    assert moved != part and holds(moved, away, FRAME, margin=10)
    assert track_roi(None, part, FRAME) == (whole_frame(FRAME), 0)


def test_a_part_shrinks_only_after_some_frames() -> None:
    part, roomy = propose_roi(region(100, 300, 200, 350), FRAME), 0
    tiny = region(140, 320, 170, 330)
    for frame in range(SHRINK_PATIENCE):
        assert track_roi(tiny, part, FRAME, roomy=roomy) == (part, frame + 1)
        roomy = frame + 1
    assert track_roi(tiny, part, FRAME, roomy=roomy) == (propose_roi(tiny, FRAME), 0)
    assert track_roi(region(105, 305, 205, 355), part, FRAME, roomy=3) == (part, 0)  # begins anew


def test_two_people_are_held_together() -> None:
    first, second = region(10, 20, 30, 40), region(5, 30, 20, 90)
    assert together(first, second) == region(5, 20, 30, 90)
    assert together(None, second) == second
    assert together(first, None) == first


def test_people_are_expected_where_they_go() -> None:
    before = region(100, 300, 200, 350)
    assert onward(region(90, 320, 190, 372), before) == region(80, 320, 190, 392)
    assert onward(region(100, 280, 200, 350), before) == region(100, 280, 200, 350)  # an arm
    assert onward(before, None) == before
    assert onward(None, before) is None


class Redness:
    """Takes what is more red than green for a person; of any size, and counts its looks."""

    def __init__(self, size: Size = (384, 384), looks: list[Size] | None = None) -> None:
        self.size = size
        self.looks = [] if looks is None else looks

    def __call__(self, image: NDArray[np.float32]) -> Alpha:
        self.looks.append(self.size)
        return np.clip((image[..., 0] - image[..., 1]) * 8 - 0.5, 0, 1).astype(np.float32)

    def resized(self, size: Size) -> "Redness":
        """For inputs of that size, to 32 pixels."""
        rows, columns = (max(1, round(side / 32)) * 32 for side in size)
        return Redness((rows, columns), self.looks)


def disc(*places: tuple[int, int], radius: int = 24, wall: tuple[int, int, int] = WALL) -> Rgb:
    """Skin-coloured discs around rows and columns."""
    rows, columns = np.indices(FRAME)
    rgb = np.full((*FRAME, 3), wall, np.uint8)
    for row, column in places:
        rgb[(rows - row) ** 2 + (columns - column) ** 2 < radius**2] = SKIN
    return rgb


def errs(alpha: Alpha, rgb: Rgb) -> float:
    """Share of the person's pixels that the matte has wrong."""
    truth = rgb[..., 0] == SKIN[0]
    return float(((alpha > 0.5) != truth).sum() / truth.sum())


def run(
    frames: list[Rgb], engine: Redness, *, smooth: bool = True
) -> tuple[list[Alpha], VideoState | None]:
    memory, alphas = None, []
    for rgb in frames:
        alpha, memory = alpha_of_frames(rgb, engine, memory, smooth=smooth)
        assert alpha.shape == FRAME and alpha.dtype == np.float32
        alphas.append(alpha)
    return alphas, memory


@pytest.mark.parametrize("smooth", [True, False])
def test_a_small_person_is_followed_across_the_video(smooth: bool) -> None:
    frames = [disc((180, 60 + 8 * number)) for number in range(60)]
    engine = Redness()
    alphas, memory = run(frames, engine, smooth=smooth)
    assert max(errs(alpha, rgb) for alpha, rgb in zip(alphas, frames, strict=True)) < 0.06
    assert set(engine.looks) == {(256, 448), (320, 320)}  # all of the frame, and a square part
    if memory is not None:
        assert memory.part.size[0] < 120
        assert (
            engine.looks.count((256, 448)) < 60 / FULL_FRAME_INTERVAL + 3
        )  # where it began, and now and then


def test_who_comes_into_the_frame_is_found_soon() -> None:
    alone = [disc((180, 100)) for _ in range(8)]
    both = [disc((180, 100), (60, 560)) for _ in range(FULL_FRAME_INTERVAL + 2)]
    alphas, _ = run([*alone, *both], Redness())
    assert errs(alphas[7], alone[0]) < 0.06
    assert errs(alphas[-1], both[0]) < 0.06
    assert alphas[-1][60, 560] > 0.95  # not drawn towards the emptiness of before


def test_who_was_there_is_remembered_when_the_part_grows() -> None:
    alone, both = disc((180, 100)), disc((180, 100), (60, 560))
    _, memory = run([alone] * 8, Redness())
    while memory.last.known is None:
        _, memory = alpha_of_frames(both, Redness(), memory)
    assert memory.last.known.mean() < 0.5  # it has more than doubled

    def view(part: Region) -> Rgb:
        return resize(both[part.slices], part.size)

    warped = warp_previous(look_at(view, memory.part, FRAME, Redness()).seen, memory.last)
    assert warped is not None
    here, there = (
        warped.similarity[memory.last.known == 1],
        warped.similarity[memory.last.known == 0],
    )
    assert np.median(here) > 0.9 and there.mean() < 0.05


def test_who_is_elsewhere_in_a_new_scene_is_found_at_once() -> None:
    frames = [disc((180, 100))] * 5 + [disc((80, 560), wall=(20, 60, 30))] * 2
    alphas, _ = run(frames, Redness())
    assert errs(alphas[5], frames[5]) < 0.06


def test_nobody_and_then_somebody() -> None:
    frames = [disc()] * 3 + [disc((180, 320), radius=30)] * 3
    alphas, _ = run(frames, Redness())
    assert not alphas[2].any()
    assert errs(alphas[3], frames[3]) < 0.06


def test_a_matte_of_one_part_is_the_same_seen_from_another() -> None:
    rgb = disc((150, 300), radius=40)

    def view(part: Region) -> Rgb:
        return resize(rgb[part.slices], part.size)

    old = look_at(view, whole_frame(FRAME), FRAME, Redness())
    new = look_at(view, region(80, 220, 240, 380), FRAME, Redness())
    moved = warp_between_rois(old.alpha(), old, new)
    assert moved.shape == (320, 320)
    assert np.abs(moved - new.alpha()).mean() < 0.02
    back = warp_between_rois(new.alpha(), new, old)
    assert np.abs(back - old.alpha()).mean() < 0.005
