"""The page of licences names every dependency, and what each installed wheel carries."""

import importlib.util
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools" / "licences.py"
PAGE = (ROOT / "docs" / "licences.md").read_text("utf-8")
SPEC = importlib.util.spec_from_file_location("licences", TOOL)
licences = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(licences)


def listed() -> dict[str, str]:
    """What the page says of each package, by name."""
    parts = re.split(r"^- \*\*([\w-]+)\*\* (?=[\d.]+, )", PAGE, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_the_page_lists_the_dependencies_of_the_project_and_no_others() -> None:
    assert list(listed()) == list(licences.dependencies())


@pytest.mark.parametrize("name", licences.dependencies())
def test_what_a_wheel_carries_stands_on_the_page(name: str) -> None:
    try:
        found = licences.libraries_of(name)
    except licences.PackageNotFoundError:
        pytest.skip("not installed")
    words = set(re.findall(r"[\w-]+", listed()[name]))
    assert {library.removeprefix("lib") for library in found} <= words or sys.platform != "linux"
    assert "unknown" not in found.values()


def test_the_tool_knows_the_licence_of_all_that_is_installed() -> None:
    done = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True)
    assert done.returncode == 0 and "GPL-2.0-or-later: x264, x265" in done.stdout


FREE = re.compile(
    r"MIT|BSD|Apache|PSF|Python Software Foundation|Python-2\.0|MPL|Mozilla|ISC|HPND|Unlicense|zlib|CC0|0BSD",
    re.IGNORECASE,
)
FORBIDDEN = re.compile(r"AGPL|Affero|SSPL|non-?commercial|proprietary", re.IGNORECASE)
TOLD = {"pyvirtualcam"}  # GPL, and the page says so in its own words


def reached() -> set[str]:
    """All packages that a user's installation has, the extras too, by what their metadata ask for."""
    waiting, found = list(licences.dependencies()), set[str]()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        try:
            asked = [Requirement(line) for line in distribution(name).requires or ()]
        except PackageNotFoundError:
            continue
        found.add(name)
        here = {"extra": ""}
        waiting += [each.name for each in asked if not each.marker or each.marker.evaluate(here)]
    return found


def stated(name: str) -> str:
    """All that a package's metadata say of its licence."""
    metadata: Any = distribution(name).metadata
    told = [metadata.get("License-Expression"), (metadata.get("License") or "")[:200]]
    told += [line for line in metadata.get_all("Classifier") or () if line.startswith("License")]
    return "; ".join(filter(None, [licences.STATED.get(name), *told]))


def test_whatever_comes_along_is_free_to_use_and_to_ship() -> None:
    everything = reached()
    assert len(everything) > len(licences.dependencies()) / 2
    odd = {name: stated(name) for name in everything - TOLD if not FREE.search(stated(name))}
    assert odd == {}
    assert {name: stated(name) for name in everything if FORBIDDEN.search(stated(name))} == {}
