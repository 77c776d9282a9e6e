"""What the page does, each in a real Chromium with the real network."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from browser import Tab
from PIL import Image

from figureground import Remover

pytestmark = [pytest.mark.soak, pytest.mark.slow]

Open = Callable[..., Tab]


def rgba(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGBA"))


def choose(tab: Tab, name: str, value: str) -> None:
    tab.pick(name, value)
    tab.settle()


def slide(tab: Tab, label: str, value: int) -> None:
    tab.page.get_by_label(label, exact=True).fill(str(value))
    tab.page.wait_for_timeout(50)
    tab.settle()


def test_the_result_is_that_of_the_command(opened: Open, astronaut: Path) -> None:
    tab = opened()
    tab.give(astronaut)
    made, cutout = rgba(tab.save()), Remover().remove(astronaut)
    assert np.abs(made[..., 3] / 255 - cutout.alpha).mean() < 0.004
    sure = cutout.alpha == 1
    apart = np.abs(made[sure][:, :3].astype(int) - cutout.foreground[sure]).mean()
    assert apart < 2


def test_images_come_by_drop_and_by_paste(opened: Open, astronaut: Path) -> None:
    tab = opened()
    data = list(astronaut.read_bytes())
    give = """([bytes, event]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], `${event}.jpg`, { type: 'image/jpeg' }));
      const at = event === 'paste'
        ? new ClipboardEvent('paste', { clipboardData: data, bubbles: true })
        : new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true });
      document.body.dispatchEvent(at);
    }"""
    tab.page.evaluate(give, [data, "drop"])
    tab.settle()
    tab.page.evaluate(give, [data, "paste"])
    tab.page.wait_for_selector(".entry:nth-child(2)")
    tab.settle()
    labels = tab.page.locator(".entry .tile").evaluate_all("all => all.map(a => a.ariaLabel)")
    assert labels == ["drop.jpg, done", "paste.jpg, done"]


def test_the_paste_button_reads_what_was_copied(opened: Open, astronaut: Path) -> None:
    tab = opened(permissions=["clipboard-read", "clipboard-write"])
    tab.give(astronaut)
    tab.page.click(".save button:nth-child(2)")
    tab.page.wait_for_selector("text=Copied to the clipboard")
    tab.page.reload()
    tab.page.click("text=Paste >> nth=0")
    tab.page.wait_for_selector(".entry")
    tab.settle()
    assert rgba(tab.save()).shape == (512, 512, 4)


def test_a_clipboard_without_an_image_is_said(opened: Open) -> None:
    tab = opened(permissions=["clipboard-read", "clipboard-write"])
    tab.page.evaluate("navigator.clipboard.writeText('hello')")
    tab.page.click(".start-buttons button:nth-of-type(2)")
    tab.page.wait_for_selector("text=There is no image in the clipboard")


def test_the_camera_takes_a_photo(opened: Open) -> None:
    tab = opened(permissions=["camera"])
    tab.page.click("text=Camera")
    tab.page.click("text=Take photo")
    tab.page.wait_for_selector(".entry")
    tab.settle()
    assert "camera-1.jpg" in tab.page.locator(".entry .tile").get_attribute("aria-label")
    assert rgba(tab.save()).shape[2] == 4


def test_the_example_shows_what_the_page_does(opened: Open) -> None:
    tab = opened()
    tab.until("[...document.querySelectorAll('.example img')].every((one) => one.naturalWidth)")
    shown = "getComputedStyle(document.querySelector('.example-after')).clipPath"
    tab.until(f"{shown}.endsWith(' 50%)')")
    tab.page.hover(".example")
    tab.until(f"{shown}.endsWith(' 0%)')")  # all of the result
    tab.page.click("text=Try it with an example")
    tab.settle()
    assert tab.save().name == "astronaut.cutout.png"


def test_many_images_lie_in_a_strip(opened: Open, astronaut: Path) -> None:
    tab = opened()
    tab.give(astronaut, astronaut, astronaut, done=False)
    tab.page.wait_for_selector(".entry.waiting")
    tab.page.wait_for_selector(".entry.working")
    tab.settle()
    tab.page.click(".entry:nth-child(3) .tile")
    tab.settle()
    assert tab.page.locator(".tile[aria-current]").count() == 1
    tab.page.locator(".entry:nth-child(3) .cross").click(force=True)
    assert tab.page.locator(".entry.done").count() == 2
    tab.page.click("text=Remove all")
    tab.page.wait_for_selector("h1")


def pixel(tab: Tab, x: float, y: float) -> list[int]:
    """A pixel of the stage, as shares of its width and height."""
    return tab.page.evaluate(
        """([x, y]) => new Promise((done) => requestAnimationFrame(() => {
          const canvas = document.querySelector('.stage canvas');
          const copy = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
          copy.drawImage(canvas, -Math.round(x * canvas.width), -Math.round(y * canvas.height));
          done([...copy.getImageData(0, 0, 1, 1).data]);
        }))""",
        [x, y],
    )


def test_the_slider_shows_before_and_after(opened: Open, astronaut: Path) -> None:
    tab = opened("?background=color&color=ff00ff", viewport={"width": 1200, "height": 900})
    tab.give(astronaut)
    slider = tab.page.locator("[role=slider]")
    assert pixel(tab, 0.62, 0.1)[:3] == [255, 0, 255]
    before = pixel(tab, 0.3, 0.1)
    assert before[:3] != [255, 0, 255]
    slider.focus()
    slider.press("Home")
    tab.page.wait_for_timeout(60)
    assert slider.get_attribute("aria-valuenow") == "0"
    assert pixel(tab, 0.3, 0.1)[:3] == [255, 0, 255]
    slider.press("End")
    slider.press("Shift+ArrowLeft")
    assert slider.get_attribute("aria-valuenow") == "90"
    box = slider.bounding_box()
    tab.page.mouse.move(box["x"] + 22, box["y"] + 100)
    tab.page.mouse.down()
    tab.page.mouse.move(box["x"] - 200, box["y"] + 100, steps=5)
    tab.page.mouse.up()
    assert int(slider.get_attribute("aria-valuenow")) < 70
    tab.page.click("text=Compare")
    assert slider.count() == 0


@pytest.mark.parametrize(
    ("kind", "corner"),
    [("none", (0, 0, 0, 0)), ("color", (255, 0, 255, 255)), ("gradient", (255, 0, 255, 255))],
)
def test_backgrounds(opened: Open, astronaut: Path, kind: str, corner: tuple[int, ...]) -> None:
    tab = opened("?color=ff00ff&color2=00ff00")
    tab.give(astronaut)
    choose(tab, "background", kind)
    made = rgba(tab.save())
    assert np.abs(made[0, -1].astype(int) - corner).max() <= 1
    if kind == "gradient":
        assert np.abs(made[-1, -2].astype(int) - (0, 255, 0, 255)).max() <= 3


def test_a_blurred_background_keeps_the_person_sharp(opened: Open, astronaut: Path) -> None:
    tab = opened("?background=blur&blur=20")
    tab.give(astronaut)
    made, original = rgba(tab.save()).astype(float), rgba(astronaut).astype(float)
    sharpness = [np.abs(np.diff(image[:90, :90, 0])).mean() for image in (made, original)]
    assert sharpness[0] < sharpness[1] / 2
    assert np.abs(made[80:110, 200:250, :3] - original[80:110, 200:250, :3]).mean() < 2  # her face


def test_an_image_of_ones_own_as_background(opened: Open, astronaut: Path, tmp_path: Path) -> None:
    Image.new("RGB", (30, 10), (10, 200, 30)).save(tmp_path / "green.png")
    (tmp_path / "no.txt").write_text("no image")
    tab = opened()
    tab.give(astronaut)
    with tab.page.expect_file_chooser() as chooser:
        tab.pick("background", "image")
    chooser.value.set_files(tmp_path / "green.png")
    tab.page.wait_for_timeout(200)
    assert tuple(rgba(tab.save())[0, -1]) == (10, 200, 30, 255)
    tab.page.set_input_files(".panel input[type=file]", tmp_path / "no.txt")
    tab.page.wait_for_selector("text=no.txt cannot be used as background")


def percent(tab: Tab) -> int:
    return int(tab.page.locator(".tool.number").inner_text().split()[-2])


def test_zoom_by_wheel_keys_and_buttons(opened: Open, astronaut: Path) -> None:
    tab = opened(viewport={"width": 1000, "height": 700})
    tab.give(astronaut)
    fitted = percent(tab)
    tab.page.mouse.move(300, 400)
    tab.page.mouse.wheel(0, -400)
    tab.until(f"!document.querySelector('.number').innerText.includes('{fitted} ')")
    assert percent(tab) > fitted
    canvas = tab.page.locator(".stage canvas")
    canvas.focus()
    canvas.press("1")
    assert percent(tab) == 100
    canvas.press("+")
    canvas.press("ArrowLeft")
    assert percent(tab) == 125
    canvas.press("0")
    assert percent(tab) == fitted
    tab.page.click("button[title='Zoom in']")
    assert percent(tab) > fitted
    tab.page.click("button[title=Fit]")
    canvas.dblclick(position={"x": 200, "y": 200})
    assert percent(tab) == 100


def test_zoom_by_two_fingers(opened: Open, astronaut: Path) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    tab = opened(**phone, device_scale_factor=2)
    tab.give(astronaut)
    fitted = percent(tab)
    touch = tab.page.context.new_cdp_session(tab.page)

    def fingers(kind: str, apart: int | None) -> None:
        points = (
            [] if apart is None else [{"x": 195 - apart, "y": 300}, {"x": 195 + apart, "y": 300}]
        )
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    fingers("touchStart", 30)
    for apart in (50, 70, 90):
        fingers("touchMove", apart)
    fingers("touchEnd", None)
    tab.page.wait_for_timeout(100)
    assert percent(tab) > 2 * fitted


def alpha_of(tab: Tab) -> np.ndarray:
    return rgba(tab.save())[..., 3].astype(int)


def drag(tab: Tab, start: tuple[float, float], end: tuple[float, float]) -> None:
    box = tab.page.locator(".stage canvas").bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    tab.page.mouse.move(*points[0])
    tab.page.mouse.down()
    tab.page.mouse.move(*points[1], steps=6)
    tab.page.mouse.up()
    tab.settle()


def test_a_brush_keeps_and_erases_with_undo_and_redo(opened: Open, astronaut: Path) -> None:
    tab = opened(viewport={"width": 1200, "height": 900})
    tab.give(astronaut)
    found = alpha_of(tab)
    tab.page.click("button[title=Erase]")
    tab.page.uncheck("text=Stop at edges")
    drag(tab, (0.45, 0.6), (0.5, 0.7))
    erased = alpha_of(tab)
    assert erased.sum() < found.sum() - 255 * 500 and (erased <= found).all()
    tab.page.click("button[title=Keep]")
    drag(tab, (0.75, 0.1), (0.75, 0.3))
    kept = alpha_of(tab)
    assert kept.sum() > erased.sum() + 255 * 500
    tab.page.click("button[title=Undo]")
    tab.settle()
    assert (alpha_of(tab) == erased).all()
    tab.page.keyboard.press("Control+z")
    tab.page.wait_for_timeout(100)
    tab.settle()
    assert (alpha_of(tab) == found).all()
    tab.page.click("button[title=Redo]")
    tab.page.wait_for_timeout(100)
    tab.page.click("button[title=Redo]")
    tab.page.wait_for_timeout(100)
    tab.settle()
    assert (alpha_of(tab) == kept).all()


def test_a_brush_works_by_keys_and_its_strokes_stay_with_their_image(
    opened: Open, astronaut: Path
) -> None:
    tab = opened()
    tab.give(astronaut, astronaut)
    found = alpha_of(tab)
    tab.page.click("button[title=Erase]")
    canvas = tab.page.locator(".stage canvas")
    canvas.focus()
    for key in ("]", "ArrowDown", "Shift+ArrowDown", " "):
        canvas.press(key)
    tab.page.wait_for_timeout(100)
    tab.settle()
    erased = alpha_of(tab)
    assert erased.sum() < found.sum()
    tab.page.click(".entry:nth-child(2) .tile")
    tab.settle()
    assert (alpha_of(tab) == found).all()
    tab.page.click(".entry:nth-child(1) .tile")
    tab.settle()
    assert (alpha_of(tab) == erased).all()


def test_feather_grow_and_shadow_change_the_outline(opened: Open, astronaut: Path) -> None:
    tab = opened()
    tab.give(astronaut)
    found = alpha_of(tab)
    slide(tab, "Grow", 6)
    grown = alpha_of(tab)
    assert (grown >= found).all() and grown.sum() > 1.02 * found.sum()
    slide(tab, "Grow", 0)
    slide(tab, "Feather", 6)
    soft = ((alpha_of(tab) > 20) & (alpha_of(tab) < 235)).sum()
    assert soft > 1.5 * ((found > 20) & (found < 235)).sum()
    slide(tab, "Feather", 0)
    tab.page.check("text=Shadow")
    tab.settle()
    made = rgba(tab.save())
    dark = (made[..., 3] > found + 20) & (made[..., :3].max(axis=-1) < 10)
    assert dark.sum() > 1000


SIZES = {
    "shop": (2000, 2000),
    "shop-tall": (1600, 2000),
    "profile": (800, 800),
    "story": (1080, 1920),
    "passport": (827, 1063),
    "passport-us": (1200, 1200),
}


def test_every_size_keeps_the_whole_person(opened: Open, astronaut: Path) -> None:
    tab = opened()
    tab.give(astronaut)
    whole = alpha_of(tab) / 255
    share, width = whole.sum(), np.ptp(np.flatnonzero((whole > 0.5).any(axis=0))) + 1
    for name, size in SIZES.items():
        tab.page.select_option(".panel select", name)
        with Image.open(tab.save()) as image:
            assert image.size == size
            alpha = np.asarray(image)[..., 3] / 255
        rows, columns = (np.flatnonzero((alpha > 0.5).any(axis=axis)) for axis in (1, 0))
        scale = (np.ptp(columns) + 1) / width
        assert abs(alpha.sum() / scale**2 / share - 1) < 0.2, name
        assert np.ptp(rows) > size[1] / 4
    tab.page.select_option(".panel select", "custom")
    tab.page.get_by_label("Width").fill("333")
    tab.page.get_by_label("Height").fill("222")
    tab.page.get_by_label("Height").press("Enter")
    assert rgba(tab.save()).shape == (222, 333, 4)


def test_a_crop_holds_the_person_and_little_else(
    opened: Open, astronaut: Path, tmp_path: Path
) -> None:
    person = Image.fromarray(Remover().remove(astronaut).pixels).resize((300, 300))
    room = Image.new("RGB", (1000, 600), (225, 228, 230))
    room.paste(person, (100, 300), person)
    room.save(tmp_path / "room.png")
    tab = opened("?frame=crop")
    tab.give(tmp_path / "room.png")
    cropped = rgba(tab.save())
    assert cropped.shape[0] < 340 and cropped.shape[1] < 340
    tab.page.select_option(".panel select", "whole")
    tab.settle()
    whole = alpha_of(tab)
    assert whole.shape == (600, 1000)
    assert abs(cropped[..., 3].sum() / 255 - (whole[whole >= 13] / 255).sum()) < 40


def test_files_are_png_webp_jpeg_and_zip(opened: Open, astronaut: Path) -> None:
    tab = opened()
    tab.give(astronaut, astronaut)
    sizes = {}
    for kind, ending in (("png", "png"), ("webp", "webp"), ("jpeg", "jpg")):
        choose(tab, "type", kind)
        path = tab.save()
        with Image.open(path) as image:
            assert image.format == kind.upper() and path.suffix == f".{ending}"
            sizes[kind] = path.stat().st_size
            if kind == "jpeg":
                assert image.getpixel((511, 0)) == (255, 255, 255)
            else:
                assert image.mode == "RGBA"
    assert sizes["webp"] < sizes["png"]
    with zipfile.ZipFile(tab.save(".save .zip")) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["astronaut.cutout.jpg", "astronaut-2.cutout.jpg"]
        with Image.open(io.BytesIO(archive.read("astronaut.cutout.jpg"))) as image:
            assert image.size == (512, 512)


def test_settings_live_in_the_address(opened: Open, astronaut: Path) -> None:
    tab = opened("?background=color&color=00ff00&type=jpeg&frame=profile")
    tab.give(astronaut)
    path = tab.save()
    with Image.open(path) as image:
        assert image.format == "JPEG" and image.size == (800, 800)
        assert np.asarray(image)[5, 795, 1] > 250
    choose(tab, "background", "none")
    slide(tab, "Feather", 3)
    assert "feather=3" in tab.page.url and "background" not in tab.page.url
    tab.page.reload()
    assert tab.page.evaluate("new URLSearchParams(location.search).get('type')") == "jpeg"
    tab.page.goto(tab.host.url + "?color=%22%3E%3Cscript%3E&feather=1e9&frame=__proto__")
    tab.give(astronaut)
    assert rgba(tab.save()).shape == (512, 512, 4)


BAD = {
    "notes.txt": (b"dear diary", "notes.txt is not an image"),
    "empty.jpg": (b"", "empty.jpg is empty (0 bytes)"),
}


def test_files_that_are_no_images_are_said(opened: Open, astronaut: Path) -> None:
    tab = opened()
    data = astronaut.read_bytes()
    bad = {**BAD, "half.jpg": (data[: len(data) // 2], "half.jpg is cut short")}
    for name, (content, said) in bad.items():
        mime = "text/plain" if name.endswith("txt") else "image/jpeg"
        tab.give({"name": name, "mimeType": mime, "buffer": content})
        alert = tab.page.locator("[role=alert]").last
        assert said in alert.inner_text()
        alert.get_by_role("button").click()
    broken = data[:600] + bytes(200) + data[800:]  # its tables are gone; its end is there
    tab.give({"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": broken})
    assert "broken.jpg" in tab.page.locator("[role=alert]").last.inner_text()
    tab.give(astronaut)
    assert tab.page.locator(".entry.failed").count() == 4
    assert tab.page.locator(".entry.done").count() == 1
    assert rgba(tab.save()).shape == (512, 512, 4)


def test_a_video_without_a_server_is_said(opened: Open, astronaut: Path) -> None:
    tab = opened()
    assert tab.page.locator("text=videos").count() == 0
    tab.give(astronaut.with_suffix(".mp4"))
    assert "Videos need the server" in tab.page.locator("[role=alert]").inner_text()


def test_the_page_installs_as_an_app(opened: Open) -> None:
    tab = opened()
    client = tab.page.context.new_cdp_session(tab.page)
    client.send("Page.enable")
    manifest = client.send("Page.getAppManifest")
    assert manifest["errors"] == [] and json.loads(manifest["data"])["display"] == "standalone"
    found = client.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [error["errorId"] for error in found if error["errorId"] != "in-incognito"] == []
