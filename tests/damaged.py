"""Damaging files by a seed, and reading them in a process whose memory and time are bounded."""

import faulthandler
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HANG = 60  # seconds that a file may take, by the clock


def mutate(data: bytes, chance: random.Random) -> bytes:
    """Cut, flip, overwrite, repeat, drop, or say something large."""
    damaged = bytearray(data)
    kind, at = chance.randrange(7), chance.randrange(len(data))
    if kind == 0:
        return data[:at]
    if kind == 1:
        for _ in range(chance.choice([1, 3, 20])):
            damaged[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    elif kind == 2:
        damaged[at : at + 4] = chance.choice(
            [b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff", b"\0\0@\0"]
        )
    elif kind == 3:
        damaged[at:at] = data[: chance.randrange(len(data))]
    elif kind == 4:
        del damaged[at : at + chance.randrange(1, 64)]
    elif kind == 5:
        head = chance.randrange(min(64, len(data)))  # where formats keep their sizes
        damaged[head] = chance.randrange(256)
    else:
        damaged[at:] = chance.randbytes(len(data) - at)
    return bytes(damaged)


def limit_memory(gigabytes: int) -> None:
    """Refuse this process more address space, where the system can."""
    if sys.platform == "linux":
        import resource

        most = gigabytes << 30
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def watch_for_hanging() -> None:
    """End this process, telling where it is, if this is not called again in time."""
    faulthandler.dump_traceback_later(HANG, exit=True)


def used_megabytes() -> float:
    """Most memory that this process has had; not getrusage's, which counts its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / (1 << 10)


def tell(text: str) -> None:
    """Write a line at once, so that it is there if the process ends."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complaint_of(error: Exception) -> str | None:
    """What is wrong with how a file is refused: it should be one line of at most 300 characters."""
    from figureground.errors import FiguregroundError

    text = str(error)
    if not isinstance(error, FiguregroundError):
        return f"{type(error).__name__}: {text}"
    if not text or "\n" in text or len(text) > 300:
        return f"not one line: {text!r}"
    return None


def run_apart(script: str, folder: Path, *numbers: int, timeout: int) -> dict[str, Any]:
    """What a script tells that reads damaged files in a process of its own.

    Its last line on standard output is JSON; before, it names the file it is at.
    """
    command = [sys.executable, "-W", "ignore", script, str(folder), *map(str, numbers)]
    child = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    at = child.stdout.splitlines()[-1:] or ["no file"]
    assert child.returncode == 0, f"ended by {child.returncode} at {at}\n{child.stderr[-2000:]}"
    told: dict[str, Any] = json.loads(at[0])
    return told


def copies(path: Path, folder: Path, count: int, seed: int) -> Iterator[Path]:
    """Damaged copies of a file, one at a time."""
    chance, data = random.Random(seed), path.read_bytes()
    suffix = "".join(path.suffixes)
    for number in range(count):
        copy = folder / f"{number}{suffix}"
        copy.write_bytes(mutate(data, chance))
        yield copy
        copy.unlink()


def run(*words: str, seconds: float = 60, **options) -> "subprocess.CompletedProcess[str]":
    """The command in a process of its own."""
    command = [sys.executable, "-m", "figureground", *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=seconds, check=False, **options
    )
