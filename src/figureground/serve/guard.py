"""What stands before all else: limits, tokens, ids, headers, the log. Whatever fails is a problem."""

import asyncio
import re
import time
import uuid
from collections.abc import Callable
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from figureground.serve import logs
from figureground.serve.metrics import Metrics
from figureground.serve.problems import Problem, as_response
from figureground.serve.settings import ServeSettings
from figureground.serve.tokens import Tokens

ID = re.compile(r"[\w-]{1,64}")
OPEN = ("/healthz", "/readyz", "/openapi.json")  # need no token
CLOSED = ("/v1/", "/v1.0/", "/api/", "/metrics")  # need one
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
LEAST_RATE = 2_000  # bytes a second that a client has to send, once its first seconds are over
DRAIN_SECONDS = 2.0  # for which the rest of a refused body is read, so that the answer is heard
DRAIN_BYTES = 8_000_000

LimitOf = Callable[[str], int]


class Guard:
    """Wraps the service."""

    def __init__(
        self, app: ASGIApp, settings: ServeSettings, metrics: Metrics, limit_of: LimitOf
    ) -> None:
        """Read the tokens; `limit_of` tells how many bytes a path takes."""
        self._app, self._metrics, self._limit_of = app, metrics, limit_of
        self._patience = settings.upload_seconds
        self._tokens = Tokens(settings.token_file)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        visit = _Visit(scope, receive, send, self._patience, self._limit_of(scope["path"]))
        try:
            self._check(scope, visit)
            await self._app(scope, visit.receive, visit.send)
        except Problem as problem:
            await visit.refuse(problem)
        finally:
            self._note(scope, visit)

    def _check(self, scope: Scope, visit: "_Visit") -> None:
        """Raise Problem where a request may not come in."""
        address = scope["client"][0] if scope.get("client") else ""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        scope["state"]["client"] = address
        scope["state"]["request_id"] = visit.id
        if path.startswith(CLOSED):
            scope["state"]["client"] = self._tokens.check(visit.headers, address)
        visit.check_length()

    def _note(self, scope: Scope, visit: "_Visit") -> None:
        route = getattr(scope.get("route"), "path", "other")
        seconds = time.perf_counter() - visit.began
        status = visit.status or 499  # it hung up before it heard anything
        self._metrics.answered(route=route, method=scope["method"], status=status, seconds=seconds)
        if route not in OPEN:
            logs.tell(
                "request", id=visit.id, method=scope["method"], route=route, status=status,
                ms=round(seconds * 1e3, 1), received=visit.received, sent=visit.sent,
                **scope["state"].get("told", {}),
            )  # fmt: skip


class _Visit:
    """One request, counted and held to its limits."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, patience: float, limit: int
    ) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._patience, self._limit = patience, limit
        scope.setdefault("state", {})
        self.headers = Headers(scope=scope)
        given = self.headers.get("x-request-id", "")
        self.id = given if ID.fullmatch(given) else uuid.uuid4().hex
        self.began = time.perf_counter()
        self.received = self.sent = self.status = 0
        self._whole = False  # whether all of the body came

    def check_length(self) -> None:
        """Raise Problem, 413 or 400, where the head says that the body is too long, or nonsense."""
        length = self.headers.get("content-length")
        if length is None:
            return
        if not length.isdecimal():
            raise Problem(400, "bad_length", "Content-Length is a number of bytes", close=True)
        if int(length) > self._limit:
            raise self._too_long()

    async def receive(self) -> Message:
        """The next piece of the body. Raises Problem, 408 or 413, where it is too slow or long."""
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout(self._patience):
                message = await self._receive()
        except TimeoutError:
            raise self._too_slow() from None
        self._whole = not message.get("more_body", False)
        self.received += len(message.get("body", b""))
        if self.received > self._limit:
            raise self._too_long()
        spent = time.perf_counter() - self.began
        if not self._whole and self.received < LEAST_RATE * (spent - self._patience):
            raise self._too_slow()
        return message

    async def send(self, message: Message) -> None:
        """Pass a piece of the answer on, its head with what every answer carries."""
        if message["type"] == "http.response.start":
            if message["status"] >= 400 and not self._whole:
                await self._drain()
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.id
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if self.status >= 400 and not self._whole:
                headers["Connection"] = "close"
        self.sent += len(message.get("body", b""))
        await self._send(message)

    async def refuse(self, problem: Problem) -> None:
        """Tell a problem, where nothing was told yet."""
        if not self.status:
            answer = as_response(problem, path=self._scope["path"], request_id=self.id)
            await answer(self._scope, self._receive, self.send)

    async def _drain(self) -> None:
        """Read what else the client sends, a while: one that still sends does not hear an answer."""
        if "expect" in self.headers or self.status == 408:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                drained = 0
                while drained < DRAIN_BYTES and not self._whole:
                    message = await self._receive()
                    drained += len(message.get("body", b""))
                    self._whole = not message.get("more_body", False)

    def _too_long(self) -> Problem:
        return Problem(
            413, "too_large", f"a request has at most {self._limit} bytes here; send a smaller file"
        )

    def _too_slow(self) -> Problem:
        return Problem(
            408, "too_slow",
            f"nothing, or next to nothing, came for {self._patience:g} s; send it again",
            close=True,
        )  # fmt: skip
