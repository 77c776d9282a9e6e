"""One bounded queue; who fills it alone is told so."""

import pytest

from figureground.serve.admission import Admission
from figureground.serve.problems import Problem


def test_a_place_is_given_back() -> None:
    house = Admission(workers=1, queue=0)
    for _ in range(3):
        with house.place("a"):
            assert house.inside == 1
    assert house.inside == 0


def test_beyond_the_limit_nobody_comes_in() -> None:
    house = Admission(workers=1, queue=0)
    with house.place("a"), pytest.raises(Problem) as refused, house.place("a"):
        pass
    assert (refused.value.status, refused.value.retry_after) == (503, 1)


def test_who_fills_the_queue_is_told_so_and_others_that_it_is_full() -> None:
    house = Admission(workers=2, queue=2)
    with house.place("a"), house.place("a"), house.place("a"), house.place("b"):
        with pytest.raises(Problem) as greedy, house.place("a"):
            pass
        with pytest.raises(Problem) as other, house.place("b"):
            pass
    assert (greedy.value.status, other.value.status) == (429, 503)


def test_the_time_to_come_back_grows_with_the_queue() -> None:
    house = Admission(workers=2, queue=20)
    house.mean = 3.0
    short = house.wait
    house.inside = 21
    assert short == 2 and house.wait == 30
