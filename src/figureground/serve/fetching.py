"""Images from URLs, where that is switched on: over HTTPS, from public addresses, within limits."""

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from figureground.errors import ImageError

SECONDS = 10.0  # that all of it may take, redirects included
REDIRECTS = 3
CHUNK = 65_536
MOVED = (301, 302, 303, 307, 308)

Resolve = Callable[[str, int], Sequence[str]]


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def is_public(address: str) -> bool:
    """Whether an address is one of the whole internet: not of this machine or network.

    IPv4 inside IPv6 (mapped, compatible, NAT64, 6to4, Teredo) counts as what it leads to, or is
    refused. Source: the special-purpose registries of IANA, RFC 6890, as `ipaddress` has them.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped or found.teredo or found.is_site_local:
            return False
        if found.sixtofour and not is_public(str(found.sixtofour)):
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved)


class Fetcher:
    """Fetches one file at a time."""

    def __init__(
        self,
        max_bytes: int,
        *,
        seconds: float = SECONDS,
        resolve: Resolve = resolve,
        is_allowed: Callable[[str], bool] = is_public,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """Note the limits, and how addresses are found and judged."""
        self._max_bytes, self._seconds = max_bytes, seconds
        self._resolve, self._is_allowed = resolve, is_allowed
        self._context = context or ssl.create_default_context()

    def fetch(self, url: str) -> bytes:
        """The content of a URL. Raises ImageError, whatever is wrong."""
        until = time.monotonic() + self._seconds
        for _ in range(REDIRECTS + 1):
            parts = _check(url)
            try:
                content, moved = self._get(parts, until)
            except (OSError, http.client.HTTPException, ValueError) as error:
                if time.monotonic() >= until:
                    raise _refusal(parts, f"it takes more than {self._seconds:g} s") from error
                why = getattr(error, "strerror", None) or type(error).__name__
                raise _refusal(parts, str(why)) from error
            if moved is None:
                return content
            url = urljoin(url, moved)
        raise _refusal(parts, f"it is redirected more than {REDIRECTS} times")

    def _get(self, parts: SplitResult, until: float) -> tuple[bytes, str | None]:
        """The content, or where it has moved to."""
        host, port = str(parts.hostname), parts.port or 443
        addresses = self._resolve(host, port)
        if not addresses or not all(map(self._is_allowed, addresses)):
            raise _refusal(parts, "its host has no public address, or others beside it")
        connection = _Pinned(host, addresses[0], port, self._context, until)
        timer = threading.Timer(max(0.0, until - time.monotonic()), connection.cut)
        timer.daemon = True
        timer.start()
        try:
            path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
            connection.request(
                "GET", path, headers={"User-Agent": "figureground", "Accept-Encoding": "identity"}
            )
            answer = connection.getresponse()
            if answer.status in MOVED:
                return b"", answer.headers.get("Location", "")
            if answer.status != 200:
                raise _refusal(parts, f"its host answers {answer.status}")
            return self._read(answer, parts), None
        finally:
            timer.cancel()
            connection.close()

    def _read(self, answer: http.client.HTTPResponse, parts: SplitResult) -> bytes:
        content = bytearray()
        while chunk := answer.read1(CHUNK):
            content += chunk
            if len(content) > self._max_bytes:
                raise _refusal(parts, f"it has more than {self._max_bytes} bytes")
        if answer.length:
            raise http.client.IncompleteRead(bytes(content), answer.length)
        return bytes(content)


class _Pinned(http.client.HTTPSConnection):
    """A connection to one address, whatever the host's name leads to by now."""

    def __init__(
        self, host: str, address: str, port: int, context: ssl.SSLContext, until: float
    ) -> None:
        super().__init__(host, port, timeout=max(0.1, until - time.monotonic()), context=context)
        self._address, self._tls = address, context
        self._raw: socket.socket | None = None

    def connect(self) -> None:
        """Connect to the address, and see that it has the host's certificate."""
        self._raw = socket.create_connection((self._address, self.port), self.timeout)
        self.sock: Any = self._tls.wrap_socket(self._raw, server_hostname=self.host)

    def cut(self) -> None:
        """End it in the middle of whatever it does."""
        for one in (self.sock, self._raw):
            with suppress(OSError, AttributeError):
                one.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


def _check(url: str) -> SplitResult:
    """The parts of a URL that may be fetched. Raises ImageError."""
    try:
        parts = urlsplit(url)
        good = bool(parts.hostname) and parts.scheme == "https" and parts.port != 0
    except ValueError:
        good = False
    if not good or not url.isascii() or parts.username is not None or " " in url:
        raise ImageError("only https:// URLs of hosts are fetched, without a user in them")
    return parts


def _refusal(parts: SplitResult, why: str) -> ImageError:
    return ImageError(f"cannot fetch from {str(parts.hostname)[:80]!r}: {why}")
