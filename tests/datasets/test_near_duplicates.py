"""Near duplicates are joined and matched, each told once, at a cost that many alike do not raise."""

import time
import tracemalloc

import numpy as np
import pytest

from figureground.datasets.near_duplicates import (
    SIDE,
    ImageHash,
    find_near_duplicates,
    join,
    match_near_duplicates,
)


def a_print(number: int, *, like: int | None = None, noise: float = 0.0) -> ImageHash:
    """A print like no other, or like another's with some noise."""
    random = np.random.default_rng(number if like is None else like)
    thumbnail = random.standard_normal(SIDE * SIDE).astype(np.float32)
    bits, mirrored = random.integers(0, 2**63, 2).tolist()
    thumbnail += noise * np.random.default_rng(number).standard_normal(SIDE * SIDE)
    thumbnail = (thumbnail / np.linalg.norm(thumbnail)).astype(np.float32)
    return ImageHash(
        digest=number.to_bytes(16, "big"), hash=bits, mirrored=mirrored, thumbnail=thumbnail
    )


def copy_of(one: ImageHash) -> ImageHash:
    return ImageHash(digest=one.digest, hash=one.hash, mirrored=one.mirrored,
                     thumbnail=one.thumbnail)  # fmt: skip


def told(ties: list) -> list[tuple[int, int, bool]]:
    return [(tie.first, tie.second, tie.exact) for tie in ties]


def test_each_copy_is_tied_once_to_the_first() -> None:
    one, two = a_print(1), a_print(2)
    prints = [one, two, copy_of(one), copy_of(two), copy_of(one)]
    ties = told(find_near_duplicates(prints))
    assert ties == [(0, 2, True), (0, 4, True), (1, 3, True)]


def test_each_image_that_is_like_others_is_tied_once() -> None:
    prints = [a_print(n, like=0, noise=0.05) for n in range(5)]
    assert told(find_near_duplicates(prints)) == [(0, n, False) for n in range(1, 5)]


def test_an_image_between_two_groups_joins_both() -> None:
    """The last two are like the first two, which are not like each other."""
    ends = [a_print(number, like=7) for number in (1, 2)]
    side = a_print(9).thumbnail
    side = side - (side @ ends[0].thumbnail) * ends[0].thumbnail
    side /= np.linalg.norm(side)
    for sign, end in zip((1, -1), ends, strict=True):
        end.thumbnail[:] = (end.thumbnail + sign * 0.3 * side) / np.sqrt(1 + 0.09)
    prints = [*ends, a_print(3, like=7), a_print(4, like=7)]
    assert float(ends[0].thumbnail @ ends[1].thumbnail) < 0.95
    ties = find_near_duplicates(prints)
    assert told(ties) == [(0, 2, False), (0, 3, False), (1, 2, False)]
    assert join(range(4), [(tie.first, tie.second) for tie in ties]) == [0, 0, 0, 0]


def test_every_image_that_is_in_another_set_is_matched() -> None:
    one = a_print(1)
    own = [copy_of(one), a_print(2), copy_of(one), a_print(4, like=1, noise=0.05)]
    others = [a_print(8), a_print(9, like=1, noise=0.05), copy_of(one)]
    assert told(match_near_duplicates(own, others)) == [(0, 2, True), (2, 2, True), (3, 1, False)]
    assert match_near_duplicates(own, []) == [] == match_near_duplicates([], own)


@pytest.mark.parametrize("kind", ["equal", "nearly equal", "of one hash"])
def test_many_that_are_alike_cost_little(kind: str) -> None:
    """Four thousand, of which all eight million pairs are candidates."""
    number = 4000
    if kind == "equal":
        prints = [copy_of(a_print(0))] * number
    elif kind == "nearly equal":
        prints = [a_print(n, like=0, noise=0.05) for n in range(number)]
    else:
        prints = [
            ImageHash(digest=p.digest, hash=0, mirrored=0, thumbnail=p.thumbnail)
            for p in (a_print(n) for n in range(number))
        ]
    begun = time.process_time()
    tracemalloc.start()
    ties = find_near_duplicates(prints)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(ties) == (0 if kind == "of one hash" else number - 1)
    assert peak < 100e6
    assert time.process_time() - begun < 20  # all pairs as objects took minutes
