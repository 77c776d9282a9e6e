"""The site in a real Chromium: no error, no other host, and a comparison that moves."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Host, chromium, driver, host, tab
from shown import ROOT

pytestmark = pytest.mark.soak
SHOWN = (
    "",
    "results/",
    "how-it-works/",
    "reference/python/",
    "faq/",
    "cookbook/",
    "model-card/",
    "lab/",
)
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium."""
    program = chromium()
    if program is None:
        pytest.skip("no Chromium is installed")
    started = driver().chromium.launch(executable_path=program, args=["--no-sandbox"])
    yield started
    started.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host of the site."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    with host(Path(folder)) as serving:
        yield serving


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_have_no_errors_and_ask_no_other_host(
    size: str, scheme: str, browser: Any, place: Host
) -> None:
    width, height = SIZES[size]
    options = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    with tab(browser, place, **options) as one:
        for path in SHOWN:
            one.page.goto(place.url + path, wait_until="networkidle")
            room = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            assert one.page.evaluate(room), f"{path} is wider than the window"
        assert one.errors == [] and one.outside == []


def test_the_comparison_follows_pointer_and_keys(browser: Any, place: Host) -> None:
    with tab(browser, place, viewport={"width": 1280, "height": 900}) as one:
        one.page.goto(place.url)
        cut = "document.querySelector('.compare').style.getPropertyValue('--cut')"
        assert one.page.evaluate(cut) == "50%"
        box = one.page.locator(".compare-images").bounding_box()
        middle = box["y"] + box["height"] / 2
        one.page.mouse.move(box["x"] + box["width"] / 2, middle)
        one.page.mouse.down()
        one.page.mouse.move(box["x"] + box["width"] * 0.2, middle)
        one.page.mouse.up()
        dragged = float(one.page.evaluate(cut).rstrip("%"))
        assert 10 < dragged < 30
        one.page.keyboard.press("ArrowRight")
        assert float(one.page.evaluate(cut).rstrip("%")) == dragged + 1
        clipped = one.page.locator(".compare-images .before").evaluate(
            "i => getComputedStyle(i).clipPath"
        )
        assert "inset(" in clipped
