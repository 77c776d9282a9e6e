"""The reference pages say what the code says."""

import argparse
import importlib.util
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import figureground
from figureground.training.recipe import Recipe

DOCS = Path(__file__).parents[2] / "docs"
SPEC = importlib.util.spec_from_file_location("generate_docs", DOCS / "generate.py")
assert SPEC is not None and SPEC.loader is not None
generate = importlib.util.module_from_spec(SPEC)
sys.modules["generate_docs"] = generate
SPEC.loader.exec_module(generate)


@pytest.mark.parametrize("name", generate.PAGES)
def test_a_page_is_what_the_code_gives(name: str) -> None:
    written = (DOCS / "reference" / name).read_text(encoding="utf-8")
    # In a process of its own, which knows no presets of tests.
    code = (
        "import runpy, sys; sys.stdout.reconfigure(encoding='utf-8'); "
        f"print(runpy.run_path({str(DOCS / 'generate.py')!r})['PAGES'][{name!r}](), end='')"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert written == made.stdout.decode("utf-8"), "run `python docs/generate.py`"


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


def test_every_exported_class_and_function_is_there() -> None:
    page = generate.python()
    exported = [name for name in figureground.__all__ if callable(getattr(figureground, name))]
    assert [name for name in exported if f"## `{name}`" not in page] == []
