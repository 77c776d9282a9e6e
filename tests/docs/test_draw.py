"""The figures of the documents are what the code draws today."""

import numpy as np
import pytest
from PIL import Image

import draw

NEAR = 2.5  # levels of 255 that WebP and other processors may change in the mean


@pytest.mark.parametrize("name", draw.DRAWINGS)
def test_a_drawing_is_what_the_code_says(name: str) -> None:
    drawn = (draw.FIGURES / name).read_text("utf-8")
    assert drawn == draw.DRAWINGS[name](), "run `python docs/draw.py`"


@pytest.mark.parametrize("name", draw.SHEETS)
def test_a_sheet_is_what_the_code_gives(name: str) -> None:
    made = draw.SHEETS[name]()
    with Image.open(draw.FIGURES / name) as kept:
        # What is fully transparent has no colour worth comparing.
        pair = [
            np.asarray(i.convert("RGBA").convert("RGBa"), float)
            for i in (kept, Image.fromarray(made))
        ]
    assert np.abs(pair[0] - pair[1]).mean() < NEAR, "run `python docs/draw.py`"


def test_rooms_that_import_each_other_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = {"a": frozenset("b"), "b": frozenset("a")}
    monkeypatch.setattr(draw, "imports", lambda: rooms)
    with pytest.raises(ValueError, match="a <- b <- a"):
        draw.depth_of("a")


def test_figures_are_small() -> None:
    assert sum(path.stat().st_size for path in draw.FIGURES.iterdir()) < 200_000
    assert {path.name for path in draw.FIGURES.iterdir()} == {*draw.DRAWINGS, *draw.SHEETS}
