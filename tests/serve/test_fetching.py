"""URLs are fetched from public addresses only, within limits, and from the address that was judged."""

import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from figureground.errors import ImageError
from figureground.serve.fetching import Fetcher, is_public

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fc00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::", "2001:0:4136:e378::",
    "2001:db8::1", "", "localhost",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_this_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111"])
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "ftp://example.com/", "file:///etc/hostname", "https://", "https:///a",
     "https://user:word@example.com/", "https://example.com:0/", "https://example.com:x/",
     "https://exa mple.com/", "https://example.com/\u2028", "//example.com/a", ""],
)  # fmt: skip
def test_only_urls_of_https_are_fetched(url: str) -> None:
    never = Fetcher(99, resolve=lambda *_: pytest.fail("it was looked up"))
    with pytest.raises(ImageError, match="https://"):
        never.fetch(url)


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], []])
def test_a_host_with_an_address_of_this_network_is_refused(addresses: list[str]) -> None:
    with pytest.raises(ImageError, match="no public address"):
        Fetcher(99, resolve=lambda *_: addresses).fetch("https://rebound.example/a.jpg")


class Site(BaseHTTPRequestHandler):
    """A small site; its name leads to another address each time that it is looked up."""

    def do_GET(self) -> None:
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", self.path.partition("=")[2])
            self.end_headers()
            return
        length = 20_000 if self.path in ("/large", "/slow") else 5
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        for _ in range(length // 5):
            self.wfile.write(b"hello")
            if self.path == "/slow":
                time.sleep(20)
                return

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl")
    folder = tmp_path_factory.mktemp("site")
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=a",
        "-addext", "subjectAltName=DNS:shop.example", "-keyout", "key.pem", "-out", "cert.pem",
    ]  # fmt: skip
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=60)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port, folder / "cert.pem"
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def fetcher(site: tuple[int, Path]) -> Fetcher:
    addresses = iter([["127.0.0.1"], ["127.0.0.1"], ["10.0.0.1"]])
    return Fetcher(
        10_000, seconds=2, resolve=lambda *_: next(addresses),
        is_allowed=lambda address: address == "127.0.0.1",
        context=ssl.create_default_context(cafile=str(site[1])),
    )  # fmt: skip


def test_a_file_is_fetched(site: tuple[int, Path], fetcher: Fetcher) -> None:
    assert fetcher.fetch(f"https://shop.example:{site[0]}/a.jpg") == b"hello"


def test_a_redirect_is_followed(site: tuple[int, Path], fetcher: Fetcher) -> None:
    assert fetcher.fetch(f"https://shop.example:{site[0]}/moved?to=/a.jpg") == b"hello"


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/large", "more than 10000 bytes"),
        ("/missing", "answers 404"),
        ("/moved?to=http://shop.example/a.jpg", "https://"),
        ("/moved?to=/moved?to=/a.jpg", "no public address"),  # the third look finds another
    ],
)
def test_what_is_beyond_the_limits_is_refused(
    site: tuple[int, Path], fetcher: Fetcher, path: str, why: str
) -> None:
    with pytest.raises(ImageError, match=why):
        fetcher.fetch(f"https://shop.example:{site[0]}{path}")


def test_a_certificate_of_another_host_is_refused(site: tuple[int, Path]) -> None:
    port, cert = site
    fetcher = Fetcher(
        10, resolve=lambda *_: ["127.0.0.1"], is_allowed=lambda _: True,
        context=ssl.create_default_context(cafile=str(cert)),
    )  # fmt: skip
    assert fetcher.fetch(f"https://shop.example:{port}/a.jpg") == b"hello"
    with pytest.raises(ImageError, match="cannot fetch"):
        fetcher.fetch(f"https://other.example:{port}/a.jpg")


def test_a_host_that_is_slow_is_left(site: tuple[int, Path], fetcher: Fetcher) -> None:
    began = time.monotonic()
    with pytest.raises(ImageError, match="more than 2 s"):
        fetcher.fetch(f"https://shop.example:{site[0]}/slow")
    assert time.monotonic() - began < 60
