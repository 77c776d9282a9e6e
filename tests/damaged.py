"""Damage to files, the same every time, and a process of its own to read them in."""

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path


def flip(data: bytes, chance: random.Random) -> bytes:
    """Flip bits, cut, overwrite or drop a part of a file's bytes."""
    damaged, kind, at = bytearray(data), chance.randrange(5), chance.randrange(len(data))
    if kind == 0:
        return data[:at]
    if kind == 1:
        damaged[at : at + 4] = chance.choice([b"\xff" * 4, bytes(4), b"\x7f\xff\xff\xff"])
    elif kind == 2:
        del damaged[at : at + chance.randrange(1, 64)]
    else:
        for _ in range(chance.choice([1, 3, 20])):
            place = chance.randrange(min(len(data), 4096) if kind == 3 else len(data))
            damaged[place] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def copies(path: Path, folder: Path, count: int, seed: int) -> Iterator[Path]:
    """Damaged copies of a file, one at a time."""
    chance, data = random.Random(seed), path.read_bytes()
    suffix = "".join(path.suffixes)
    for number in range(count):
        copy = folder / f"{number}{suffix}"
        copy.write_bytes(flip(data, chance))
        yield copy
        copy.unlink()


def run(*words: str, seconds: float = 60, **options) -> "subprocess.CompletedProcess[str]":
    """The command in a process of its own."""
    command = [sys.executable, "-m", "figureground", *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=seconds, check=False, **options
    )
