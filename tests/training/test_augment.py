"""Views of samples and mixtures of several: in range, in register, repeatable, soft."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from figureground.training import augment
from figureground.training.mixing import (
    Mixing,
    blend,
    gain_to,
    paste,
    recompose,
    sampler,
    soften,
    tint,
)


def chance(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def sample(size: int = 48, *, person: tuple[int, int, int, int] = (10, 12, 30, 36)) -> np.ndarray:
    """Noise with a bright person in a box of top, left, bottom, right."""
    square = chance(1).integers(0, 120, (size, size, 4)).astype(np.uint8)
    top, left, bottom, right = person
    square[..., 3] = 0
    square[top:bottom, left:right] = (220, 180, 160, 255)
    return square


def test_views_mostly_show_the_person_in_its_own_colours() -> None:
    covered = []
    for seed in range(60):
        view = augment.frame(sample(), chance(seed), 32)
        assert view.shape == (32, 32, 4) and view.dtype == np.uint8
        covered.append((view[..., 3] > 127).mean())
        person = view[..., 3] == 255
        if person.any():  # image and alpha move together
            assert np.abs(view[person].mean(axis=0) - (220, 180, 160, 255)).max() < 12
    assert np.mean(np.array(covered) > 0.02) > 0.9


def test_a_turn_by_a_quarter_moves_every_pixel_where_it_belongs() -> None:
    square = sample()
    turned = augment.warp(square, 90.0, np.zeros((4, 2)))
    assert np.abs(turned.astype(int) - np.rot90(square)).max() <= 1


def test_corners_go_where_perspective_sends_them() -> None:
    square = np.zeros((64, 64, 4), np.uint8)
    square[:, :32] = 255
    slant = np.zeros((4, 2))
    slant[0, 0] = slant[3, 0] = 0.25  # the left side moves to the right by a quarter
    slanted = augment.warp(square, 0.0, slant)
    edge = (slanted[32, 16:, 0] > 127).sum() + 16
    assert edge == pytest.approx(40, abs=1)  # halfway between 0.25 and 1


def test_light_and_wear_never_change_shape_or_type_and_follow_the_seed() -> None:
    rgb = np.ascontiguousarray(sample()[..., :3])
    taken = [augment.take(rgb, chance(seed)) for seed in range(40)]
    assert all(t.shape == rgb.shape and t.dtype == np.uint8 for t in taken)
    np.testing.assert_array_equal(taken[7], augment.take(rgb, chance(7)))
    assert len({t.tobytes() for t in taken}) == 40
    assert min(t.mean() for t in taken) < 0.55 * rgb.mean() < 1.1 * rgb.mean() < max(
        t.mean() for t in taken
    )  # fmt: skip


def test_against_the_light_people_are_dark_and_nothing_else_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rgb, alpha = augment.split(sample())
    monkeypatch.setattr(augment, "SILHOUETTE", 0.0)
    assert augment.backlight(rgb, alpha, chance()) is rgb
    monkeypatch.setattr(augment, "SILHOUETTE", 1.0)
    dark = augment.backlight(rgb, alpha, chance())
    assert dark[alpha == 255].max() <= 220 * augment.SHADE + 1 < rgb[alpha == 255].min()
    np.testing.assert_array_equal(dark[alpha == 0], rgb[alpha == 0])


def test_grey_is_without_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(augment, "GREY", 1.0)
    rgb = np.ascontiguousarray(sample()[..., :3])
    lit = augment.relight(rgb, chance(), dark=False)
    assert np.ptp(lit.astype(int), axis=2).max() <= 1


def test_low_light_is_dark_and_noisy() -> None:
    flat = np.full((64, 64, 3), 200, np.uint8)
    dark = augment.relight(flat, chance(), dark=True)
    assert dark.mean() < 120
    worn = [augment.degrade(dark, chance(seed), dark=True) for seed in range(10)]
    assert np.max([one[..., 1].std() for one in worn]) > 3 > dark[..., 1].std()


def people(alpha: np.ndarray) -> int:
    return cv2.connectedComponents((alpha > 127).astype(np.uint8))[0] - 1


def test_pasted_people_stand_beside_those_that_are_there() -> None:
    host = sample(96, person=(20, 5, 80, 25))
    guest = sample(96, person=(20, 40, 80, 60))
    areas = []
    for seed in range(30):
        both = paste(host, guest, chance(seed))
        assert both.shape == host.shape and both.dtype == np.uint8
        assert (both[..., 3].astype(int) >= host[..., 3].astype(int) - 1).all()
        areas.append((both[..., 3] > 127).sum() / (host[..., 3] > 127).sum())
    assert np.mean(np.array(areas) > 1.2) > 0.8
    assert max(people(paste(host, guest, chance(seed))[..., 3]) for seed in range(30)) == 2


def test_nobody_is_pasted_where_there_is_nobody_to_paste() -> None:
    empty = sample()
    empty[..., 3] = 0
    np.testing.assert_array_equal(paste(sample(), empty, chance()), sample())


def test_people_are_pasted_into_images_without_any() -> None:
    empty = sample()
    empty[..., 3] = 0
    assert all((paste(empty, sample(), chance(s))[..., 3] > 127).any() for s in range(10))


def test_people_of_any_size_at_any_place_can_be_pasted() -> None:
    random = chance(5)
    for seed in range(200):
        boxes = [np.sort(random.choice(33, (2, 2), replace=False), axis=0).T for _ in range(2)]
        host, guest = (sample(32, person=(b[0][0], b[1][0], b[0][1], b[1][1])) for b in boxes)
        assert paste(host, guest, chance(seed)).shape == host.shape


def test_whoever_is_cut_off_below_stays_at_the_lower_border() -> None:
    guest = sample(96, person=(40, 40, 96, 60))
    empty = sample(96)
    empty[..., 3] = 0
    for seed in range(10):
        assert paste(empty, guest, chance(seed))[-1, :, 3].max() > 100


def test_whoever_is_cut_off_above_or_on_both_sides_stays_in_place() -> None:
    empty = sample(96)
    empty[..., 3] = 0
    for box in ((0, 40, 50, 60), (30, 0, 60, 96)):
        guest = sample(96, person=box)
        for seed in range(5):
            pasted = paste(empty, guest, chance(seed))[..., 3]
            np.testing.assert_array_equal(pasted > 127, guest[..., 3] > 127)


def test_colours_are_brought_to_the_scene() -> None:
    for seed in range(10):
        gain = gain_to((59, 59, 119), (199, 159, 139), chance(seed))
        assert (gain < 1).all() and gain[2] > gain[0]  # darker, and bluer
        assert (gain >= (0.5, 0.5, 120 / 140 - 1e-9)).all()  # and no further than the scene
    rgb = np.full((1, 1, 3), 100, np.uint8)
    assert tint(rgb, np.array([0.5, 1.0, 3.0])).tolist() == [[[50, 100, 255]]]


def test_edges_are_softened_inwards_only() -> None:
    hard = sample()[..., 3]
    soft = soften(hard, 1.0)
    assert (soft <= hard).all() and soft[20, 24] == 255
    assert 100 < soft[20, 12] < 200


def test_blending_is_linear() -> None:
    black, white = np.zeros((1, 256, 3), np.uint8), np.full((1, 256, 3), 255, np.uint8)
    levels = np.arange(256, dtype=np.uint8)[None]
    np.testing.assert_array_equal(blend(black, white, levels)[..., 1], levels)


def test_recomposing_keeps_the_person_and_replaces_the_rest() -> None:
    result = recompose(sample(), np.full((48, 48, 3), 128, np.uint8), chance())
    there = sample()[..., 3] == 255
    np.testing.assert_array_equal(result[there], sample()[there])
    assert np.ptp(result[~there][:, :3], axis=0).max() == 0


@pytest.fixture
def squares() -> np.ndarray:
    ramp = sample(64)
    ramp[..., 3] = np.linspace(0, 255, 64)
    return np.stack([sample(64), ramp, sample(64, person=(0, 0, 64, 20))])


def test_a_sample_follows_from_its_number_on_any_thread(squares: np.ndarray) -> None:
    make = sampler(
        squares, Mixing(paste=0.5, recomposed=0.3, negatives=0.1, backgrounds=squares),
        seed=3, size=48,
    )  # fmt: skip
    alone = [make(number, number % 3) for number in range(60)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(make, range(60), [n % 3 for n in range(60)]))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one, other)


def test_soft_alpha_stays_soft_through_views_and_mixtures(squares: np.ndarray) -> None:
    make = sampler(squares, Mixing(paste=0.5), seed=0, size=48)
    for number in range(30):
        alpha = make(number, 1)[..., 3]
        assert len(np.unique(alpha)) > 12
        assert ((alpha > 12) & (alpha < 243)).mean() > 0.15


def test_negatives_show_a_background_and_nobody(squares: np.ndarray) -> None:
    scenes = np.zeros_like(squares)
    scenes[..., :3] = 128
    mixing = Mixing(negatives=0.5, paste=0.9, backgrounds=scenes)
    make = sampler(squares, mixing, seed=0, size=48)
    empty = [not make(number, 0)[..., 3].any() for number in range(80)]
    assert 0.3 < np.mean(empty) < 0.7


def test_some_people_lie_and_few_stand_on_their_heads() -> None:
    square = np.zeros((64, 64, 4), np.uint8)
    square[:16] = 255  # what was above
    sides: Counter[str] = Counter()
    for seed in range(400):
        turned = augment.lay_down(square, np.random.default_rng(seed))
        means = {"top": turned[0].mean(), "left": turned[:, 0].mean(),
                 "bottom": turned[-1].mean(), "right": turned[:, -1].mean()}  # fmt: skip
        sides[max(means, key=lambda side: means[side])] += 1
    assert sides["top"] == 0
    assert sides["left"] > 120 and sides["right"] > 120
    assert 20 < sides["bottom"] < 70


def test_natural_samples_show_all_or_what_the_second_look_would() -> None:
    """Nothing else is done to them but mirroring: half of them are one of four images."""
    square = sample(96, person=(30, 20, 60, 50))
    everything = cv2.resize(square, (48, 48), interpolation=cv2.INTER_AREA)
    make = sampler(square[None], Mixing(natural=1.0, paste=0.9), seed=0, size=48)
    samples = Counter(make(number, 0).tobytes() for number in range(120))
    seen = {view: count for view, count in samples.items() if count > 1}
    assert len(seen) == 4
    assert 40 < sum(seen.values()) < 80  # the others are mixed, and taken in another light
    whole = [everything.tobytes(), np.ascontiguousarray(everything[:, ::-1]).tobytes()]
    assert all(view in seen for view in whole)
    assert 15 < sum(seen[view] for view in whole) < 45
    closer = np.frombuffer(next(v for v in seen if v not in whole), np.uint8).reshape(48, 48, 4)
    covered = (closer[..., 3] > 127).mean()
    assert covered > 2 * (everything[..., 3] > 127).mean()


def test_only_the_share_asked_for_is_natural_and_who_fills_the_image_is_seen_whole() -> None:
    square = sample(96, person=(2, 2, 96, 94))
    everything = cv2.resize(square, (48, 48), interpolation=cv2.INTER_AREA)
    whole = [everything.tobytes(), np.ascontiguousarray(everything[:, ::-1]).tobytes()]
    make = sampler(square[None], Mixing(natural=0.5), seed=0, size=48)
    natural = [make(number, 0).tobytes() in whole for number in range(80)]
    assert 0.12 < np.mean(natural) < 0.4  # half of the half


def test_without_augmentation_a_sample_is_its_pair(squares: np.ndarray) -> None:
    make = sampler(squares, Mixing(augment=False), seed=0, size=64)
    for number in range(6):
        np.testing.assert_array_equal(make(number, number % 3), squares[number % 3])
