"""A real Chromium, and a small host for the page: what the browser's tests share."""

import atexit
import functools
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

PLACES = ("/usr/lib/chromium/chromium", "chromium", "google-chrome", "chromium-browser")
PATIENCE = 60_000  # milliseconds that anything on the page may take
TYPES = {".js": "text/javascript", ".wasm": "application/wasm", ".webmanifest": "application/json"}


def chromium() -> str | None:
    """Return where a Chromium is; Debian's own program rather than its wrapper, which prints a line."""
    return next((found for place in PLACES if (found := shutil.which(place))), None)


@lru_cache(maxsize=1)
def driver() -> Any:
    """Playwright: one in a process, since it refuses a second while the first runs."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        pytest.fail("Playwright is missing: pip install playwright")
    started = sync_playwright().start()
    atexit.register(started.stop)
    return started


@dataclass
class Host:
    """A plain host that sends no headers of its own, as many people have."""

    url: str
    paths: list[str] = field(default_factory=list)  # what was asked for, in order
    changed: dict[str, bytes] = field(default_factory=dict)  # other contents of some paths
    held: dict[str, threading.Event] = field(default_factory=dict)  # answers that wait
    # What stands in for a server: method, path with query and body to status and content.
    answer: Callable[[str, str, bytes], tuple[int, bytes] | None] = lambda *request: None


class Handler(SimpleHTTPRequestHandler):
    """Answers with files, or with what a test wants instead."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | TYPES

    def __init__(self, *words: Any, state: Host, **options: Any) -> None:
        self.state = state
        super().__init__(*words, **options)

    def do_GET(self) -> None:
        path = self.path.split("?")[0].lstrip("/")
        self.state.paths.append(path)
        if path in self.state.held:
            self.state.held[path].wait(PATIENCE / 1000)
        if self.is_answered():
            return
        if path in self.state.changed:
            self.send(200, self.state.changed[path], self.guess_type(path))
        else:
            super().do_GET()

    def do_POST(self) -> None:
        if not self.is_answered():
            self.send_error(405)

    do_DELETE = do_POST

    def is_answered(self) -> bool:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.state.answer(self.command, self.path, body)
        if answer is not None:
            self.send(*answer, "application/json")
        return answer is not None

    def send(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *words: Any) -> None:
        pass


@contextmanager
def host(folder: Path) -> Iterator[Host]:
    """Serve a folder at a free port of this machine."""
    state = Host("")
    answering = functools.partial(Handler, directory=str(folder), state=state)
    server = ThreadingHTTPServer(("127.0.0.1", 0), answering)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield state
    finally:
        for waiting in state.held.values():
            waiting.set()
        server.shutdown()
        server.server_close()
        thread.join(10)


@dataclass
class Tab:
    """A page in a browser, and what went wrong in it."""

    page: Any
    host: Host
    errors: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def open(self, query: str = "") -> None:
        """Show the page, once its service worker has isolated it: it loads itself anew for that."""
        self.page.goto(self.host.url + query)
        self.until("crossOriginIsolated && !!document.querySelector('#app header')")

    def give(self, *files: Path | dict[str, Any], done: bool = True) -> None:
        """Choose files; wait until none is waiting or in work."""
        entries = "document.querySelectorAll('.entry > .tile').length"
        there = self.page.evaluate(entries)
        self.page.set_input_files("main input[type=file]", list(files))
        self.until(f"{entries} === {there + len(files)}")
        if done:
            self.settle()

    def pick(self, name: str, value: str) -> None:
        """Choose one of few: a radio button, which its label covers."""
        choice = self.page.locator(f"input[name={name}][value={value}]")
        choice.evaluate("one => one.scrollIntoView({ block: 'center' })")
        choice.check(force=True)

    def settle(self) -> None:
        """Wait until all images are done, and the one that is shown is drawn."""
        self.page.wait_for_selector(".entry.done, .entry.failed")
        self.until("!document.querySelector('.entry.waiting, .entry.working, .stage .spinner')")

    def until(self, expression: str, seconds: float = PATIENCE / 1000) -> None:
        """Wait until an expression of JavaScript is true: Playwright's own way needs eval on the page."""
        end = time.monotonic() + seconds
        while not self._true(expression):
            assert time.monotonic() < end, f"never came true: {expression}"
            self.page.wait_for_timeout(40)

    def _true(self, expression: str) -> bool:
        try:
            return bool(self.page.evaluate(expression))
        except Exception as error:
            if "Execution context was destroyed" not in str(error):
                raise
            return False  # the page was on its way to another

    def save(self, button: str = ".save .primary") -> Path:
        """Press a button that downloads; returns the file."""
        with self.page.expect_download() as download:
            self.page.click(button)
        path: Path = download.value.path()
        named = path.with_name(download.value.suggested_filename)
        shutil.copy(path, named)
        return named


@contextmanager
def tab(browser: Any, place: Host, **options: Any) -> Iterator[Tab]:
    """A tab of its own profile. Requests to anywhere but the host are refused and counted."""
    context = browser.new_context(accept_downloads=True, **options)
    context.set_default_timeout(PATIENCE)
    found = Tab(context.new_page(), place)

    def guard(route: Any) -> None:
        if route.request.url.startswith(place.url):
            return route.continue_()
        found.outside.append(route.request.url)
        route.abort()

    context.route(lambda url: url.startswith(("http", "ws")), guard)
    found.page.on(
        "console",
        lambda message: (
            found.errors.append(message.text) if message.type in {"error", "warning"} else None
        ),
    )
    found.page.on("pageerror", lambda error: found.errors.append(str(error)))
    try:
        yield found
    finally:
        context.close()
