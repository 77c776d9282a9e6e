"""Files of docs/results/ that benchmarks/record.py wrote, and tables of what they hold."""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"


@cache
def read(name: str) -> dict[str, Any]:
    """One file of results."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return found


def table(*rows: Iterable[str]) -> str:
    """Rows as Markdown, of which the first is the head."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * (lines[0].count(" | ") + 1), *lines[1:]])


def command(name: str) -> str:
    """The command that made a file of results, in the form that people type."""
    return re.sub(r" --(json|quiet)\b", "", read(name)["command"])
