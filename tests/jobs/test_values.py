"""Words of the command line as values."""

import argparse

import pytest

from figureground.jobs.values import people


@pytest.mark.parametrize("text", ["all", "largest", "centre"])
def test_words_for_people_are_read(text: str) -> None:
    assert people(text) == text


def test_points_are_read() -> None:
    assert people("120,80;300.5,90") == ((120, 80), (300.5, 90))


@pytest.mark.parametrize("text", ["", "biggest", "1", "1,2,3", "1,2;", "nan,1", "inf,1", "a,b"])
def test_what_is_neither_word_nor_points_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="write all, largest, centre or points"):
        people(text)
