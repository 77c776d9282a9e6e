"""What results are called, and that none replaces another or what it was made from."""

import os
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from stat import S_ISREG
from typing import NamedTuple, Protocol, overload

from figureground.errors import UsageError
from figureground.media.format_row import IMAGE
from figureground.media.formats import endings_of
from figureground.media.name_pattern import names_by
from figureground.media.places import Places, prefix, split_name
from figureground.media.remote import is_remote
from figureground.media.walk import Found

Identity = tuple[int, int]  # of a file: its device, and its number there


class Task(NamedTuple):
    """One image, or video, and where its results go."""

    source: Path
    targets: dict[str, Path]  # by kind of output


class Sourced(Protocol):
    """Whatever has a source and results, by kind."""

    @property
    def source(self) -> Path:
        """What it is made of."""
        ...

    @property
    def targets(self) -> dict[str, Path]:
        """Where its results go."""
        ...


class Tasks(Sequence[Task]):
    """Tasks, each made when it is asked for: of ten thousand, the first is there at once."""

    def __init__(self, sources: Sequence[str], targets: Mapping[str, Sequence[str]]) -> None:
        """Take the paths of the sources and, by kind, those of their results."""
        self._sources, self._targets = sources, targets

    def __len__(self) -> int:
        return len(self._sources)

    @property
    def folders(self) -> set[str]:
        """The folders of the results."""
        return {path.rpartition(os.sep)[0] for paths in self._targets.values() for path in paths}

    @overload
    def __getitem__(self, at: int) -> Task: ...
    @overload
    def __getitem__(self, at: slice) -> "Tasks": ...
    def __getitem__(self, at: int | slice) -> "Task | Tasks":
        targets = self._targets.items()
        if isinstance(at, slice):
            return Tasks(self._sources[at], {kind: paths[at] for kind, paths in targets})
        return Task(
            source=Path(self._sources[at]),
            targets={kind: Path(paths[at]) for kind, paths in targets},
        )


def plan(
    images: Sequence[Found],
    *,
    out: Path | None,
    suffixes: dict[str, str],
    kept: Iterable[Path] = (),
    names: Mapping[str, Sequence[str]] | None = None,
    pattern: str | None = None,
) -> Tasks:
    """Name the results: `photo.jpg` becomes `photo.cutout.png`, beside it or mirrored below `out`.

    Images that share a name but for their endings keep these: beside `a.png`, `a.jpg` becomes
    `a.jpg.cutout.png`, whether both are worked on or one.

    Args:
        images: what was found.
        out: the folder for all results; None for each beside its image.
        suffixes: ending of each kind of output, such as {"cutout": ".png"}.
        kept: other files that no result may replace.
        names: of all files in folders that were walked.
        pattern: names them in another way, see `media.name_pattern`.
    Raises:
        UsageError: two results would still have one name, or a result would replace an image.
    """
    if pattern is not None:
        bases = bases_of(images, out)
        targets = {
            kind: names_by(pattern, bases, kind=kind, ending=suffix.removeprefix("."))
            for kind, suffix in suffixes.items()
        }
    else:
        named = [*images, *beside(images, endings_of(IMAGE), names or {})]
        bases = bases_of(named, out)
        stems = stems_of(bases)[: len(images)]
        starts = [folder + stem for (folder, _), stem in zip(bases, stems, strict=False)]
        targets = {kind: [f"{one}.{kind}{end}" for one in starts] for kind, end in suffixes.items()}
    _check(images, list(targets.values()), kept)
    return Tasks([found.text for found in images], targets)


def bases_of(named: Iterable[Found], out: Path | None) -> list[tuple[str, str]]:
    """The folder of each result, with a separator at its end, and the name it is made of."""
    start = prefix(str(out))
    paths = [found.text if out is None else start + found.inside for found in named]
    cuts = [path.rfind(os.sep) + 1 for path in paths]
    return [(path[:cut], path[cut:]) for path, cut in zip(paths, cuts, strict=True)]


def beside(
    asked: Sequence[Found], endings: Collection[str], names: Mapping[str, Sequence[str]]
) -> list[Found]:
    """Files of these endings in the same folders that nobody asked for, but that share a name.

    names: of all files in folders that were walked; others are listed.
    """
    paths, places = {found.text for found in asked}, Places()
    roots = {found.text.rpartition(os.sep)[0]: found.root for found in asked}
    others = []
    for folder, root in roots.items():
        start = prefix(folder)
        there = names.get(folder or os.curdir) or (not is_remote(root) and places.names(folder))
        unasked = [name for name in there or () if start + name not in paths]
        if unasked:
            stems = {_stem(path).casefold() for path in paths if path.startswith(start)}
            others += [
                Found(start + name, root)
                for name in unasked
                if split_name(name)[1].lower() in endings
                and split_name(name)[0].casefold() in stems
            ]
    return others


def _stem(path: str) -> str:
    return split_name(path[path.rfind(os.sep) + 1 :])[0]


def stems_of(bases: Sequence[tuple[str, str]], endings: Sequence[str] | None = None) -> list[str]:
    """Names without their endings, or with them where else two results would be one.

    Upper and lower case count as one, as for the file systems of macOS and Windows. Keeping an
    ending can itself make two names one (`a.jpg`, `a.png` and `a.jpg.webp`), hence the repetition.

    Args:
        bases: what results are named after: folder and name.
        endings: of the results, where they differ.
    """
    ends = endings or [""] * len(bases)
    stems = [split_name(name)[0] for _, name in bases]
    while True:
        keys = [
            folder + f"{stem}{end}".casefold()
            for (folder, _), stem, end in zip(bases, stems, ends, strict=True)
        ]
        shared = Counter(keys)
        if len(shared) == len(keys):
            return stems
        kept = [
            name if shared[key] > 1 else stem
            for (_, name), stem, key in zip(bases, stems, keys, strict=True)
        ]
        if kept == stems:
            return stems
        stems = kept


def check_targets(tasks: Sequence[Sourced], kept: Iterable[Path] = ()) -> None:
    """See that nothing is written twice, and that no input and no file of `kept` is replaced.

    Standard input is an input, too, where the shell reads a file into it.

    Raises:
        UsageError: it would be.
    """
    sources = [Found(str(task.source), "") for task in tasks for _ in task.targets]
    targets = [str(target) for task in tasks for target in task.targets.values()]
    _check(sources, [targets], kept)


def _check(
    sources: Sequence[Found], targets: Sequence[Sequence[str]], kept: Iterable[Path]
) -> None:
    """As `check_targets`: each list of targets holds one of each source."""
    places = Places()
    inputs = [*sources, *(Found(str(path), "") for path in kept)]
    real = {places.real(found.text, link=found.link) for found in inputs}
    on_disk: set[Identity] | None = None
    taken: dict[str, str] = {}
    for paths in targets:
        for found, target in zip(sources, paths, strict=True):
            place, identity = _look_at(target, places)
            if identity and on_disk is None:
                on_disk = _standard_input().union(filter(None, map(_identity, inputs)))
            if place in real or (on_disk and identity in on_disk):
                raise UsageError(f"{target!r} is an input and would be replaced; choose -o")
            if place in taken:
                raise UsageError(
                    f"{found.text!r} and {taken[place]!r} would both become "
                    f"{target!r}; work on them one after the other, with another -o"
                )
            taken[place] = found.text


def _look_at(target: str, places: Places) -> tuple[str, Identity | None]:
    """Where a result will really be, and what tells the file that is there from all others.

    The latter sees through hard links and file systems that pass over upper and lower case.
    """
    folder, _, name = target.rpartition(os.sep)
    if not places.may_hold(folder, name):
        return places.real(target, link=False), None
    place = places.real(target)
    try:
        status = os.stat(place)
    except OSError:
        return place, None
    return place, (status.st_dev, status.st_ino)


def _identity(found: Found) -> Identity | None:
    try:
        status = os.stat(found.text)
    except OSError:
        return None
    return (status.st_dev, status.st_ino)


def _standard_input() -> set[Identity]:
    """Return the identity of the file that the shell reads into standard input; none where there is none."""
    try:
        status = os.fstat(0)
    except OSError:  # closed
        return set()
    return {(status.st_dev, status.st_ino)} if S_ISREG(status.st_mode) else set()
