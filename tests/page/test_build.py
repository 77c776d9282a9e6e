"""What is shipped is what the sources give: the page is built again and compared."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from figureground.page import site

WEB = Path(__file__).parents[2] / "web"
MINUTES = 5


def run(*words: str, folder: Path) -> None:
    """Run a program of Node's; its output is the message where it fails."""
    environment = {**os.environ, "npm_config_update_notifier": "false"}
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=60 * MINUTES
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the page is built from, with its packages, beside the library as built."""
    if shutil.which("npm") is None:
        pytest.skip("Node is not installed")
    root = tmp_path_factory.mktemp("sources")
    leave = shutil.ignore_patterns("node_modules", "dist", "dist-tests")
    shutil.copytree(WEB, root / "web", ignore=leave)
    for part in ("examples", "src/figureground/models/weights"):
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        (root / part).symlink_to(WEB.parent / part)
    (root / "LICENSE").symlink_to(WEB.parent / "LICENSE")
    for folder in (root / "web", root / "web" / "page"):
        run("npm", "ci", "--no-audit", "--no-fund", "--prefer-offline", folder=folder)
    return root / "web"


@pytest.mark.slow
def test_the_shipped_page_is_what_its_sources_give(sources: Path, tmp_path: Path) -> None:
    run("node", "build.mjs", "--no-types", folder=sources)
    run("node", "build.mjs", "--out", str(tmp_path / "static"), folder=sources / "page")
    built = {path.relative_to(tmp_path / "static") for path in (tmp_path / "static").rglob("*")}
    shipped = {path.relative_to(site.STATIC) for path in site.STATIC.rglob("*")}
    assert built == shipped
    different = [
        str(name)
        for name in sorted(built)
        if (site.STATIC / name).is_file()
        and (site.STATIC / name).read_bytes() != (tmp_path / "static" / name).read_bytes()
    ]
    assert different == [], "build it again: cd web/page && npm run build"


@pytest.mark.slow
def test_the_page_is_typed_linted_and_its_pure_parts_are_right(sources: Path) -> None:
    run("npm", "run", "check", folder=sources / "page")
    run("npm", "test", folder=sources / "page")
