"""Who is kept of several people through a video."""

import numpy as np
import pytest
from people import BIG, SMALL, scene

from figureground.arrays import Alpha
from figureground.errors import StyleError
from figureground.matting.people_selection import Chosen
from figureground.matting.people_tracking import PATIENCE, FollowedPeople, follow_people


def follow(frames: list[Alpha], chosen: Chosen) -> list[Alpha]:
    memory: FollowedPeople | None = None
    kept = []
    for frame in frames:
        alpha, memory = follow_people(frame, chosen, memory)
        kept.append(alpha)
    return kept


def moving(step: int, *, top: int = 20) -> tuple[int, int, int, int]:
    return top, top + 20, 4 + step, 14 + step


def test_somebody_who_walks_is_followed_though_another_grows_larger() -> None:
    frames = [scene(moving(3 * n), (50 - 2 * n, 58, 80, 98)) for n in range(12)]
    for kept, n in zip(follow(frames, "largest"), range(12), strict=True):
        np.testing.assert_array_equal(kept, scene(moving(3 * n)))


def test_somebody_who_leaps_is_followed_and_a_far_stranger_is_not() -> None:
    frames = [scene(moving(0)), scene(moving(20))]
    assert follow(frames, "largest")[1].any()
    frames = [scene(moving(0)), scene((20, 40, 85, 95))]
    assert not follow(frames, "largest")[1].any()


def test_those_who_touch_for_a_while_are_told_apart_before_and_after() -> None:
    still = (20, 40, 50, 60)
    frames = [scene(moving(4 * n, top=22), still) for n in (*range(11), *range(10, -1, -1))]
    kept = follow(frames, ((8.0, 30.0),))
    np.testing.assert_array_equal(kept[0], scene(moving(0, top=22)))
    np.testing.assert_array_equal(kept[-1], scene(moving(0, top=22)))
    assert not kept[10][25:38, 56:60].any()  # the other's, while they touch


def test_whoever_is_gone_leaves_nobody_and_comes_back() -> None:
    frames = [scene(BIG, SMALL), scene(SMALL), scene(SMALL), scene(BIG, SMALL)]
    kept = follow(frames, "largest")
    assert not kept[1].any() and not kept[2].any()
    np.testing.assert_array_equal(kept[3], scene(BIG))


def test_a_word_chooses_anew_once_they_are_gone_and_points_wait() -> None:
    frames = [scene(BIG, SMALL), *[scene(SMALL)] * (PATIENCE + 1)]
    np.testing.assert_array_equal(follow(frames, "largest")[-1], scene(SMALL))
    assert not follow(frames, ((10.0, 20.0),))[-1].any()


def test_words_wait_for_the_first_person_and_points_want_one_at_once() -> None:
    nobody = np.zeros((60, 100), np.float32)
    np.testing.assert_array_equal(follow([nobody, scene(BIG)], "centre")[1], scene(BIG))
    with pytest.raises(StyleError, match="nobody is in the first frame"):
        follow([nobody], ((1.0, 1.0),))
