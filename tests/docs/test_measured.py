"""Figures in the documents are those of files of results, of the networks that ship."""

import re
from pathlib import Path

import pytest
from shown import PAGES

import measured
from figureground.models import shipped

MEASURED = sorted(measured.RESULTS.glob("*.json"))
BLOCKS = re.compile(r"<!-- results: ([\w-]+) -->.*?<!-- /results -->", re.DOTALL)
MEASURE = re.compile(r"(?<![\d.])0\.\d{3}(?!\d)")  # an IoU or its like, to three digits
# Guides with such numbers that nobody measured: an option, a version, prices, a setting; and how many.
NOT_MEASURED = {"evaluation.md": 1, "licences.md": 1, "scale.md": 2, "training.md": 1}


@pytest.mark.parametrize("path", MEASURED, ids=lambda path: path.stem)
def test_results_are_of_the_weights_that_ship(path: Path) -> None:
    sums = (shipped.FOLDER / shipped.SUMS).read_text("utf-8").splitlines()
    now = {name: digest for digest, name in map(str.split, sums)}
    # Exported files hold metadata too, which change no figure; what they are exported from does.
    weights = "lite.weights.h5"
    then = measured.read(path.stem)["networks"]
    assert then[weights] == now[weights], "measure again: docs/results.md says how"


@pytest.mark.parametrize("path", MEASURED, ids=lambda path: path.stem)
def test_results_say_how_and_where_but_no_path_of_a_machine(path: Path) -> None:
    found = measured.read(path.stem)
    assert set(found) == {"command", "day", "machine", "networks", "printed"} and found["printed"]
    assert not re.search(r'"/\w|\s/\w+/', path.read_text("utf-8"))


def test_a_block_is_written_anew() -> None:
    old = "before\n<!-- results: machines -->\nsomething old\n<!-- /results -->\nafter\n"
    new = measured.filled(old)
    assert measured.machines() in new and "old" not in new
    assert new.startswith("before\n") and new.endswith("\nafter\n") and measured.filled(new) == new


def test_a_block_of_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError, match="nonsense"):
        measured.filled("<!-- results: nonsense -->\n<!-- /results -->")


def test_every_block_is_shown_somewhere() -> None:
    names = {name for page in PAGES for name in BLOCKS.findall(page.read_text("utf-8"))}
    assert names == set(measured.BLOCKS)


def test_measures_stand_in_blocks_alone() -> None:
    found = {}
    for page in PAGES:
        text = re.sub(r"`[^`\n]*`", "", BLOCKS.sub("", page.read_text("utf-8")))
        if count := len(MEASURE.findall(text)):
            found[page.name] = count
    assert found == NOT_MEASURED


def test_a_table_has_a_line_under_its_head() -> None:
    assert measured.table(("a", "b"), ("1", "2")) == "| a | b |\n|---|---|\n| 1 | 2 |"
