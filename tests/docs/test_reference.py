"""The reference pages say what the code says."""

import argparse
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import generate
from figureground.training.recipe import Recipe


def test_pages_are_what_the_code_and_the_results_give() -> None:
    # In a process of its own, which knows no presets of tests.
    command = [sys.executable, str(Path(generate.__file__)), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"run `python docs/generate.py`: {done.stdout}{done.stderr}"


def test_every_option_has_its_own_line() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-o", "--output", metavar="PATH", help="half of 100 %% at %(default)s")
    parser.add_argument("--flag", action="store_true", help="on")
    parser.add_argument("IMAGE", nargs="+", help="files")
    page = "\n".join(generate.command("figureground verb", parser)).splitlines()
    assert "- `-o PATH`, `--output PATH`: half of 100 % at None" in page
    assert "- `--flag`: on" in page
    assert "- `IMAGE ...`: files" in page


def test_every_setting_of_a_recipe_is_there() -> None:
    page = generate.recipe()
    assert [s.name for s in fields(Recipe) if f"- `{s.name}` (" not in page] == []


def test_a_comment_above_or_behind_a_setting_is_its_meaning() -> None:
    source = "class Recipe:\n    a: int = 1  # first\n    # second\n    b: str = '#'\n    c: int\n"
    assert generate.comments(source, "Recipe") == {"a": "first", "b": "second", "c": ""}
