"""The page in a real Chromium: one browser, one written page, a tab for each test."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from browser import Host, Tab, chromium, driver, host, tab

from figureground.page.site import write_page

# A camera of its own, so that a test needs none; memory that is told in full.
SWITCHES = [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--js-flags=--expose-gc",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium."""
    program = chromium()
    if program is None:
        pytest.skip("no Chromium is installed")
    started = driver().chromium.launch(executable_path=program, args=SWITCHES)
    yield started
    started.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page as `figureground page` writes it."""
    folder = tmp_path_factory.mktemp("site") / "page"
    write_page(folder)
    return folder


@pytest.fixture
def place(site: Path) -> Iterator[Host]:
    """A host of the page."""
    with host(site) as serving:
        yield serving


@pytest.fixture
def opened(browser: Any, place: Host) -> Iterator[Callable[..., Tab]]:
    """Opens tabs; at its end none may have had an error or asked anywhere else."""
    with ExitStack() as stack:
        tabs: list[Tab] = []

        def open_tab(query: str = "", **options: Any) -> Tab:
            tabs.append(stack.enter_context(tab(browser, place, **options)))
            tabs[-1].open(query)
            return tabs[-1]

        yield open_tab
        for one in tabs:
            assert one.errors == [] and one.outside == []


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints a figure that was measured, whether the test passes or not."""

    def say(line: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}\n")

    return say
