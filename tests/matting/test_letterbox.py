"""Any image into the network's input, and the matte back, without a shift."""

import numpy as np
import pytest

from figureground.arrays import Size
from figureground.errors import SizeError
from figureground.matting.letterbox import letterbox, plan_letterbox, unletterbox

SQUARE = (96, 96)


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (700, 1), (3, 2), (96, 96), (101, 333)])
def test_every_size_comes_back_as_itself(size: Size) -> None:
    rgb = np.full((*size, 3), 200, np.uint8)
    square, placement = letterbox(rgb, SQUARE)
    assert square.shape == (*SQUARE, 3)
    assert square.dtype == np.float32
    assert unletterbox(np.ones(SQUARE, np.float32), placement).shape == size


def test_a_white_image_of_16_bits_is_one_and_of_8_bits_is_one() -> None:
    shallow = np.full((10, 10, 3), 255, np.uint8)
    deep = np.full((10, 10, 3), 65535, np.uint16)
    for square in (letterbox(shallow, SQUARE)[0], letterbox(deep, SQUARE)[0]):
        np.testing.assert_array_equal(square, 1.0)


def test_up_to_twice_as_wide_as_high_the_image_covers_the_whole_input() -> None:
    assert plan_letterbox((100, 200), SQUARE).inner == SQUARE
    assert plan_letterbox((200, 100), SQUARE).inner == SQUARE


def test_beyond_twice_as_wide_as_high_grey_lies_above_and_below() -> None:
    square, placement = letterbox(np.full((50, 200, 3), 255, np.uint8), SQUARE)
    assert placement.inner == (48, 96)
    np.testing.assert_array_equal(square[24:72], 1.0)
    np.testing.assert_array_equal(square[:24], 0.5)
    np.testing.assert_array_equal(square[72:], 0.5)


def test_what_the_network_finds_in_the_padding_never_reaches_the_image() -> None:
    _, placement = letterbox(np.zeros((50, 200, 3), np.uint8), SQUARE)
    alpha = np.ones(SQUARE, np.float32)
    alpha[24:72] = 0
    np.testing.assert_array_equal(unletterbox(alpha, placement), 0.0)


@pytest.mark.parametrize("height", [480, 487, 203, 97, 95, 41])
@pytest.mark.parametrize("turned", [False, True])
def test_half_planes_come_back_where_they_were_at_every_edge(height: int, turned: bool) -> None:
    errors = []
    for edge in range(height // 4, height * 3 // 4, 7):
        truth = np.zeros((height, height, 3), np.uint8)
        truth[:edge] = 255
        square, placement = letterbox(truth.swapaxes(0, 1) if turned else truth, SQUARE)
        alpha = unletterbox(square[..., 0].copy(), placement)
        errors.append(alpha.mean(axis=0 if turned else 1).sum() - edge)  # the edge is the area
    assert abs(np.mean(errors)) < 0.01  # pixels: no drift to either side
    assert np.abs(errors).max() < 0.1 * max(1.0, height / 96)


def test_a_step_of_the_matte_comes_back_at_its_column() -> None:
    _, placement = letterbox(np.zeros((480, 480, 3), np.uint8), SQUARE)
    step = np.zeros(SQUARE, np.float32)
    step[:, :40] = 1
    alpha = unletterbox(step, placement)
    assert (alpha[:, :200] > 0.5).all()
    assert (alpha[:, 200:] < 0.5).all()


def test_the_matte_stays_within_nought_and_one() -> None:
    _, placement = letterbox(np.zeros((20, 30, 3), np.uint8), SQUARE)
    alpha = unletterbox(np.linspace(-1, 2, 96 * 96, dtype=np.float32).reshape(SQUARE), placement)
    assert alpha.min() == 0
    assert alpha.max() == 1


@pytest.mark.parametrize("size", [(40, 31), (96, 96), (487, 331), (1000, 1501)])
def test_a_sure_matte_stays_exactly_nought_and_one(size: Size) -> None:
    _, placement = letterbox(np.zeros((*size, 3), np.uint8), SQUARE)
    sure = np.zeros(SQUARE, np.float32)
    sure[:, 48:] = 1
    alpha = unletterbox(sure, placement)
    quarter = size[1] // 4
    assert (alpha[:, :quarter] == 0).all()
    assert (alpha[:, -quarter:] == 1).all()


def test_a_matte_of_another_size_is_refused() -> None:
    _, placement = letterbox(np.zeros((20, 30, 3), np.uint8), SQUARE)
    with pytest.raises(SizeError, match=r"\(64, 64\)"):
        unletterbox(np.zeros((64, 64), np.float32), placement)


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (0, 4, 3)])
def test_what_is_no_image_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(SizeError, match="rows, columns, 3"):
        letterbox(np.zeros(shape, np.uint8), SQUARE)
