"""The web page as files: `static/` as web/page/build.mjs built it, beside it the network.

The network is not kept twice: it lies with the package's weights, and joins the page where that is
written or served.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from figureground.errors import FileError, UsageError
from figureground.media.atomic import atomic
from figureground.models.shipped import MODEL, find_model

STATIC = Path(__file__).parent / "static"
SUMS = (
    "SHA256SUMS"  # in the form that `sha256sum -c` reads; it also tells a page from other folders
)
NETWORK = f"engine/{MODEL}.tflite"
CONFIG = "config.json"
LAST = ("index.html", "sw.js", SUMS)  # they name the other files, which shall be there by then


def config(*, server: bool) -> bytes:
    """What the page asks its host: whether a server that works on videos is behind it."""
    return (json.dumps({"server": server}) + "\n").encode()


def find_file(name: str) -> Path | None:
    """Return where a file of the page lies, by its path in the page; None where there is none.

    Raises:
        ModelError: it is the network, and that is damaged.
    """
    if name == NETWORK:
        return find_model(MODEL)
    return STATIC / name if name in page_files() else None


def page_files(folder: Path | None = None) -> dict[str, str]:
    """The SHA-256 of each file of a page, by its path in it; of `config.json`, which varies, none.

    folder: of a written page; None is the package's own.
    """
    lines = ((folder or STATIC) / SUMS).read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def write_page(folder: Path) -> int:
    """Write the page as a static site; returns its size in bytes.

    A page of another version is replaced, and what only that had is removed.

    Raises:
        UsageError: the folder holds something else.
        FileError: a file of the package is damaged, or one cannot be written.
    """
    stale = _page_in(folder)
    size = 0
    for name, content in _contents():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic(path) as part:
            part.write_bytes(content)
        size += len(content)
        stale.discard(name)
    for name in stale:
        (folder / name).unlink(missing_ok=True)
    return size


def _page_in(folder: Path) -> set[str]:
    """Names of the files of the page that a folder holds already. Raises UsageError."""
    if folder.is_file():
        raise UsageError(f"{str(folder)!r} is a file; give the folder that the page shall lie in")
    if (folder / SUMS).is_file() and (folder / "sw.js").is_file():
        inside = folder.resolve()
        names = page_files(folder)
        return {name for name in names if (folder / name).resolve().is_relative_to(inside)}
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(
            f"{str(folder)!r} holds other files; give a new folder, or one that this command wrote"
        )
    return set()


def _contents() -> Iterator[tuple[str, bytes]]:
    """Every file of the page with its content, those that name others last. Raises FileError."""
    sums = page_files()
    for name in sorted(sums, key=lambda name: (name in LAST, name)):
        path = find_file(name)
        content = path.read_bytes() if path and path.is_file() else b""
        if hashlib.sha256(content).hexdigest() != sums[name]:
            raise FileError(f"{name!r} of the page is damaged; install figureground anew")
        yield name, content
    yield CONFIG, config(server=False)
    yield SUMS, (STATIC / SUMS).read_bytes()
