"""Steps of a job that run side by side."""

import threading
from collections.abc import Iterator

import pytest

from figureground.jobs.prefetch import DEPTH, prefetch


def test_items_come_in_order() -> None:
    assert list(prefetch(iter(range(20)))) == list(range(20))


def test_an_error_comes_after_the_items_before_it() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("the second is bad")

    running = prefetch(items())
    assert next(running) == 1
    with pytest.raises(ValueError, match="second"):
        next(running)


def test_no_more_is_made_than_fits_in_between_and_closing_ends_all_threads() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    before = threading.active_count()
    running = prefetch(prefetch(items()))
    assert next(running) == 0
    running.close()
    assert len(made) <= 2 * (DEPTH + 2)
    assert threading.active_count() == before
