"""How the page is visited: without a network, by keyboard, on a phone, sixty images long."""

import gzip
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser import Host, Tab, host, tab
from PIL import Image

pytestmark = [pytest.mark.soak, pytest.mark.slow]

Open = Callable[..., Tab]
Tell = Callable[[str], None]
PHONE = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True,
    "has_touch": True,
}  # fmt: skip
NETWORK = "engine/lite.tflite"
BUDGET = 250_000  # bytes, packed, of the page without its network
AXE = Path(__file__).parents[2] / "web/page/node_modules/axe-core/axe.min.js"


def ready(tab: Tab) -> None:
    tab.until("document.querySelector('.engine')?.innerText.startsWith('Ready')")


def test_the_page_is_light_and_usable_before_its_network_is_there(
    opened: Open, place: Host, astronaut: Path, site: Path, tell: Tell
) -> None:
    place.held[NETWORK] = threading.Event()
    tab = opened()
    shell = {path or "index.html" for path in place.paths if not path.startswith("engine/")}
    packed = sum(len(gzip.compress((site / path).read_bytes(), 9)) for path in shell)
    tell(f"the page without its network: {packed} bytes packed, {len(shell)} files")
    assert packed <= BUDGET
    tab.give(astronaut, done=False)
    tab.page.wait_for_selector(".entry.waiting")
    tab.pick("background", "color")
    assert "background=color" in tab.page.url
    assert tab.page.locator(".engine progress").is_visible()
    place.held[NETWORK].set()
    tab.settle()
    assert tab.page.locator(".entry.done").count() == 1


def test_the_network_is_kept_and_not_loaded_twice(opened: Open, place: Host) -> None:
    tab = opened()
    ready(tab)
    place.paths.clear()
    tab.page.reload()
    ready(tab)
    assert not [path for path in place.paths if path.startswith(("engine/", "app"))]


def test_it_works_without_a_network(browser: Any, site: Path, astronaut: Path) -> None:
    with host(site) as place, tab(browser, place) as visitor:
        visitor.open()
        ready(visitor)
        visitor.page.context.set_offline(True)
        visitor.page.goto(place.url + "?background=color&color=00ff00")
        visitor.give(astronaut)
        with Image.open(visitor.save()) as image:
            assert image.convert("RGB").getpixel((511, 0)) == (0, 255, 0)
        assert visitor.outside == []


def test_a_damaged_network_is_refused_and_a_right_one_taken_then(
    opened: Open, place: Host, astronaut: Path, site: Path
) -> None:
    whole = (site / NETWORK).read_bytes()
    place.changed[NETWORK] = whole[:-1] + bytes([whole[-1] ^ 1])
    tab = opened()
    tab.page.wait_for_selector(".engine.bad")
    tab.give(astronaut, done=False)
    assert tab.page.locator(".entry.waiting").count() == 1
    del place.changed[NETWORK]
    tab.page.click("text=Try again")
    ready(tab)
    tab.settle()
    assert tab.page.locator(".entry.done").count() == 1
    assert all("engine/lite.tflite" in error or "ERR_FAILED" in error for error in tab.errors)
    tab.errors.clear()


def test_it_works_where_there_are_no_service_workers(
    browser: Any, place: Host, astronaut: Path
) -> None:
    with tab(browser, place, service_workers="block") as visitor:
        visitor.page.goto(place.url)
        visitor.page.wait_for_selector(".start")
        visitor.give(astronaut)
        assert visitor.page.locator(".entry.done").count() == 1
        assert not visitor.page.evaluate("crossOriginIsolated")


def violations(tab: Tab) -> list[str]:
    """What axe finds, as rule, gravity and place."""
    if not AXE.is_file():
        pytest.skip("npm ci in web/page brings axe")
    tab.page.evaluate(AXE.read_text("utf-8"))
    found = tab.page.evaluate("axe.run().then((result) => result.violations)")
    return [f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:120]}" for v in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("look", [{}, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing(
    opened: Open, astronaut: Path, scheme: str, look: dict[str, Any], language: str
) -> None:
    tab = opened(f"?lang={language}&type=jpeg", color_scheme=scheme, **look)
    ready_text = "document.querySelector('.engine progress') === null"
    tab.until(ready_text)
    assert violations(tab) == []
    tab.give(astronaut, astronaut)
    tab.give({"name": "no.txt", "mimeType": "text/plain", "buffer": b"no"})
    assert violations(tab) == []
    for kind in ("color", "gradient", "blur"):
        tab.pick("background", kind)
        tab.settle()
        assert violations(tab) == []
    tab.page.locator(".tool").nth(2).click()
    tab.page.select_option(".panel select", "custom")
    assert violations(tab) == []


def test_all_of_it_can_be_done_with_the_keyboard(opened: Open, astronaut: Path) -> None:
    tab = opened()
    keys = tab.page.keyboard

    def go(condition: str) -> None:
        for _ in range(60):
            keys.press("Tab")
            if tab.page.evaluate(f"document.activeElement.matches({condition!r})"):
                return
        raise AssertionError(f"Tab never comes to {condition}")

    # Asked for only as the key is pressed, Playwright begins to listen too late.
    tab.page.on("filechooser", lambda chooser: chooser.set_files([astronaut, astronaut]))
    go(".start .primary")
    keys.press("Enter")
    tab.page.locator(".entry").nth(1).wait_for()
    tab.settle()
    go(".slider")
    keys.press("End")
    go(".entry:nth-child(2) .tile")
    keys.press("Enter")
    tab.settle()
    go("input[name=background]")
    keys.press("ArrowRight")
    assert "background=color" in tab.page.url
    go(".panel select")
    keys.press("ArrowDown")
    go(".save .primary")
    with tab.page.expect_download():
        keys.press("Enter")
    tab.page.locator(".entry:nth-child(2) .tile").focus()
    keys.press("Delete")
    assert tab.page.locator(".entry .tile").count() == 1


def test_what_happens_is_read_out(opened: Open, astronaut: Path) -> None:
    tab = opened()
    tab.give(astronaut)
    assert tab.page.locator("[role=status].unseen").inner_text() == "astronaut.jpg is done"
    names = tab.page.evaluate(
        """[...document.querySelectorAll('button, input, select, [tabindex]')]
          .filter((e) => !e.closest('[aria-hidden=true]'))
          .map((e) => e.ariaLabel || e.innerText || e.labels?.[0]?.innerText || e.title || '')"""
    )
    assert all(name.strip() for name in names)


@pytest.mark.parametrize("width", [320, 390, 800, 1000])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_nothing_juts_out(opened: Open, astronaut: Path, width: int, language: str) -> None:
    tab = opened(f"?lang={language}", viewport={"width": width, "height": 700})
    wide = "document.scrollingElement.scrollWidth <= innerWidth"
    assert tab.page.evaluate(wide)
    tab.give(astronaut, astronaut)
    tab.page.locator(".tool").nth(1).click()
    assert tab.page.evaluate(wide)
    assert tab.page.evaluate("document.documentElement.dir") == (
        "rtl" if language == "ar" else "ltr"
    )


def test_nothing_moves_where_that_is_asked_for(opened: Open, place: Host, astronaut: Path) -> None:
    place.held[NETWORK] = threading.Event()
    tab = opened(reduced_motion="reduce")
    assert tab.page.evaluate("document.getAnimations().length") == 0
    tab.page.hover(".example")
    assert tab.page.evaluate("document.getAnimations().length") == 0
    tab.give(astronaut, done=False)
    tab.page.wait_for_selector(".spinner")
    assert tab.page.evaluate("document.getAnimations().length") == 0
    place.held[NETWORK].set()
    tab.settle()


def test_a_slow_phone_has_its_first_result_in_time(
    opened: Open, astronaut: Path, tell: Tell
) -> None:
    tab = opened(**PHONE)
    client = tab.page.context.new_cdp_session(tab.page)
    client.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    began = time.monotonic()
    tab.give(astronaut)
    took = time.monotonic() - began
    tell(f"first result, phone's size, processor 4 times slower: {took:.1f} s")
    assert took < 60


def resident(browser: Any) -> float:
    """Megabytes that the pages' processes have to themselves."""
    client = browser.new_browser_cdp_session()
    processes = client.send("SystemInfo.getProcessInfo")["processInfo"]
    client.detach()
    total = 0
    for process in processes:
        if process["type"] != "renderer":
            continue
        rollup = Path(f"/proc/{process['id']}/smaps_rollup").read_text()
        total += sum(
            int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_")
        )
    return total / 1024


def test_sixty_images_take_the_memory_of_six(
    browser: Any, place: Host, astronaut: Path, tmp_path: Path, tell: Tell
) -> None:
    with Image.open(astronaut) as image:
        image.resize((800, 800)).save(tmp_path / "large.jpg")
    photo = tmp_path / "large.jpg"
    with tab(browser, place) as visitor:
        visitor.open()

        def settled(count: int) -> float:
            visitor.until(f"document.querySelectorAll('.entry.done').length === {count}", 300)
            visitor.settle()
            for _ in range(3):
                visitor.page.evaluate("gc()")
                for worker in visitor.page.workers:
                    if worker.url.endswith(
                        "engine/worker.js"
                    ):  # its threads wait, and hear nothing
                        worker.evaluate("gc()")
                visitor.page.wait_for_timeout(700)
            return resident(browser)

        visitor.give(*[photo] * 6, done=False)
        few = settled(6)
        for count in range(15, 61, 9):
            visitor.give(*[photo] * 9, done=False)
            settled(count)
        many = settled(60)
        tell(f"memory after 6 images: {few:.0f} MB, after 60: {many:.0f} MB")
        assert many < 1.1 * few
