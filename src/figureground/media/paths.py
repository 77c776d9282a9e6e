"""Which pictures are meant, and what their results are called."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from figureground.errors import PictureError

READABLE = {".avif", ".bmp", ".gif", ".heic", ".heif", ".jpeg", ".jpg", ".png", ".tif", ".tiff",
            ".webp"}  # fmt: skip


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


def find_pictures(inputs: Iterable[Path], *, kinds: Iterable[str]) -> list[Found]:
    """The pictures among files and folders, in order; folders are searched to their bottom.

    Files that are named are taken as they are, even missing ones: reading them says so. In folders,
    hidden files, files of other kinds and earlier results (`photo.cutout.png`, for each of `kinds`)
    are passed over.

    Raises:
        PictureError: a folder holds no pictures.
    """
    results = {f".{kind}" for kind in kinds}
    found: dict[Path, Found] = {}
    for given in inputs:
        if given.is_dir():
            inside = [path for path in sorted(given.rglob("*")) if _is_input(path, given, results)]
            if not inside:
                raise PictureError(f"there are no pictures in the folder {str(given)!r}")
            found.update({path: Found(path=path, root=given) for path in inside})
        else:
            found[given] = Found(path=given, root=given.parent)
    return list(found.values())


def _is_input(path: Path, root: Path, results: set[str]) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    known = path.suffix.lower() in READABLE and Path(path.stem).suffix not in results
    return known and not hidden and path.is_file()


def plan(pictures: Sequence[Found], *, out: Path | None, suffixes: dict[str, str]) -> list[Task]:
    """Name the results: `photo.jpg` becomes `photo.cutout.png`, beside it or mirrored below `out`.

    Pictures that differ only in their endings keep them: `a.jpg.cutout.png`, `a.png.cutout.png`.

    Args:
        pictures: what was found.
        out: the folder for all results; None for each beside its picture.
        suffixes: ending of each kind of output, such as {"cutout": ".png"}.
    Raises:
        PictureError: two results would have one name, or a result would replace a picture.
    """
    bases = [_base(found, out) for found in pictures]
    shared = Counter(base.with_suffix("") for base in bases)
    tasks = []
    for found, base in zip(pictures, bases, strict=True):
        stem = base.name if shared[base.with_suffix("")] > 1 else base.stem
        targets = {
            kind: base.with_name(f"{stem}.{kind}{suffix}") for kind, suffix in suffixes.items()
        }
        tasks.append(Task(source=found.path, targets=targets))
    check_targets(tasks)
    return tasks


def _base(found: Found, out: Path | None) -> Path:
    return found.path if out is None else out / found.path.relative_to(found.root)


def check_targets(tasks: Sequence[Task]) -> None:
    """See that nothing is written twice and no input is replaced. Raises PictureError."""
    sources = {task.source.resolve() for task in tasks}
    taken: dict[Path, Path] = {}
    for task in tasks:
        for target in task.targets.values():
            place = target.resolve()
            if place in sources:
                raise PictureError(f"{str(target)!r} is an input and would be replaced; choose -o")
            if place in taken:
                raise PictureError(
                    f"{str(task.source)!r} and {str(taken[place])!r} would both become "
                    f"{str(target)!r}; work on them one after the other, with another -o"
                )
            taken[place] = task.source
