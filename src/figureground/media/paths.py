"""Which pictures and videos are meant."""

import errno
import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path

from figureground.errors import FileError, PictureError
from figureground.media.format_row import PICTURE, VIDEO
from figureground.media.formats import endings_of
from figureground.media.remote import is_remote, list_below, spell

COUNTED = re.compile(r"%0?\d*d\.\w+$")  # a name of numbered pictures
PIPE = Path("-")  # standard input or output
LONGEST_NAME, LONGEST_PATH = 255, 4095  # bytes, of nearly every file system


@dataclass(frozen=True, kw_only=True)
class Found:
    """A picture, and the folder that was asked for, below which its path is kept."""

    path: Path
    root: Path


def find_pictures(
    inputs: Iterable[Path],
    *,
    kinds: Iterable[str],
    below: Path | None = None,
    filling: bool = False,
) -> list[Found]:
    """The pictures among files, folders and patterns, in order, each once.

    Files that are named are taken as they are, even missing ones: reading them says so. Folders are
    searched to their bottom. In them, and in patterns such as `**/*.jpg`, which not every shell
    expands, hidden files, files of other kinds and earlier results (`photo.cutout.png`, for each of
    `kinds`) are passed over. Folders in them that cannot be searched are taken for pictures:
    reading them says so. Files that are named keep their folders below `below`, such as the folder
    of a list. Where folders are `filling`, and patterns, they may hold nothing yet; else those that
    hold none are taken for pictures beside others that hold some: reading them says so.

    Raises:
        PictureError: there are no pictures at all, or a folder cannot be searched.
    """
    results, readable = {f".{kind}" for kind in kinds}, endings_of(PICTURE)
    found: dict[Path, Found] = {}
    empty: dict[Path, str] = {}
    for given in inputs:
        meant = _meant_by(given)
        if meant is None:
            found.setdefault(given, Found(path=given, root=_root_of(given, below)))
            continue
        root, paths, place = meant
        inside = [
            path
            for path in paths
            if _is_input(path, root, results, readable) or os.path.isdir(path)
        ]
        if not inside and not filling:
            empty[given] = place
        for path in inside:
            found.setdefault(path, Found(path=path, root=root))
    if empty and not found:
        places = " nor ".join(empty.values())
        raise PictureError(
            f"there are no pictures {places}; read are {', '.join(sorted(endings_of(PICTURE)))}"
        )
    return [*found.values(), *(Found(path=given, root=given.parent) for given in empty)]


def _root_of(path: Path, below: Path | None) -> Path:
    """Below which folder those of a named file are kept: `below` if it is there, or its own."""
    if below is None or is_remote(path) or not path.is_relative_to(below):
        return path.parent
    return path.parent if ".." in path.relative_to(below).parts else below


def _meant_by(given: Path) -> tuple[Path, Iterable[Path], str] | None:
    """Root, files and, for errors, name of a folder or pattern; None for a single file."""
    if is_remote(given):
        files = list_below(given)
        return None if files is None else (given, files, f"below {spell(given)!r}")
    if os.path.isdir(given):
        return given, _walk(given), f"in the folder {str(given)!r}"
    if has_magic(str(given)) and not os.path.exists(given):
        root = _fixed_part(given)
        return root, _fitting(given, root), f"that fit {str(given)!r}"
    return None


def find_videos(
    inputs: Iterable[Path],
    *,
    kinds: Iterable[str],
    sequences: bool = False,
    below: Path | None = None,
) -> tuple[list[Found], list[Path]]:
    """The videos among files, folders and patterns, as `find_pictures`; and what else was given.

    A folder or a pattern that holds videos and no pictures is not given back. Numbered pictures,
    `frames/%04d.png`, are a video; with `sequences`, so is every folder.

    Raises:
        PictureError: a folder cannot be searched.
    """
    results = {f".{kind}" for kind in kinds}
    readable, playable = endings_of(PICTURE), endings_of(VIDEO)
    found: dict[Path, Found] = {}
    others = []
    for given in inputs:
        if COUNTED.search(given.name) or (sequences and os.path.isdir(given)):
            found.setdefault(given, Found(path=given, root=given.parent))
            continue
        meant = None if is_remote(given) else _meant_by(given)
        if meant is None:
            if given.suffix.lower() in playable:
                found.setdefault(given, Found(path=given, root=_root_of(given, below)))
            else:
                others.append(given)
            continue
        root, paths = meant[0], list(meant[1])
        inside = [path for path in paths if _is_input(path, root, results, playable)]
        for path in inside:
            found.setdefault(path, Found(path=path, root=root))
        if not inside or any(
            _is_input(path, root, results, readable) or os.path.isdir(path) for path in paths
        ):
            others.append(given)
    return list(found.values()), others


def is_stream(path: Path) -> bool:
    """Return whether a path is `-` or a pipe, and can be read but once."""
    named = path == PIPE or str(path).startswith(("/dev/", "/proc/self/fd/"))
    return named or (os.path.exists(path) and path.is_fifo())


def list_folder(path: Path) -> Path:
    """Return what the paths in a list are relative to: its own folder; of a stream the current one."""
    return Path() if is_stream(path) else path.parent


def read_list(path: Path) -> list[Path]:
    """The paths in a text file or a stream, one a line, from its `list_folder` on.

    Empty lines are none.

    Raises:
        FileError: the file cannot be read, names nothing, or what can be no file's name.
    """
    try:
        data = sys.stdin.buffer.read() if path == PIPE else path.read_bytes()
        lines = data.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise FileError(f"cannot read the list {str(path)!r}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FileError(
            f"cannot read the list {str(path)!r}: it is no UTF-8 text of one path a line"
        ) from error
    names = [line.strip() for line in lines if line.strip()]
    for number, name in enumerate(names, 1):
        if why := why_no_name(name):
            raise FileError(f"the list {str(path)!r}: its path {number}, {name[:40]!r}, {why}")
    listed = [Path(name) if is_remote(name) else list_folder(path) / name for name in names]
    if not listed:
        raise FileError(f"the list {str(path)!r} is empty; write one path a line into it")
    return listed


def why_no_name(text: str) -> str | None:
    """Why no file can be called so, as the end of a sentence; None where one can."""
    if "\0" in text:
        return "has a NUL in it"
    try:
        data = os.fsencode(text)
    except UnicodeEncodeError:
        return "has half a character in it (a lone surrogate)"
    if len(data) > LONGEST_PATH or any(len(part) > LONGEST_NAME for part in data.split(b"/")):
        return f"is too long: {LONGEST_NAME} bytes a name, {LONGEST_PATH} a path"
    return None


def _walk(folder: Path) -> Iterator[Path]:
    """The regular files below a folder, sorted, but for hidden folders, which can be huge.

    At the end, folders below it that cannot be searched.
    """
    closed: list[Path] = []

    def refuse(error: OSError) -> None:
        if Path(error.filename) == folder:
            raise PictureError(f"cannot search {error.filename!r}: {error.strerror}") from error
        closed.append(Path(error.filename))

    for place, folders, files in os.walk(folder, onerror=refuse):
        if not os.access(place, os.X_OK):  # their names can be read, and nothing else
            refuse(PermissionError(errno.EACCES, os.strerror(errno.EACCES), place))
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        paths = (Path(place, name) for name in sorted(files))
        yield from (path for path in paths if os.path.isfile(path))
    yield from sorted(closed)


def _fitting(pattern: Path, root: Path) -> list[Path]:
    """The files that fit a pattern, sorted."""
    try:
        paths = list(root.glob(str(pattern.relative_to(root))))
    except OSError as error:
        raise PictureError(f"cannot search {str(root)!r}: {error.strerror}") from error
    return sorted(path for path in paths if os.path.isfile(path))


def _fixed_part(pattern: Path) -> Path:
    """The folders of a pattern before its first wildcard."""
    fixed = pattern
    while has_magic(str(fixed)):
        fixed = fixed.parent
    return fixed


def _is_input(path: Path, root: Path, results: set[str], readable: Collection[str]) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    known = path.suffix.lower() in readable and Path(path.stem).suffix.lower() not in results
    return known and not hidden
