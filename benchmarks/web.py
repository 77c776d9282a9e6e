"""The browser library in Chromium: how equal it is to Python, and how fast beside another.

    cd web && npm ci && npm run build && cd ..
    python benchmarks/web.py parity FOLDER --count 40
    python benchmarks/web.py compare FOLDER --count 5 --other IMGLY --data WEIGHTS

FOLDER holds JPEG files. IMGLY is `@imgly/background-removal`, bundled as one ES module with
`esbuild --bundle --format=esm`, WEIGHTS the `dist` of `@imgly/background-removal-data`. Needs the
extra `browser` and Chromium.
"""

import argparse
import base64
import http.server
import statistics
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page, sync_playwright

from figureground import Cutout, Remover

DIST = Path(__file__).parent.parent / "web" / "dist"
CHROMIUM = "/usr/lib/chromium/chromium"  # Debian's, past its shell wrapper
FAINTEST = 0.5 / 255  # alpha up to which a file of 8 bits holds 0, and no colour shows
PAGE = b"<!doctype html><title>benchmark</title>"
PACK = """values => {
  const bytes = new Uint8Array(values.buffer);
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768)
    text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}"""
CUTOUT = f"""async url => {{
  const {{ alpha, foreground, original, width, height }} =
    await remover.cutout(url, {{ original: true }});
  const pack = {PACK};
  return {{ width, height, alpha: pack(alpha), foreground: pack(foreground), original: pack(original) }};
}}"""
OURS = """async url => {
  const { removeBackground } = await import("/ours/index.js");
  const start = performance.now();
  await removeBackground(url);
  return performance.now() - start;
}"""
OTHER = """async url => {
  const { removeBackground } = await import("/other/index.js");
  const start = performance.now();
  await removeBackground(url, { publicPath: `${location.origin}/data/` });
  return performance.now() - start;
}"""


class Served(http.server.SimpleHTTPRequestHandler):
    """Folders below their prefixes, cross-origin isolated, counted by the first part of the path."""

    folders: dict[str, Path]
    sent: Counter[str]

    def translate_path(self, path: str) -> str:
        """Find a file below the folder of its prefix; `index.js` may be the folder's own name."""
        prefix, _, rest = path.split("?")[0].lstrip("/").partition("/")
        place = self.folders.get(prefix, Path("/dev/null"))
        return str(place if place.is_file() else place / rest)

    def do_GET(self) -> None:
        """Answer; the root is an empty page."""
        if self.path != "/":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def end_headers(self) -> None:
        """Isolate the page, so that it may use threads."""
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send a file, and count it."""
        content = source.read()
        self.sent[self.path.split("/")[1]] += len(content)
        outputfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def browser(**folders: Path) -> Iterator[tuple[Page, Counter[str]]]:
    """An empty page of a server that has these folders, and the bytes that it sent of each."""
    sent: Counter[str] = Counter()
    handler = type("Handler", (Served,), {"folders": folders, "sent": sent})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = chromium.new_page()
            page.set_default_timeout(300_000)
            page.goto(f"http://127.0.0.1:{server.server_port}/")
            yield page, sent
            chromium.close()
        server.shutdown()


def unpacked(text: str, dtype: type, shape: tuple[int, ...]) -> np.ndarray:
    """An array that came from the page."""
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape)


def apart(told: dict[str, Any], found: Cutout) -> tuple[float, float, float, float, int]:
    """Mean and largest difference of alpha; of colours mean, share beyond 2 levels, largest."""
    size = told["height"], told["width"]
    alpha = unpacked(told["alpha"], np.float32, size)
    colors = unpacked(told["foreground"], np.uint8, (*size, 4))[..., :3].astype(int)
    alphas = np.abs(alpha - found.alpha)
    shown = (alpha > FAINTEST) & (found.alpha > FAINTEST)
    levels = np.abs(colors - found.foreground)[shown] if shown.any() else np.zeros(1)
    return (float(alphas.mean()), float(alphas.max()), float(levels.mean()),
            float((levels > 2).mean()), int(levels.max()))  # fmt: skip


def parity(files: list[Path]) -> None:
    """Print how far mattes and colours are from Python's: of the same file, and of the same pixels.

    Where only the first differ, browser and Python read another level from the file here and there.
    """
    remover, rows = Remover(), []
    with browser(ours=DIST, images=files[0].parent) as (page, _):
        page.evaluate(
            """async () => {
              const { Remover } = await import("/ours/index.js");
              globalThis.remover = await Remover.load();
            }"""
        )
        for file in files:
            told = page.evaluate(CUTOUT, f"/images/{file.name}")
            pixels = unpacked(told["original"], np.uint8, (told["height"], told["width"], 4))[
                ..., :3
            ]
            of_file = remover.remove(file)
            read = np.abs(pixels.astype(int) - of_file.original.pixels)
            rows.append((apart(told, of_file), apart(told, remover.remove(np.ascontiguousarray(pixels))),
                         float((read > 0).mean()), int(read.max()), file.name))  # fmt: skip
    rows.sort()
    print("of the file: alpha mean, max; colours mean, share beyond 2 levels, max | of the same pixels:"
          " as before | pixels read: share that differ, max | image")  # fmt: skip
    for of_file, of_pixels, share, most, name in rows:
        both = [f"{mean:.1e} {worst:.4f}; {level:.4f} {beyond:.1e} {top:3d}"
                for mean, worst, level, beyond, top in (of_file, of_pixels)]  # fmt: skip
        print(" | ".join((*both, f"{share:.1e} {most}", name)))
    for what, kind in (("file", 0), ("pixels", 1)):
        told = [row[kind] for row in rows]
        print(f"same {what}, {len(rows)} images: alpha {statistics.mean(one[0] for one in told):.1e} in the"
              f" mean, {max(one[0] for one in told):.1e} at worst; colours beyond 2 levels"
              f" {max(one[3] for one in told):.1e} of the worst image, none in"
              f" {sum(one[4] <= 2 for one in told)}")  # fmt: skip


def compare(files: list[Path], other: Path, data: Path) -> None:
    """Print milliseconds an image and bytes that were loaded, of both by turns in one browser."""
    times: dict[str, list[float]] = {"ours": [], "other": []}
    with browser(ours=DIST, other=other, data=data, images=files[0].parent) as (page, sent):
        for file in files:
            for name, script in (("ours", OURS), ("other", OTHER)):
                times[name].append(page.evaluate(script, f"/images/{file.name}"))
    loaded = {"ours": sent["ours"], "other": sent["other"] + sent["data"]}
    for name in times:
        first, *rest = times[name]
        print(f"{name}: first {first:.0f} ms with loading, then {statistics.median(rest):.0f} ms "
              f"(median of {len(rest)}), {loaded[name] / 1e6:.1f} MB loaded")  # fmt: skip
    ratio = statistics.median(times["ours"][1:]) / statistics.median(times["other"][1:])
    print(f"ours to other: time {ratio:.3f}, download {loaded['ours'] / loaded['other']:.3f}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("parity", "compare"))
    parser.add_argument("folder", type=Path, help="of JPEG files")
    parser.add_argument("--count", type=int, default=40, help="images, evenly from the folder")
    parser.add_argument("--other", type=Path, help="a bundle of @imgly/background-removal")
    parser.add_argument("--data", type=Path, help="dist of @imgly/background-removal-data")
    options = parser.parse_args()
    files = sorted(options.folder.resolve().glob("*.jpg"))
    files = files[:: max(1, len(files) // options.count)][: options.count]
    if options.what == "parity":
        parity(files)
    else:
        compare(files, options.other.resolve(), options.data.resolve())


if __name__ == "__main__":
    main()
