"""Runs the service: signals, sockets, what is said before anything is served."""

import asyncio
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from figureground.errors import FileError
from figureground.serve.app import UPLOADS, build_app
from figureground.serve.house import House
from figureground.serve.logs import log_to_stderr
from figureground.serve.pool import WorkerDiedError
from figureground.serve.problems import PROBLEM, Problem, describe
from figureground.serve.settings import ServeSettings

HEAD_SECONDS = 15.0  # that a client may take for a request's first line and headers
KEEP_ALIVE = 15  # seconds that a connection stays without a request


class Protocol(H11Protocol):
    """HTTP/1.1, whose answer to what is no request is a problem too; slow heads end."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Give a client some time for its first request's head."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._end_if_headless)

    def _end_if_headless(self) -> None:
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer."""
        self._head_timer.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP request."""
        import json

        body = json.dumps(describe(Problem(400, "bad_request", msg))).encode()
        head = (
            f"HTTP/1.1 400 Bad Request\r\ncontent-type: {PROBLEM}\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()


class Server(uvicorn.Server):
    """uvicorn's, which tells the house that it ends."""

    def __init__(self, config: uvicorn.Config, house: House, told: Any) -> None:
        super().__init__(config)
        self._house, self._told = house, told

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Begin to listen, and say where."""
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            self._told(f"http://{f'[{host}]' if ':' in host else host}:{port}")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End after what was taken is done; told a second time, uvicorn ends at once."""
        self._house.is_closing = True
        super().handle_exit(sig, frame)


def serve(settings: ServeSettings) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code.

    Raises:
        FiguregroundError: a network, the tokens or the folder cannot be read.
    """
    _prepare(settings.folder)
    log_to_stderr()
    app, house = build_app(settings)
    config = uvicorn.Config(
        app, host=settings.host, port=settings.port, http=Protocol, ws="none", log_config=None,
        access_log=False, server_header=False, timeout_keep_alive=KEEP_ALIVE,
        root_path=settings.root_path,
    )  # fmt: skip
    # uvicorn raises the signal that ended it once more; by then all is done.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)

    def told(url: str) -> None:
        warning = "; anybody who reaches it may use it" if settings.is_open else ""
        print(f"figureground serves {url}{warning}", file=sys.stderr, flush=True)  # noqa: T201

    try:
        Server(config, house, told).run()
    except WorkerDiedError as error:
        raise FileError(f"no worker can be started: {error}") from error
    return 0


def _prepare(folder: Path) -> None:
    """Make the folder that all files lie in, for nobody else to read."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / UPLOADS).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        reason = f"cannot write {str(folder)!r}: {error.strerror}; choose another --folder"
        raise FileError(reason) from error
