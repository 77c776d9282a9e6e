"""Python, the packages that figureground needs, and the extras that are there or not."""

import platform
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from typing import NamedTuple

from figureground import __version__
from figureground.doctor.finding import ABSENT, BROKEN, GOOD, NOTE, Finding
from figureground.models.shipped import short_hashes

# What each package that cutting out needs is imported as.
MODULES = {
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "av": "av",
    "isal": "isal.isal_zlib",
    "numpy": "numpy",
    "opencv-python-headless": "cv2",
    "pillow": "PIL.Image",
    "tqdm": "tqdm",
}
FOR_CHANGES = {"dev", "docs"}  # extras of those who change figureground
NAME = re.compile(r"[\w.-]+")
FLOOR = re.compile(r">=\s*([\d.]+)")
EXTRA = re.compile(r"extra\s*==\s*['\"]([\w-]+)")


class Requirement(NamedTuple):
    """A package that figureground asks for."""

    name: str
    floor: str  # lowest version; empty where any does
    extra: str  # that asks for it; empty where always needed


def parse_requirement(text: str) -> Requirement:
    """Read a line of a package's metadata, as in `numpy>=2.0; extra == 'train'`."""
    asked, _, condition = text.partition(";")
    name, floor, extra = NAME.match(asked), FLOOR.search(asked), EXTRA.search(condition)
    if name is None:
        raise ValueError(f"{text!r} is no requirement")
    return Requirement(name[0].lower(), floor[1] if floor else "", extra[1] if extra else "")


def requirements() -> list[Requirement]:
    """All that the installed figureground asks for; empty where only its folder is there."""
    try:
        return [parse_requirement(line) for line in requires("figureground") or ()]
    except PackageNotFoundError:
        return []


def find_packages() -> Iterator[Finding]:
    """Yield versions of Python, figureground and what it needs, each imported once."""
    word = (
        f"{platform.python_version()} ({platform.python_implementation()}), {platform.platform()}"
    )
    yield Finding("packages", "Python", GOOD, f"{word}, {sys.executable}")
    yield Finding("packages", "figureground", GOOD, f"{__version__}, {short_hashes()}")
    floors = {asked.name: asked.floor for asked in requirements() if not asked.extra}
    for name, module in MODULES.items():
        yield _package(name, module, floors.get(name, ""))


def _package(name: str, module: str, floor: str) -> Finding:
    install = "install it anew: python -m pip install --force-reinstall " + name
    try:
        import_module(module)
        found = version(name)
    except PackageNotFoundError:
        return Finding("packages", name, NOTE, "another package provides it", f"usual is {name}")
    except (ImportError, OSError, AttributeError) as error:
        return Finding("packages", name, BROKEN, f"cannot be imported: {error}", install)
    if floor and _numbers(found) < _numbers(floor):
        return Finding("packages", name, BROKEN, f"{found} is older than {floor}", install)
    return Finding("packages", name, GOOD, found)


def _numbers(text: str) -> tuple[int, ...]:
    """A version to compare: its leading numbers."""
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def find_extras() -> Iterator[Finding]:
    """Yield each extra that a user may want, and the command that brings it."""
    asked = requirements()
    if not asked:
        yield Finding(
            "extras", "all", NOTE, "cannot be told",
            "figureground runs from a folder and is not installed: python -m pip install .",
        )  # fmt: skip
        return
    for extra in metadata("figureground").get_all("Provides-Extra") or ():
        if extra in FOR_CHANGES:
            continue
        names = [one.name for one in asked if one.extra == extra]
        missing = [name for name in names if not _is_there(name)]
        if missing:
            advice = f"python -m pip install 'figureground[{extra}]'"
            yield Finding("extras", extra, ABSENT, f"without {', '.join(missing)}", advice)
        else:
            known = ", ".join(f"{name} {version(name)}" for name in names)
            yield Finding("extras", extra, GOOD, known)


def _is_there(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False
