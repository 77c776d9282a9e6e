"""The bar: what it draws, and that it draws nothing where nobody looks."""

import io
import re

import pytest

from figureground.cli import progress
from figureground.cli.progress import Progress, span


@pytest.fixture(autouse=True)
def drawn_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.0)
    monkeypatch.setenv("COLUMNS", "120")


def lines(stream: io.StringIO) -> list[str]:
    return [line for line in re.split(r"[\r\n]+", stream.getvalue()) if line.strip()]


def test_the_bar_tells_rate_time_left_and_a_note() -> None:
    stream = io.StringIO()
    bar = Progress(4, unit="images", shown=True, stream=stream)
    bar.note = "loss 0.25"
    for _ in range(4):
        bar.advance()
    bar.finish()
    assert [line.split("|")[2].split("[")[0].strip() for line in lines(stream)[:5]] == [
        f"{done}/4 images" for done in range(5)
    ]
    assert re.search(
        r"100%\|\S{24}\| 4/4 images \[00:0\d<00:00, .*it/s, loss 0.25\]", stream.getvalue()
    )
    assert stream.getvalue().endswith("\n")


def test_steps_done_before_make_no_rate_and_the_end_may_be_unknown() -> None:
    stream = io.StringIO()
    bar = Progress(None, unit="frames", shown=True, stream=stream, done=5)
    bar.reach(7)
    assert "7/? frames" in lines(stream)[-1]
    bar.reach(8, 10)
    assert "80%" in lines(stream)[-1] and "8/10 frames" in lines(stream)[-1]
    bar.finish(leave=False)
    assert stream.getvalue().endswith("\r") and bar.done == 8


def test_nothing_is_drawn_where_nobody_looks() -> None:
    silent = io.StringIO()
    bar = Progress(2, unit="images", stream=silent)
    bar.advance()
    bar.clear()
    bar.finish()
    assert silent.getvalue() == "" and (bar.done, bar.total) == (1, 2)


def test_a_time_is_told_as_people_say_it() -> None:
    assert [span(s) for s in (40, 185, 7800)] == ["40 s", "3 min 05 s", "2 h 10 min"]
