"""The page of licences names every dependency, and what each installed wheel carries."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

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
