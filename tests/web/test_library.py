"""The browser library in Chromium gives what Python gives, takes what people have, asks nobody else."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hosted import ISOLATED, PACK, SOFTWARE_GPU, Tab, array, build_library, opened
from PIL import Image

from figureground import Remover
from figureground.matting.edited_foreground import edited_foreground
from figureground.matting.morphology import grow
from figureground.media.icc import SRGB_CURVE, make_profile
from figureground.models.shipped import find_model

pytestmark = pytest.mark.soak
P3 = ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), (0.3127, 0.329))
CUTOUT = """
  const remover = await library.Remover.load(argument?.load ?? {});
  const { alpha, foreground, width, height, colorSpace } = await remover.cutout("photo.jpg");
  return { alpha: pack(alpha), foreground: pack(foreground), width, height, colorSpace,
           device: remover.device, threads: remover.threads };
"""


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    build_library()


@pytest.fixture(scope="module")
def photo(astronaut: Path) -> bytes:
    return astronaut.read_bytes()


@pytest.fixture(scope="module")
def remover() -> Remover:
    return Remover()


@pytest.fixture
def tab(photo: bytes) -> Iterator[Tab]:
    with opened({"photo.jpg": photo}, headers=ISOLATED) as tab:
        yield tab
        assert tab.errors == []


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def check_equal(told: dict, found, *, mean: float = 1e-4, level: float = 0.1) -> None:
    size = told["height"], told["width"]
    alpha = array(told["alpha"], np.float32, *size)
    colors = array(told["foreground"], np.uint8, *size, 4)[..., :3].astype(int)
    shown = (alpha > 0) & (found.alpha > 0)
    apart = np.abs(colors - found.foreground)[shown]
    assert np.abs(alpha - found.alpha).mean() < mean
    assert apart.mean() < level and (apart > 2).mean() < level / 20


def test_matte_and_colours_are_those_of_python(tab: Tab, remover: Remover, photo: bytes) -> None:
    told = tab.run(CUTOUT)
    check_equal(told, remover.remove(photo))
    assert (told["device"], told["colorSpace"]) == ("wasm", "srgb") and told["threads"] > 1


def test_without_isolation_one_thread_gives_the_same(remover: Remover, photo: bytes) -> None:
    with opened({"photo.jpg": photo}) as tab:
        told = tab.run(CUTOUT)
    check_equal(told, remover.remove(photo))
    assert told["threads"] == 1


def test_a_graphics_card_gives_the_same(remover: Remover, photo: bytes) -> None:
    with opened({"photo.jpg": photo}, switches=SOFTWARE_GPU) as tab:
        told = tab.run(CUTOUT, {"load": {"device": "webgpu"}})
        assert tab.run("return (await library.Remover.load()).device") == "wasm"  # faster here
    check_equal(told, remover.remove(photo), mean=4e-3)
    assert told["device"] == "webgpu"


def test_a_png_file_holds_the_cutout(tab: Tab, remover: Remover, photo: bytes) -> None:
    told = tab.run("""
      const blob = await library.removeBackground("photo.jpg");
      return { type: blob.type, file: pack(new Uint8Array(await blob.arrayBuffer())) };
    """)
    found = np.asarray(Image.open(io.BytesIO(array(told["file"], np.uint8, -1).tobytes())))
    assert told["type"] == "image/png"
    assert np.abs(found.astype(int) - remover.remove(photo).pixels).mean() < 0.05


def test_all_kinds_of_sources_give_the_same(tab: Tab) -> None:
    sums = tab.run("""
      const blob = await (await fetch("photo.jpg")).blob();
      const bitmap = await createImageBitmap(blob);
      const image = new Image();
      image.src = "photo.jpg";
      const canvas = Object.assign(document.createElement("canvas"), { width: 512, height: 512 });
      canvas.getContext("2d").drawImage(bitmap, 0, 0);
      const offscreen = new OffscreenCanvas(512, 512);
      offscreen.getContext("2d").drawImage(bitmap, 0, 0);
      const data = canvas.getContext("2d").getImageData(0, 0, 512, 512);
      const sources = ["photo.jpg", new URL("photo.jpg", location.href), blob, bitmap, image,
                       canvas, offscreen, data, URL.createObjectURL(blob)];
      const sums = [];
      for (const source of sources) {
        const { alpha } = await library.estimateAlpha(source);
        sums.push(alpha.reduce((sum, value) => sum + value, 0));
      }
      if (bitmap.width !== 512 || data.data.length !== 4 * 512 * 512) throw Error("taken away");
      return sums;
    """)
    assert len(sums) == 9 and len(set(sums)) == 1 and sums[0] > 10_000


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_upright(orientation: int, photo: bytes) -> None:
    image = Image.open(io.BytesIO(photo)).resize((96, 64))
    exif = Image.Exif()
    exif[274] = orientation
    content = encoded(image, "JPEG", exif=exif.tobytes(), quality=95, subsampling=0)
    with opened({"photo.jpg": content}) as tab:
        told = tab.run("""
          const remover = await library.Remover.load();
          const { data, width, height } = await remover.decode("photo.jpg");
          return { data: pack(data), width, height };
        """)
    found = array(told["data"], np.uint8, told["height"], told["width"], 4)[..., :3]
    wanted = Remover().remove(content).original.pixels
    assert found.shape == wanted.shape
    assert np.abs(found.astype(int) - wanted).max() <= 2


def test_wide_colours_are_kept(remover: Remover, photo: bytes) -> None:
    levels = np.asarray(Image.open(io.BytesIO(photo)).convert("RGB")).copy()
    levels[:40, :40] = (255, 10, 10)  # a red that sRGB has not
    profile = make_profile("Display P3", P3, SRGB_CURVE)
    content = encoded(Image.fromarray(levels), "PNG", icc_profile=profile)
    with opened({"photo.jpg": content}) as tab:
        told = tab.run(CUTOUT)
        file = tab.run("""
          const blob = await library.removeBackground("photo.jpg");
          return pack(new Uint8Array(await blob.arrayBuffer()));
        """)
    assert told["colorSpace"] == "display-p3"
    # What the network sees was brought to sRGB by another program, so a level here and there differs.
    check_equal(told, remover.remove(content), mean=4e-3, level=0.3)
    written = Image.open(io.BytesIO(array(file, np.uint8, -1).tobytes()))
    assert "Display P3".encode("utf-16-be") in written.info["icc_profile"]


def test_transparency_stays(tab: Tab, remover: Remover, photo: bytes) -> None:
    image = Image.open(io.BytesIO(photo)).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 256, 512))
    content = encoded(image, "PNG")
    tab.host.contents["photo.jpg"] = content
    check_equal(tab.run(CUTOUT), remover.remove(content))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_taken(kind: str, photo: bytes) -> None:
    first = Image.open(io.BytesIO(photo)).resize((128, 128))
    frames = [Image.new("RGB", first.size, color) for color in ("red", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}
    content = encoded(first, kind, save_all=True, append_images=frames, duration=80, **options)
    with opened({"photo.jpg": content}) as tab:
        told = tab.run("""
          const remover = await library.Remover.load();
          return pack((await remover.decode("photo.jpg")).data);
        """)
    found = array(told, np.uint8, 128, 128, 4)[..., :3]
    wanted = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    assert np.abs(found.astype(int) - wanted).max() <= 1


def test_48_megapixels_do_not_crash(photo: bytes) -> None:
    large = Image.open(io.BytesIO(photo)).resize((8000, 6000))
    with opened({"photo.jpg": encoded(large, "JPEG")}) as tab:
        told = tab.run("""
          const blob = await library.removeBackground("photo.jpg");
          const { width, height } = await createImageBitmap(blob);
          return { width, height, size: blob.size };
        """)
    assert (told["width"], told["height"]) == (8000, 6000) and told["size"] > 1_000_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"these are words and no image", "cannot be read as an image"),
        (b"", "empty (0 bytes)"),
        (None, "404"),
    ],
    ids=["text", "nothing", "missing"],
)
def test_bad_images_get_one_line(content: bytes | None, words: str) -> None:
    with opened({} if content is None else {"photo.jpg": content}) as tab:
        told = tab.run("""
          const error = await library.removeBackground("photo.jpg").catch(error => error);
          return { name: error.name, code: error.code, message: error.message };
        """)
    assert (told["name"], told["code"]) == ("FiguregroundError", "image")
    assert words in told["message"] and len(told["message"]) <= 300


def test_a_jpeg_that_ends_early_is_refused(tab: Tab, photo: bytes) -> None:
    tab.host.contents["photo.jpg"] = photo[: len(photo) // 2]
    code = tab.run('return (await library.estimateAlpha("photo.jpg").catch(e => e)).code')
    assert code == "image"


def test_loading_is_told_and_done_once(tab: Tab) -> None:
    told = tab.run("""
      const progress = [];
      await library.preload({ onProgress: each => progress.push(each) });
      await library.estimateAlpha("photo.jpg");
      await library.estimateAlpha("photo.jpg");
      return progress;
    """)
    for what in ("network", "runtime"):
        steps = [each for each in told if each["what"] == what]
        loaded = [each["loaded"] for each in steps]
        assert loaded == sorted(loaded) and loaded[-1] == steps[-1]["total"] > 1_000_000
    assert tab.host.paths.count("dist/lite.tflite") == 1


def test_work_can_be_ended(tab: Tab) -> None:
    told = tab.run("""
      const remover = await library.Remover.load();
      const stop = new AbortController();
      const work = remover.cutout("photo.jpg", {
        signal: stop.signal,
        onStage: stage => stage === "network" && stop.abort(),
      });
      const first = await work.catch(error => error.name);
      const late = await remover.cutout("photo.jpg", { signal: stop.signal }).catch(e => e.name);
      const after = (await remover.estimateAlpha("photo.jpg")).width;
      const load = new AbortController();
      const loading = library.Remover.load({ signal: load.signal });
      load.abort();
      return [first, late, after, await loading.catch(error => error.name)];
    """)
    assert told == ["AbortError", "AbortError", 512, "AbortError"]


def test_what_is_disposed_of_says_so(tab: Tab) -> None:
    told = tab.run("""
      const remover = await library.Remover.load();
      const under = remover.estimateAlpha("photo.jpg").catch(error => error.message);
      await new Promise(done => setTimeout(done, 50));
      remover.dispose();
      return [await under, await remover.estimateAlpha("photo.jpg").catch(e => e.message)];
    """)
    assert told == ["this Remover was disposed of"] * 2


def test_files_of_other_kinds_take_a_background(tab: Tab) -> None:
    told = tab.run("""
      const cutout = await library.cutout("photo.jpg");
      const corner = async blob => {
        const context = new OffscreenCanvas(512, 512).getContext("2d");
        context.drawImage(await createImageBitmap(blob), 0, 0);
        return [...context.getImageData(2, 2, 1, 1).data];
      };
      const wrong = await library.encode(cutout, { background: "no colour" }).catch(e => e);
      return {
        jpeg: await corner(await library.encode(cutout, { type: "image/jpeg" })),
        webp: await corner(await library.encode(cutout, { type: "image/webp" })),
        lime: await corner(await library.encode(cutout, { background: "rgb(0 255 0)" })),
        wrong: [wrong.code, wrong.message],
      };
    """)
    assert told["jpeg"] == [255, 255, 255, 255] and told["webp"][3] == 0
    assert told["lime"] == [0, 255, 0, 255]
    assert told["wrong"][0] == "usage" and "CSS colour" in told["wrong"][1]


def test_an_outline_that_grew_is_filled_as_in_python(
    tab: Tab, remover: Remover, photo: bytes
) -> None:
    cutout = remover.remove(photo)
    shown = grow(cutout.alpha, pixels=9)
    tab.host.contents["shown"] = shown.tobytes()
    tab.host.contents["found"] = cutout.alpha.tobytes()
    told = tab.run("""
      const remover = await library.Remover.load();
      const floats = async name => new Float32Array(await (await fetch(name)).arrayBuffer());
      const original = await remover.decode("photo.jpg");
      return pack((await remover.recolor(original, await floats("found"), await floats("shown")))
        .foreground);
    """)
    found = array(told, np.uint8, 512, 512, 4)[..., :3].astype(int)
    wanted = edited_foreground(cutout.original.pixels, cutout.alpha, shown=shown, opacity=None)
    assert (np.abs(found - wanted) > 2).mean() < 1e-3


def test_a_strict_page_needs_no_more_than_wasm(photo: bytes) -> None:
    policy = (
        "default-src 'self'; img-src data:; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'"
    )
    with opened({"photo.jpg": photo}, headers={"Content-Security-Policy": policy}) as tab:
        assert tab.run('return (await library.estimateAlpha("photo.jpg")).width') == 512
        assert tab.errors == []


def test_files_that_are_not_there_are_named(tab: Tab) -> None:
    told = tab.run("""
      const error = await library.Remover.load({ assets: "/elsewhere/" }).catch(error => error);
      return [error.code, error.message];
    """)
    tab.errors.clear()  # Chromium tells of the missing file itself
    assert told[0] == "load"


def test_a_network_of_ones_own_is_taken_by_its_address(remover: Remover, photo: bytes) -> None:
    content = find_model("lite").read_bytes()
    with opened({"photo.jpg": photo, "mine.tflite": content}, headers=ISOLATED) as tab:
        told = tab.run(
            """
            const model = new URL("mine.tflite", location.href);
            const { alpha } = await library.estimateAlpha("photo.jpg", { model });
            return pack(alpha);
            """
        )
        assert "mine.tflite" in tab.host.paths and "dist/lite.tflite" not in tab.host.paths
    alpha = array(told, np.float32, 512, 512)
    assert np.abs(alpha - remover.alpha(photo)).mean() < 1e-4


def test_an_exported_page_cuts_out_with_its_own_network(
    remover: Remover, astronaut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("keras")
    from figureground.models.presets import LITE
    from figureground.training import export_others

    def export(network, preset, path, *, size) -> float:
        path.write_bytes(find_model("lite").read_bytes())
        return 0.0

    monkeypatch.setattr(export_others, "export_litert", export)
    export_others.export_web(None, LITE, tmp_path / "page", size=384)
    contents = {
        path.relative_to(tmp_path / "page").as_posix(): path.read_bytes()
        for path in (tmp_path / "page").rglob("*")
        if path.is_file()
    }
    with opened(contents) as tab:
        tab.page.goto(tab.host.url + "index.html")
        tab.page.set_input_files("#image", astronaut)
        tab.page.wait_for_function("document.querySelector('#result').naturalWidth > 0")
        file = tab.page.evaluate(f"""async () => {{
          const blob = await (await fetch(document.querySelector("#result").src)).blob();
          return ({PACK})(new Uint8Array(await blob.arrayBuffer()));
        }}""")
        assert tab.errors == []
    found = np.asarray(Image.open(io.BytesIO(array(file, np.uint8, -1).tobytes()))).astype(int)
    assert np.abs(found - remover.remove(astronaut).pixels).mean() < 0.05
