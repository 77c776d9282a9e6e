"""Benchmarks and tools ask the package only for what it has."""

import ast
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted([*(ROOT / "benchmarks").glob("*.py"), *(ROOT / "tools").glob("*.py")])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_what_a_script_imports_is_there(script: Path) -> None:
    for node in ast.walk(ast.parse(script.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("figureground"):
            module = import_module(str(node.module))
            for name in node.names:
                part = f"{node.module}.{name.name}"
                is_module = hasattr(module, "__path__") and find_spec(part) is not None
                assert hasattr(module, name.name) or is_module, part
