"""Edges of the large image for the network's small matte."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.errors import SizeError
from figureground.matting.color_matting import learn
from figureground.matting.image_alpha import Matte, RefinedLayer
from figureground.matting.letterbox import Placement, letterbox, unletterbox
from figureground.matting.resize import resize

SIDE = 64


def refine_edges(
    small: Alpha, rgb: NDArray[np.uint8], *, square: NDArray[np.float32], placement: Placement
) -> Alpha:
    return Matte(RefinedLayer(small, rgb, square=square, placement=placement)).whole()


def paint(truth: Alpha, *, noise: float = 0.0) -> NDArray[np.uint8]:
    """A bright person on a dark wall; `noise` is a standard deviation in grey values."""
    person, wall = np.array([220.0, 180, 150]), np.array([40.0, 60, 80])
    rgb = wall + truth[..., None] * (person - wall)
    rgb += np.random.default_rng(3).normal(0, noise, rgb.shape)
    return np.rint(rgb.clip(0, 255)).astype(np.uint8)


def look(rgb: NDArray[np.uint8], truth: Alpha) -> tuple[Alpha, NDArray[np.float32], Placement]:
    """What a network that knows the truth would say: small, and a little blurred."""
    square, placement = letterbox(rgb, (SIDE, SIDE))
    small = cv2.GaussianBlur(resize(truth, (SIDE, SIDE)), (0, 0), 0.9)
    return np.asarray(small, np.float32), square, placement


def disc(size: Size) -> Alpha:
    rows, columns = np.ogrid[: size[0], : size[1]]
    distance = np.hypot((rows - size[0] / 2) / size[0], (columns - size[1] / 2) / size[1])
    return np.asarray(distance < 0.3, np.float32)


def hair(size: Size) -> Alpha:
    canvas = np.zeros(size, np.uint8)
    for turn in np.linspace(0, 6.2, 40):
        tip = (size[1] / 2 + np.cos(turn) * size[1] * 0.45, size[0] / 2 + np.sin(turn) * 160)
        cv2.line(canvas, (size[1] // 2, size[0] // 2), (int(tip[0]), int(tip[1])), 255, 2)
    return canvas.astype(np.float32) / np.float32(255)


@pytest.mark.parametrize(("shape", "share"), [(disc, 0.5), (hair, 0.8)])
@pytest.mark.parametrize("size", [(480, 480), (487, 331), (601, 800)])
def test_edges_and_hair_come_nearer_to_the_truth(shape, share: float, size: Size) -> None:  # type: ignore[no-untyped-def]
    truth = shape(size)
    rgb = paint(truth, noise=2)
    small, square, placement = look(rgb, truth)
    before = np.abs(unletterbox(small, placement) - truth).mean()
    after = np.abs(refine_edges(small, rgb, square=square, placement=placement) - truth).mean()
    assert after < before * share


def test_a_halo_of_wall_around_the_person_goes() -> None:
    """As round hair: the network takes a rim of wall along, half-covered."""
    truth = disc((480, 480))
    rgb = paint(truth, noise=2)
    wide = cv2.dilate(truth, np.ones((31, 31), np.uint8)) * 0.5 + truth * 0.5
    small, square, placement = look(rgb, np.asarray(wide, np.float32))
    refined = refine_edges(small, rgb, square=square, placement=placement)
    rim = (wide > 0.4) & (wide < 0.6)
    assert unletterbox(small, placement)[rim].mean() > 0.45
    assert refined[rim].mean() < 0.15 and refined[truth == 1].mean() > 0.97


def test_a_person_in_the_colour_of_the_wall_keeps_the_networks_matte() -> None:
    truth = disc((300, 400))
    rgb = np.full((300, 400, 3), 90, np.uint8)
    small, square, placement = look(rgb, truth)
    refined = refine_edges(small, rgb, square=square, placement=placement)
    np.testing.assert_allclose(refined, unletterbox(small, placement), atol=1e-4)


def test_noise_and_textures_that_have_nothing_to_do_with_the_person_do_no_harm() -> None:
    truth = disc((300, 400))
    random = np.random.default_rng(5)
    coarse = random.integers(60, 200, (30, 40, 3), np.uint8)
    rgb = resize(coarse, (300, 400)) + random.integers(0, 30, (300, 400, 3), np.uint8)
    small, square, placement = look(rgb, truth)
    before = np.abs(unletterbox(small, placement) - truth).mean()
    after = np.abs(refine_edges(small, rgb, square=square, placement=placement) - truth).mean()
    assert after < before * 1.05


def test_where_the_network_is_sure_nothing_changes() -> None:
    truth = disc((480, 480))
    small, _, _ = look(paint(truth), truth)
    busy = np.random.default_rng(6).integers(0, 256, (480, 480, 3), np.uint8)
    square, placement = letterbox(busy, (SIDE, SIDE))
    refined = refine_edges(small, busy, square=square, placement=placement)
    assert (refined[:40] == 0).all()
    assert (refined[200:280, 200:280] == 1).all()


def test_sixteen_bits_give_the_same_matte_as_eight() -> None:
    truth = disc((200, 300))
    rgb = paint(truth, noise=5)
    small, square, placement = look(rgb, truth)
    deep = refine_edges(small, rgb.astype(np.uint16) * 257, square=square, placement=placement)
    shallow = refine_edges(small, rgb, square=square, placement=placement)
    np.testing.assert_allclose(deep, shallow, atol=1e-4)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (30, 20), (64, 64), (40, 700), (700, 40)])
def test_every_size_gives_a_matte_of_that_size_within_nought_and_one(size: Size) -> None:
    rgb = np.random.default_rng(8).integers(0, 256, (*size, 3), np.uint8)
    square, placement = letterbox(rgb, (SIDE, SIDE))
    small = np.random.default_rng(9).random((SIDE, SIDE), np.float32)
    refined = refine_edges(small, rgb, square=square, placement=placement)
    assert refined.shape == size
    assert refined.dtype == np.float32
    assert 0 <= refined.min() <= refined.max() <= 1


def test_a_matte_of_another_size_than_the_input_is_refused() -> None:
    rgb = np.zeros((9, 9, 3), np.uint8)
    square, placement = letterbox(rgb, (SIDE, SIDE))
    with pytest.raises(SizeError, match=r"\(32, 32\)"):
        refine_edges(np.zeros((32, 32), np.float32), rgb, square=square, placement=placement)


@pytest.mark.parametrize("channel", range(3))
def test_each_colour_alone_tells_alpha(channel: int) -> None:
    truth = disc((300, 400))
    rgb = np.full((300, 400, 3), 90, np.uint8)
    rgb[..., channel] = np.rint(60 + 160 * truth)
    small, square, placement = look(rgb, truth)
    before = np.abs(unletterbox(small, placement) - truth).mean()
    after = np.abs(refine_edges(small, rgb, square=square, placement=placement) - truth).mean()
    assert after < before / 2


def test_a_wall_that_varies_is_trusted_less() -> None:
    truth = disc((SIDE, SIDE))
    small = np.asarray(cv2.GaussianBlur(truth, (0, 0), 0.9), np.float32)
    calm = paint(truth) / np.float32(255)
    spots = np.random.default_rng(4).choice([-0.3, 0.3], (SIDE // 8, SIDE // 8, 1))
    wild = np.where(truth[..., None] == 0, calm + spots.repeat(8, 0).repeat(8, 1), calm)
    trust = [learn(np.asarray(square, np.float32), small)[4] for square in (calm, wild)]
    edge = trust[0] > 0.1
    assert trust[1][edge].mean() < 0.7 * trust[0][edge].mean()
