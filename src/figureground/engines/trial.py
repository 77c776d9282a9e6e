"""Try a network that is not ours in a process of its own, which may die of it.

Native libraries run networks, and a damaged file can end the process that loads it, or fill its
memory. Ours are known by their hashes and need no trial: those that ship, and those whose metadata
hold the hash of what figureground exported. A folder is tried as a file is.

    parent ── python -m figureground.engines.trial PATH BYTES ──▶ one line of JSON, or none
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

import figureground
from figureground.engines import KERAS, SAVED_MODEL, TUTORIAL, Engine, engine_of
from figureground.errors import ExtraError, FiguregroundError, ModelError, UsageError
from figureground.media.memory_budget import in_bytes
from figureground.models.metadata import is_intact
from figureground.resources import default_budget

SECONDS = 120  # that a trial may take, on a busy machine; TensorFlow alone loads for some of them
BUSY = 100  # that it may be at work, of all cores together


def check_network(path: Path) -> None:
    """See that a network, or a file of weights, does no harm to the process that loads it.

    Raises:
        ModelError: it ended its trial, took too long or too much memory, or gave no matte.
    """
    if is_intact(path) or getattr(sys, "frozen", False):
        return  # a frozen program has no interpreter to try it with
    parts = [path] if path.is_file() else [part for part in path.rglob("*") if part.is_file()]
    states = [part.stat() for part in parts]
    size, time = sum(s.st_size for s in states), max(s.st_mtime_ns for s in states)
    if why := _try(path, size, time):
        raise ModelError(why)


@lru_cache(maxsize=64)
def _try(path: Path, size: int, time: int) -> str | None:
    """Why a file, of that size and time, is refused; None where it is not. Tried once."""
    memory = default_budget()
    command = [
        sys.executable,
        "-m",
        "figureground.engines.trial",
        str(path.absolute()),
        str(memory),
    ]
    root = str(Path(figureground.__file__).parents[1])
    known = os.environ.get("PYTHONPATH")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, known]))}
    try:
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, timeout=SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"{_subject(path)} takes more than {SECONDS} s for one image; it is damaged"
    except OSError:  # no process can be started here
        return None
    if done.returncode < 0:
        return (
            f"{_subject(path)} ends the process that runs it (signal {-done.returncode}); it is "
            "damaged; export or download it anew"
        )
    try:
        answer = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        return f"{_subject(path)} ends the process that runs it; it is damaged"
    if answer == "memory":
        return f"{_subject(path)} needs more than {in_bytes(memory)} of memory; it is damaged"
    return None if answer is None else str(answer)


def _subject(path: Path) -> str:
    return f"the network {str(path)!r}"


def main(path: Path, memory: int) -> None:
    """Load and run a network, and print what was wrong with it: null, "memory" or a line."""
    answer = _verdict(path, memory)
    sys.stdout.write(f"\n{json.dumps(answer)}\n")
    sys.stdout.flush()
    os._exit(0)  # what it left behind needs no tidying, which could fail


def _verdict(path: Path, memory: int) -> str | None:
    try:
        try_it = _trial_of(path)
        _limit_memory(memory)
        try_it()
    except ModelError as error:
        return "memory" if isinstance(error.__cause__, MemoryError) else str(error)
    except MemoryError:
        return "memory"
    except (UsageError, ExtraError):  # whoever loads it for good says so
        return None
    except FiguregroundError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - any error is the network's
        line = " ".join(str(error).split())[:120]
        return f"{_subject(path)} cannot be run: {type(error).__name__}: {line}"
    return None


def _trial_of(path: Path) -> Callable[[], None]:
    """Return a function that tries a network; what it needs is imported by then."""
    if path.suffix.lower() == ".h5":
        import h5py  # of the extra `train`, as all that reads weights

        return lambda: _read_all(path, h5py)
    name = engine_of(path)
    module = import_module(name)
    # Which order of channels and which levels it takes is no matter here, and need not be found out.
    options = {"color": "rgb", "levels": False} if name in (KERAS, SAVED_MODEL, TUTORIAL) else {}
    return lambda: _run(module.open_engine(path, **options))


def _limit_memory(memory: int) -> None:
    """Let the process have so many bytes more than it has now, and BUSY seconds, where it can be held to."""
    try:
        import resource  # of POSIX only

        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        most = pages * os.sysconf("SC_PAGE_SIZE") + memory
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        spent = int(sum(os.times()[:2]))
        resource.setrlimit(resource.RLIMIT_CPU, (spent + BUSY, spent + BUSY))
    except (ImportError, OSError, ValueError):
        return


def _run(engine: Engine) -> None:
    """Show a network a ramp of greys, at its own size and at half of it."""
    rows, columns = engine.size
    for size in ((rows, columns), (rows // 2, columns // 2)):
        sized = engine.resized(size)
        ramp = np.linspace(0, 1, sized.size[1], dtype=np.float32)[None, :, None]
        sized(np.ascontiguousarray(np.broadcast_to(ramp, (*sized.size, 3))))


def _read_all(path: Path, h5py: Any) -> None:
    """Read every array of a file of weights."""

    def read(_: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            item[()]

    with h5py.File(path) as file:
        file.visititems(read)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
