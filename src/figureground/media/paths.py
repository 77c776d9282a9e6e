"""Which pictures are meant, and what their results are called."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from glob import has_magic
from pathlib import Path

from figureground.errors import PictureError, UsageError
from figureground.media.remote import is_remote, list_below, spell

READABLE = {".avif", ".bmp", ".gif", ".heic", ".heif", ".jpeg", ".jpg", ".png", ".tif", ".tiff",
            ".webp"}  # fmt: skip

COUNTED = re.compile(r"%0?\d*d\.\w+$")  # a name of numbered pictures
VIDEOS = {".avi", ".m4v", ".mkv", ".mov", ".mp4", ".webm"}


@dataclass(frozen=True, kw_only=True)
class Task:
    """One picture and where its results go."""

    source: Path
    targets: dict[str, Path] = field(default_factory=dict)  # by kind of output


@dataclass(frozen=True, kw_only=True)
class Found:
    """A picture, and the folder that was asked for, below which its path is kept."""

    path: Path
    root: Path


def find_pictures(
    inputs: Iterable[Path], *, kinds: Iterable[str], below: Path | None = None
) -> list[Found]:
    """The pictures among files, folders and patterns, in order, each once.

    Files that are named are taken as they are, even missing ones: reading them says so. Folders are
    searched to their bottom. In them, and in patterns such as `**/*.jpg`, which not every shell
    expands, hidden files, files of other kinds and earlier results (`photo.cutout.png`, for each of
    `kinds`) are passed over. Files that are named keep their folders below `below`, such as the
    folder of a list.

    Raises:
        PictureError: a folder holds no pictures or cannot be searched, or a pattern fits none.
    """
    results = {f".{kind}" for kind in kinds}
    found: dict[Path, Found] = {}
    for given in inputs:
        meant = _meant_by(given)
        if meant is None:
            found.setdefault(given, Found(path=given, root=_root_of(given, below)))
            continue
        root, paths, place = meant
        inside = [path for path in paths if _is_input(path, root, results)]
        if not inside:
            raise PictureError(
                f"there are no pictures {place}; read are {', '.join(sorted(READABLE))}"
            )
        for path in inside:
            found.setdefault(path, Found(path=path, root=root))
    return list(found.values())


def _root_of(path: Path, below: Path | None) -> Path:
    """Below which folder those of a named file are kept: `below` if it is there, or its own."""
    if below is None or not path.is_relative_to(below) or ".." in path.relative_to(below).parts:
        return path.parent
    return below


def _meant_by(given: Path) -> tuple[Path, Iterable[Path], str] | None:
    """Root, files and, for errors, name of a folder or pattern; None for a single file."""
    if is_remote(given):
        files = list_below(given)
        return None if files is None else (given, files, f"below {spell(given)!r}")
    if given.is_dir():
        return given, _walk(given), f"in the folder {str(given)!r}"
    if has_magic(str(given)) and not given.exists():
        root = _fixed_part(given)
        files = [path for path in root.glob(str(given.relative_to(root))) if path.is_file()]
        return root, sorted(files), f"that fit {str(given)!r}"
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
    found: dict[Path, Found] = {}
    others = []
    for given in inputs:
        if COUNTED.search(given.name) or (sequences and given.is_dir()):
            found.setdefault(given, Found(path=given, root=given.parent))
            continue
        meant = None if is_remote(given) else _meant_by(given)
        if meant is None:
            if given.suffix.lower() in VIDEOS:
                found.setdefault(given, Found(path=given, root=_root_of(given, below)))
            else:
                others.append(given)
            continue
        root, paths = meant[0], list(meant[1])
        inside = [path for path in paths if _is_input(path, root, results, VIDEOS)]
        for path in inside:
            found.setdefault(path, Found(path=path, root=root))
        if not inside or any(_is_input(path, root, results) for path in paths):
            others.append(given)
    return list(found.values()), others


def read_list(path: Path) -> list[Path]:
    """The paths in a text file, one a line, relative to the file's folder; empty lines are none.

    Raises:
        PictureError: the file cannot be read, or names nothing.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise PictureError(f"cannot read the list {str(path)!r}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PictureError(
            f"cannot read the list {str(path)!r}: it is no UTF-8 text of one path a line"
        ) from error
    listed = [path.parent / line.strip() for line in lines if line.strip()]
    if not listed:
        raise PictureError(f"the list {str(path)!r} is empty; write one path a line into it")
    return listed


def _walk(folder: Path) -> Iterator[Path]:
    """The regular files below a folder, sorted, but for hidden folders, which can be huge."""

    def refuse(error: OSError) -> None:
        raise PictureError(f"cannot search {error.filename!r}: {error.strerror}") from error

    for place, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        paths = (Path(place, name) for name in sorted(files))
        yield from (path for path in paths if path.is_file())


def _fixed_part(pattern: Path) -> Path:
    """The folders of a pattern before its first wildcard."""
    fixed = pattern
    while has_magic(str(fixed)):
        fixed = fixed.parent
    return fixed


def _is_input(path: Path, root: Path, results: set[str], readable: set[str] = READABLE) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    known = path.suffix.lower() in readable and Path(path.stem).suffix.lower() not in results
    return known and not hidden


def plan(pictures: Sequence[Found], *, out: Path | None, suffixes: dict[str, str]) -> list[Task]:
    """Name the results: `photo.jpg` becomes `photo.cutout.png`, beside it or mirrored below `out`.

    Pictures whose results would have one name keep their endings: `a.jpg` and `a.png` become
    `a.jpg.cutout.png` and `a.png.cutout.png`.

    Args:
        pictures: what was found.
        out: the folder for all results; None for each beside its picture.
        suffixes: ending of each kind of output, such as {"cutout": ".png"}.
    Raises:
        UsageError: two results would still have one name, or a result would replace a picture.
    """
    bases = [
        found.path if out is None else out / found.path.relative_to(found.root)
        for found in pictures
    ]
    tasks = [
        Task(
            source=found.path,
            targets={kind: base.with_name(f"{stem}.{kind}{suffix}")
                     for kind, suffix in suffixes.items()},
        )
        for found, base, stem in zip(pictures, bases, _stems(bases), strict=True)
    ]  # fmt: skip
    check_targets(tasks)
    return tasks


def _stems(bases: Sequence[Path]) -> list[str]:
    """Names without their endings, or with them where else two would be one.

    Upper and lower case count as one, as for the file systems of macOS and Windows. Keeping an
    ending can itself make two names one (`a.jpg`, `a.png` and `a.jpg.webp`), hence the repetition.
    """
    stems = [base.stem for base in bases]
    while True:
        keys = [(base.parent, stem.casefold()) for base, stem in zip(bases, stems, strict=True)]
        shared = Counter(keys)
        kept = [
            base.name if shared[key] > 1 else stem
            for base, stem, key in zip(bases, stems, keys, strict=True)
        ]
        if kept == stems:
            return stems
        stems = kept


def check_targets(tasks: Sequence[Task]) -> None:
    """See that nothing is written twice and no input is replaced. Raises UsageError."""
    sources = {identity for task in tasks for identity in _identities(task.source)}
    taken: dict[Path, Path] = {}
    for task in tasks:
        for target in task.targets.values():
            if sources & _identities(target):
                raise UsageError(f"{str(target)!r} is an input and would be replaced; choose -o")
            place = Path(os.path.realpath(target))
            if place in taken:
                raise UsageError(
                    f"{str(task.source)!r} and {str(taken[place])!r} would both become "
                    f"{str(target)!r}; work on them one after the other, with another -o"
                )
            taken[place] = task.source


def _identities(path: Path) -> set[Path | tuple[int, int]]:
    """What tells a file from all others: its real path and, once it is there, its place on disk.

    The latter sees through hard links and file systems that pass over upper and lower case.
    """
    real = Path(os.path.realpath(path))
    try:
        status = real.stat()
    except OSError:
        return {real}
    return {real, (status.st_dev, status.st_ino)}
