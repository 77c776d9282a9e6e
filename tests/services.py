"""A service in a process of its own, and a client that never waits for ever."""

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

START = 90  # seconds that a service may take to come up, on a busy machine
PATIENCE = 60  # seconds that an answer may take


@dataclass(kw_only=True)
class Reply:
    """What a service answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass(kw_only=True)
class Service:
    """`figureground serve`, running."""

    process: subprocess.Popen
    url: str = ""
    lines: list[str] = field(default_factory=list)  # of standard error
    reader: threading.Thread | None = None

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        assert parts.hostname is not None and parts.port is not None
        return parts.hostname, parts.port

    def ask(self, method: str, path: str, body=None, headers=None, timeout=PATIENCE) -> Reply:
        connection = http.client.HTTPConnection(*self.address, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return Reply(status=answer.status, headers=answer.headers, body=answer.read())
        finally:
            connection.close()

    def post(self, path: str, fields=None, files=None, headers=None, timeout=PATIENCE) -> Reply:
        kind, body = as_form(fields or {}, files or {})
        return self.ask("POST", path, body, {"Content-Type": kind, **(headers or {})}, timeout)

    def metric(self, name: str) -> float:
        """A gauge of the service, by its name."""
        text = self.ask("GET", "/metrics").body.decode()
        (line,) = (one for one in text.splitlines() if one.startswith(f"figureground_{name} "))
        return float(line.split()[1])

    def end(self, number: int = signal.SIGTERM, timeout=PATIENCE) -> int:
        """Send a signal, and return the exit code; a service that does not end is killed."""
        with suppress(ProcessLookupError):
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout)
        finally:
            self.process.kill()
            self.process.wait(PATIENCE)
            self.reader.join(PATIENCE)
            self.process.stderr.close()

    def workers(self) -> list[int]:
        """Process ids of its workers: the children of the process that forks them."""
        below = [pid for child in children(self.process.pid) for pid in children(child)]
        return sorted(below)


def as_form(fields: dict[str, str], files: dict[str, bytes]) -> tuple[str, bytes]:
    """A multipart form and its type."""
    edge, parts = "----of-a-test", []
    for name, text in fields.items():
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        parts.append(head.encode() + text.encode() + b"\r\n")
    for name, content in files.items():
        head = (
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="private.jpg"'
            "\r\nContent-Type: application/octet-stream\r\n\r\n"
        )
        parts.append(head.encode() + content + b"\r\n")
    return f"multipart/form-data; boundary={edge}", b"".join([*parts, f"--{edge}--\r\n".encode()])


def children(pid: int) -> list[int]:
    """Process ids of a process's children, on Linux."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            text = stat.read_text()
            if int(text.rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def is_there(pid: int) -> bool:
    """Whether a process runs: one that nobody waits for is dead, too."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def start_service(folder: Path, *options: str, environment=None, code: str = "") -> Service:
    """Start one on a free port, and wait until it listens.

    code: run in its process before it serves, say to put a stand-in in a place.
    """
    words = ["serve", "--port", "0", "--folder", str(folder), *options]
    program = f"import sys\n{code}\nfrom figureground.cli import main\nsys.exit(main({words!r}))"
    command = [sys.executable, "-c", program]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
    service = Service(process=process)
    listening = threading.Event()

    def read() -> None:
        for line in process.stderr:
            service.lines.append(line)
            if line.startswith("figureground serves "):
                service.url = line.split()[2].rstrip(";")
                listening.set()
        listening.set()

    service.reader = threading.Thread(target=read, daemon=True)
    service.reader.start()
    listening.wait(START)
    if not service.url:
        process.kill()
        process.wait(PATIENCE)
        raise AssertionError("".join(service.lines))
    return service


def wait_until(holds, timeout: float = PATIENCE) -> None:
    """Wait until something holds. Raises AssertionError where it does not in time."""
    until = time.monotonic() + timeout
    while not holds():
        assert time.monotonic() < until, "it never came to hold"
        time.sleep(0.2)
