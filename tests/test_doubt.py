"""Another look where the first leaves doubt."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from figureground.arrays import Alpha, Size
from figureground.matting.doubt import is_doubtful, look_again
from figureground.matting.matte import estimate_alpha

Answer = Callable[[NDArray[np.float32]], Alpha]


class Eyes:
    """An engine of any size with given answers: one at its own size, another at smaller ones."""

    def __init__(self, first: Answer, second: Answer, *, size: Size = (96, 96)) -> None:
        self.size, self._first, self._second = size, first, second
        self.looks: list[Size] = []

    def __call__(self, square: NDArray[np.float32]) -> Alpha:
        self.looks.append(self.size)
        return self._first(square)

    def resized(self, size: Size) -> "Eyes":
        """Gives the second answer, and its looks are counted here."""
        other = Eyes(self._second, self._second, size=size)
        other.looks = self.looks
        return other


def brightness(square: NDArray[np.float32]) -> Alpha:
    return np.ascontiguousarray(square.mean(axis=2, dtype=np.float32))


def person(width: float) -> Alpha:
    """A person left of the middle, whose outline is so many pixels wide."""
    places = np.abs(np.arange(96, dtype=np.float32) - 40) - 38
    across = np.clip(0.5 - places / width, 0, 1)
    return np.ascontiguousarray(np.broadcast_to(across, (96, 96)), np.float32)


@pytest.mark.parametrize(("width", "doubtful"), [(1, False), (4, False), (5, True), (12, True)])
def test_a_wide_way_from_nobody_to_somebody_is_doubt(width: float, doubtful: bool) -> None:
    assert is_doubtful(person(width)) == doubtful


def test_nobody_and_everybody_are_no_doubt_and_a_veil_is() -> None:
    assert not is_doubtful(np.zeros((96, 96), np.float32))
    assert not is_doubtful(np.ones((96, 96), np.float32))
    assert is_doubtful(np.full((96, 96), 0.3, np.float32))


def test_the_second_look_is_smaller_and_mirrored_and_its_answer_is_turned_back() -> None:
    picture = cv2.merge([person(6)] * 3)
    engine = Eyes(brightness, brightness)
    alpha = look_again(brightness(picture), picture, engine)
    assert engine.looks == [(80, 80)]
    assert alpha.dtype == np.float32
    np.testing.assert_allclose(alpha, person(6), atol=0.05)
    seen: list[NDArray[np.float32]] = []
    look_again(
        person(6), picture, Eyes(brightness, lambda sq: (seen.append(sq), brightness(sq))[1])
    )
    assert seen[0][:, 70].mean() > 0.9
    assert seen[0][:, 5].mean() < 0.1


def test_of_an_area_both_answers_count_alike() -> None:
    picture = np.zeros((96, 96, 3), np.float32)
    engine = Eyes(brightness, lambda square: np.full(square.shape[:2], 0.9, np.float32))
    first = np.full((96, 96), 0.3, np.float32)
    np.testing.assert_allclose(look_again(first, picture, engine), 0.6, atol=0.01)


def test_the_smaller_look_does_not_blur_the_outline() -> None:
    picture = cv2.merge([person(1)] * 3)
    blurred = Eyes(brightness, lambda sq: np.asarray(cv2.GaussianBlur(brightness(sq), (0, 0), 2)))
    alpha = look_again(person(1), picture, blurred)
    assert np.abs(alpha - person(1)).max() < 0.1
    assert np.abs(cv2.GaussianBlur(person(1), (0, 0), 2) - person(1)).max() > 0.3


@pytest.mark.parametrize(("width", "looks"), [(1, [(96, 96)]), (12, [(96, 96), (80, 80)])])
def test_only_doubtful_pictures_pay_for_it(width: float, looks: list[Size]) -> None:
    engine = Eyes(brightness, brightness)
    estimate_alpha((cv2.merge([person(width)] * 3) * 255).astype(np.uint8), engine)
    assert engine.looks == looks
