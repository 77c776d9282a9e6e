"""The processor, memory, folders, and settings around the program that make it slow."""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from figureground.doctor.finding import BROKEN, GOOD, NOTE, Finding
from figureground.resources import cores, default_budget, free_memory

LITTLE_MEMORY = 1 << 30  # bytes; photos of 12 megapixels take a quarter of it
LITTLE_ROOM = 200 << 20  # bytes; a video's parts need more
# Features that count, as Linux and as NumPy spell them, and what is lost without.
SLOW_WITHOUT = {
    "x86_64": (
        (("avx2", "AVX2"), "AVX2", "networks are slow on a processor without it"),
        (
            ("avx512_vnni", "avx_vnni", "AVX512VNNI"), "VNNI",
            "`lite-int8`, which videos use, is hardly faster than `lite` without it",
        ),
    ),
    "arm64": (
        (
            ("asimddp", "ASIMDDP"), "dot products",
            "`lite-int8`, which videos use, is hardly faster than `lite` without them",
        ),
    ),
}  # fmt: skip
NAMES = {"amd64": "x86_64", "aarch64": "arm64"}
# Settings of other libraries that slow them down here, and values that do no harm.
SETTINGS = {
    "OPENBLAS_CORETYPE": "OpenBLAS takes it for another processor; unset it",
    "NPY_DISABLE_CPU_FEATURES": "NumPy leaves features of the processor out; unset it",
    "OPENCV_CPU_DISABLE": "OpenCV leaves features of the processor out; unset it",
    "PYTHONDEVMODE": "Python checks itself; unset it",
    "PYTHONDONTWRITEBYTECODE": "every start compiles all modules again; unset it",
    "LD_PRELOAD": "another library stands before the system's; unset it where times are odd",
}


def find_machine() -> Iterator[Finding]:
    """Yield the processor with its features, memory, folders and settings."""
    yield from _processor(platform.machine().lower(), features())
    yield _cores(cores(), os.cpu_count() or 1)
    yield _memory(free_memory(), default_budget())
    yield _folder("temporary folder", Path(tempfile.gettempdir()))
    yield _folder("this folder", Path.cwd())
    for name, advice in SETTINGS.items():
        if os.environ.get(name):
            yield Finding("machine", name, NOTE, f"is set to {os.environ[name]}", advice)


def features() -> frozenset[str]:
    """What the processor can, as Linux says it, else as NumPy does; empty where neither does."""
    if sys.platform == "linux":
        for line in Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines():
            head, _, words = line.partition(":")
            if head.strip() in ("flags", "Features"):
                return frozenset(words.split())
    try:
        module = import_module("numpy._core._multiarray_umath")  # as numpy.show_runtime does
    except ImportError:
        return frozenset()
    known: dict[str, bool] = getattr(module, "__cpu_features__", {})
    return frozenset(name for name, there in known.items() if there)


def _processor(machine: str, known: frozenset[str]) -> Iterator[Finding]:
    kind = NAMES.get(machine, machine)
    yield Finding("machine", "processor", GOOD, f"{_model()} ({kind})")
    if not known:
        yield Finding("machine", "its features", NOTE, "cannot be told")
        return
    for spellings, name, advice in SLOW_WITHOUT.get(kind, ()):
        if known & set(spellings):
            yield Finding("machine", name, GOOD, "there")
        else:
            yield Finding("machine", name, NOTE, "missing", advice)


def _model() -> str:
    """What the processor calls itself."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        return platform.processor() or "unknown"
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or "unknown")


def _cores(usable: int, installed: int) -> Finding:
    if usable == 1:
        advice = "networks and videos use all cores; allow more than one"
        return Finding("machine", "cores", NOTE, f"1 of {installed}", advice)
    return Finding("machine", "cores", GOOD, f"{usable} of {installed}")


def _memory(free: int | None, budget: int) -> Finding:
    told = f", {free / 1e9:.1f} GB free" if free is not None else ""
    value = f"{budget / 1e9:.1f} GB for images{told}"
    if min(budget, budget if free is None else free) < LITTLE_MEMORY:
        advice = "large images are refused, or the system swaps; end other programs"
        return Finding("machine", "memory", NOTE, value, advice)
    return Finding("machine", "memory", GOOD, value)


def _folder(name: str, path: Path) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=path) as file:
            file.write(b"figureground")
        free = shutil.disk_usage(path).free
    except OSError as error:
        advice = "set TMPDIR to a folder that can be written" if name.startswith("temp") else ""
        state = BROKEN if advice else NOTE  # results may go elsewhere
        return Finding(
            "machine", name, state, f"{path} cannot be written: {error.strerror}", advice
        )
    value = f"{path}, {free / 1e9:.1f} GB free"
    if free < LITTLE_ROOM:
        return Finding("machine", name, NOTE, value, "results and videos may not fit; make room")
    return Finding("machine", name, GOOD, value)
