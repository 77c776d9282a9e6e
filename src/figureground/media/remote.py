"""Files that are not on this machine: URLs and object stores, through fsspec, when asked for.

A remote file is named by a path whose first part is a protocol: `Path("s3://shop/a.jpg")`, which
Python writes as `s3:/shop/a.jpg`; `spell` gives its URL back. The first of them loads fsspec.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeGuard

from figureground.errors import ExtraError, FiguregroundError, ImageError
from figureground.media.atomic import atomic

PROTOCOL = re.compile(r"([a-z][a-z0-9+.-]+):/+(?=[^/])")  # two letters or more: C:/ is a disk

# Object stores, by fsspec's names: an object is there once all of it is, and renaming it is a copy.
WHOLE = {"s3", "s3a", "gs", "gcs", "az", "abfs", "oci", "oss"}


class Content(bytes):
    """A file's bytes, and the name that errors call it by."""

    name: str


def is_remote(path: object) -> TypeGuard[str | os.PathLike[str]]:
    """Return whether a path or text names a file that fsspec reads."""
    return isinstance(path, str | os.PathLike) and bool(PROTOCOL.match(_plain(path)))


def spell(path: str | os.PathLike[str]) -> str:
    """A path as its owner wrote it: the URL of a remote file, else the path."""
    return PROTOCOL.sub(_protocol, _plain(path), count=1)


def fetch(path: str | os.PathLike[str], *, error: type[FiguregroundError] = ImageError) -> Content:
    """All that a remote file holds.

    Raises:
        `error`: it cannot be read.
        ExtraError: fsspec, or what it needs for this protocol, is missing.
    """
    with file_system("read", path, error) as (system, place):
        content = Content(system.cat_file(place))
    content.name = spell(path)
    return content


def write_bytes(path: Path, data: bytes, *, error: type[FiguregroundError] = ImageError) -> None:
    """Write a file, remote or not, whole or not at all.

    Raises:
        `error`: it cannot be written.
        ExtraError: as for `fetch`.
    """
    if not is_remote(path):
        with atomic(path, error=error) as temporary:
            temporary.write_bytes(data)
        return
    with file_system("write", path, error) as (system, place):
        if WHOLE & set(_protocols(system)):
            system.pipe_file(place, data)
            return
        folder, _, name = place.rpartition("/")
        with suppress(NotImplementedError):  # object stores have no folders
            system.makedirs(folder, exist_ok=True)
        unfinished = f"{folder}/.unfinished-{os.urandom(16).hex()}-{name}"
        try:
            system.pipe_file(unfinished, data)
            system.mv(unfinished, place)
        except BaseException:
            with suppress(Exception):
                system.rm_file(unfinished)
            raise


def is_there(path: str | os.PathLike[str]) -> bool:
    """Return whether a file exists, remote or not. Raises as `fetch` does."""
    if not is_remote(path):
        return os.path.exists(path)
    with file_system("look for", path) as (system, place):
        return bool(system.exists(place))


def list_below(path: str | os.PathLike[str]) -> list[Path] | None:
    """The files below a remote folder, sorted; None if it is no folder.

    Raises as `fetch` does.
    """
    with file_system("list", path) as (system, place):
        if not system.isdir(place):
            return None
        names = sorted(system.find(place))
    root = place.rstrip("/")
    inside = [name[len(root) :].lstrip("/") for name in names if name.startswith(root)]
    return [Path(path) / name for name in inside if name]


@contextmanager
def file_system(
    verb: str, path: str | os.PathLike[str], error: type[FiguregroundError] = ImageError
) -> Iterator[tuple[Any, str]]:
    """The file system of a path and its name there; whatever goes wrong in one line.

    Args:
        verb: what is done with it, for errors: "read".
        path: of a remote file.
        error: what is raised.
    """
    url = spell(path)
    try:
        import fsspec
    except ImportError as missing:
        raise ExtraError("remote", f"{url!r} is a remote file, and reading those") from missing
    try:
        yield fsspec.core.url_to_fs(url)
    except FileNotFoundError as missing:
        raise error(f"cannot {verb} {url!r}: there is no such file") from missing
    except ImportError as missing:  # s3fs and its like, one package a protocol
        raise error(f"cannot {verb} {url!r}: {missing}") from missing
    except NotImplementedError as missing:
        raise error(f"cannot {verb} {url!r}: this protocol does not do that") from missing
    except Exception as failure:  # each protocol raises what it likes
        said = " ".join(str(failure).split()) or type(failure).__name__
        raise error(f"cannot {verb} {url!r}: {said}") from failure


def _protocols(system: Any) -> tuple[str, ...]:
    named = system.protocol
    return (named,) if isinstance(named, str) else tuple(named)


def _protocol(match: re.Match[str]) -> str:
    return f"{match[1]}:///" if match[1] == "file" else f"{match[1]}://"


def _plain(path: str | os.PathLike[str]) -> str:
    return os.fspath(path).replace(os.sep, "/")
