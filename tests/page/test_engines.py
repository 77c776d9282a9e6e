"""What the page runs on: a graphics card's software stand-in, and images as large as phones take."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import Host, chromium, tab
from hosted import SOFTWARE_GPU
from PIL import Image

from figureground import Remover

pytestmark = [pytest.mark.soak, pytest.mark.slow]

LONG = 400  # seconds


def test_webgpu_gives_what_the_command_gives(browser: Any, place: Host, astronaut: Path) -> None:
    switches = ["--no-sandbox", *SOFTWARE_GPU]
    other = browser.browser_type.launch(executable_path=chromium(), args=switches)
    try:
        with tab(other, place) as visitor:
            visitor.open("?device=webgpu")
            visitor.give(astronaut, done=False)
            done = "document.querySelectorAll('.entry.done, .entry.failed').length === 1"
            visitor.until(done, LONG)
            visitor.settle()
            assert visitor.page.locator(".engine").get_attribute("data-device") == "webgpu"
            with Image.open(visitor.save()) as image:
                alpha = np.asarray(image)[..., 3] / 255
            assert visitor.errors == [] and visitor.outside == []
    finally:
        other.close()
    assert np.abs(alpha - Remover().alpha(astronaut)).mean() < 0.004


def test_a_graphics_card_that_is_not_there_is_said(browser: Any, place: Host) -> None:
    with tab(browser, place) as visitor:
        visitor.open("?device=webgpu")
        visitor.page.wait_for_selector(".engine.bad")
        assert "no WebGPU adapter" in visitor.page.locator(".engine").inner_text()


def test_48_megapixels_do_not_crash(
    browser: Any, place: Host, astronaut: Path, tmp_path: Path
) -> None:
    with Image.open(astronaut) as image:
        image.resize((8000, 6000)).save(tmp_path / "large.jpg")
    with tab(browser, place) as visitor:
        visitor.open("?type=jpeg&background=color&color=00ff00")
        visitor.give(tmp_path / "large.jpg", done=False)
        visitor.until("document.querySelectorAll('.entry.done, .entry.failed').length === 1", LONG)
        visitor.until("!document.querySelector('.stage .spinner')", LONG)
        with visitor.page.expect_download(timeout=1000 * LONG) as download:
            visitor.page.click(".save .primary")
        with Image.open(download.value.path()) as image:
            assert image.size == (8000, 6000)
            assert np.asarray(image)[10, 7990, 1] > 250
        assert visitor.errors == [] and visitor.outside == []
