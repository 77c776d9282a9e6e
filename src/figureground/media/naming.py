"""What results are called, and that none replaces another or what it was made from."""

import os
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG

from figureground.errors import UsageError
from figureground.media.format_row import PICTURE
from figureground.media.formats import endings_of
from figureground.media.paths import Found
from figureground.media.remote import is_remote


@dataclass(frozen=True, kw_only=True)
class Task:
    """One picture, or video, and where its results go."""

    source: Path
    targets: dict[str, Path] = field(default_factory=dict)  # by kind of output


def plan(
    pictures: Sequence[Found],
    *,
    out: Path | None,
    suffixes: dict[str, str],
    kept: Iterable[Path] = (),
) -> list[Task]:
    """Name the results: `photo.jpg` becomes `photo.cutout.png`, beside it or mirrored below `out`.

    Pictures that share a name but for their endings keep these: beside `a.png`, `a.jpg` becomes
    `a.jpg.cutout.png`, whether both are worked on or one.

    Args:
        pictures: what was found.
        out: the folder for all results; None for each beside its picture.
        suffixes: ending of each kind of output, such as {"cutout": ".png"}.
        kept: other files that no result may replace.
    Raises:
        UsageError: two results would still have one name, or a result would replace a picture.
    """
    named = [*pictures, *beside(pictures, endings_of(PICTURE))]
    bases = [
        found.path if out is None else out / found.path.relative_to(found.root) for found in named
    ]
    tasks = [
        Task(
            source=found.path,
            targets={kind: base.with_name(f"{stem}.{kind}{suffix}")
                     for kind, suffix in suffixes.items()},
        )
        for found, base, stem in zip(named, bases, stems_of(bases), strict=True)
    ][: len(pictures)]  # fmt: skip
    check_targets(tasks, kept)
    return tasks


def beside(asked: Sequence[Found], endings: Collection[str]) -> list[Found]:
    """Files of these endings in the same folders that nobody asked for, but that share a name."""
    paths = {found.path for found in asked}
    stems: dict[Path, set[str]] = {}
    roots = {}
    for found in asked:
        if not is_remote(found.path):
            stems.setdefault(found.path.parent, set()).add(found.path.stem.casefold())
            roots[found.path.parent] = found.root
    others = []
    for folder, wanted in stems.items():
        with suppress(OSError):  # reading its files says why
            others += [
                Found(path=path, root=roots[folder])
                for path in folder.iterdir()
                if path.suffix.lower() in endings
                and path.stem.casefold() in wanted
                and path not in paths
            ]
    return others


def stems_of(bases: Sequence[Path], endings: Sequence[str] | None = None) -> list[str]:
    """Names without their endings, or with them where else two results would be one.

    Upper and lower case count as one, as for the file systems of macOS and Windows. Keeping an
    ending can itself make two names one (`a.jpg`, `a.png` and `a.jpg.webp`), hence the repetition.

    Args:
        bases: what results are named after.
        endings: of the results, where they differ.
    """
    ends = endings or [""] * len(bases)
    stems = [base.stem for base in bases]
    while True:
        keys = [
            (base.parent, f"{stem}{end}".casefold())
            for base, stem, end in zip(bases, stems, ends, strict=True)
        ]
        shared = Counter(keys)
        kept = [
            base.name if shared[key] > 1 else stem
            for base, stem, key in zip(bases, stems, keys, strict=True)
        ]
        if kept == stems:
            return stems
        stems = kept


def check_targets(tasks: Sequence[Task], kept: Iterable[Path] = ()) -> None:
    """See that nothing is written twice, and that no input and no file of `kept` is replaced.

    Standard input is an input, too, where the shell reads a file into it.

    Raises:
        UsageError: it would be.
    """
    inputs = [*(task.source for task in tasks), *kept]
    sources = _standard_input().union(*map(_identities, inputs))
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
    """Return what tells a file from all others: its real path and, once it is there, its place on disk.

    The latter sees through hard links and file systems that pass over upper and lower case.
    """
    real = Path(os.path.realpath(path))
    try:
        status = real.stat()
    except OSError:
        return {real}
    return {real, (status.st_dev, status.st_ino)}


def _standard_input() -> set[Path | tuple[int, int]]:
    """Return what tells the file that the shell reads into standard input from all others."""
    try:
        status = os.fstat(0)
    except OSError:  # closed
        return set()
    return {(status.st_dev, status.st_ino)} if S_ISREG(status.st_mode) else set()
