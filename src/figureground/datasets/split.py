"""Split pairs into training and validation, the same way each time.

The split hashes names, so it hardly changes as a set grows: validation pairs stay in validation,
but for near duplicates of training pairs, which always go to one part together.
"""

import hashlib
import os
import re
import shutil
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path

from figureground.datasets.near_duplicates import NearDuplicate, join
from figureground.datasets.pairs import Pair
from figureground.errors import DataError
from figureground.media.atomic import atomic


def split_pairs(
    pairs: Sequence[Pair],
    alike: Iterable[NearDuplicate] = (),
    *,
    share: float,
    seed: int,
    group: str | None = None,
) -> tuple[list[Pair], list[Pair]]:
    """Pairs to train on, and a share of them to be judged by, both sorted by name.

    Which go where follows from names, likeness and seed, not from folders or the order given. The
    share is reached as nearly as whole groups allow, and never exceeded unless it is
    less than one pair.

    Args:
        pairs: with different names.
        alike: which of them, by position, must stay together.
        share: above 0 and below 1.
        seed: another one gives another split.
        group: a regular expression; pairs whose names have the same match, or the same first group
            of it in parentheses, stay together.
    Raises:
        DataError: the expression is none or fits no name, or the groups are too large to part.
    """
    numbers = sorted(range(len(pairs)), key=lambda number: pairs[number].name)
    place = {number: position for position, number in enumerate(numbers)}
    ordered = [pairs[number] for number in numbers]
    ties = [(place[tie.first], place[tie.second]) for tie in alike]
    keys = _keys([pair.name for pair in ordered], group)
    groups = join(keys, ties)
    members: dict[int, list[int]] = {}
    for position, lowest in enumerate(groups):
        members.setdefault(lowest, []).append(position)
    rest = min(max(1, round(len(pairs) * share)), len(pairs) - 1)
    held: set[int] = set()

    def rank(head: int) -> bytes:
        key = keys[head]
        return _rank(key if isinstance(key, str) else ordered[head].name, seed)

    for head in sorted(members, key=rank):
        chosen = members[head]
        if len(chosen) <= rest:
            held.update(chosen)
            rest -= len(chosen)
    if not held or len(held) == len(pairs):
        raise DataError(
            f"{len(pairs)} pairs in {len(members)} groups cannot be parted at {share:.0%}; "
            "add images, or change --share or --group"
        )
    return (
        [pair for position, pair in enumerate(ordered) if position not in held],
        [ordered[position] for position in sorted(held)],
    )


def _rank(name: str, seed: int) -> bytes:
    """Return where a name stands in an order that looks random; it follows from the name and the seed."""
    return hashlib.sha256(f"{seed}/{name}".encode(errors="surrogatepass")).digest()


def _keys(names: Sequence[str], group: str | None) -> list[Hashable]:
    """Return the part of each name that its group shares; a name that does not match is alone."""
    if group is None:
        return list(range(len(names)))
    try:
        pattern = re.compile(group)
    except re.error as error:
        raise DataError(f"--group {group!r} is no regular expression: {error}") from error
    matches = [pattern.search(name) for name in names]
    if not any(matches):
        raise DataError(f"--group {group!r} fits no name; the first is {names[0]!r}")
    return [
        match[1 if pattern.groups else 0] if match else number
        for number, match in enumerate(matches)
    ]


def lay_out(parts: Mapping[Path, Iterable[Pair]], *, link: bool) -> None:
    """Copy pairs to `images` and `masks` in a folder for each part, or link to them.

    What is there stays, so that a split that was stopped can be gone on with.

    Raises:
        DataError: a folder holds what this split does not put there, such as an older split.
        FileError: a file cannot be written.
    """
    files = {
        folder / room / f"{pair.name}{source.suffix}": source
        for folder, pairs in parts.items()
        for pair in pairs
        for room, source in (("images", pair.image), ("masks", pair.mask))
    }
    for place in (folder / room for folder in parts for room in ("images", "masks")):
        for path in place.rglob("*"):
            if path not in files and path.is_file() and not path.name.startswith("."):
                raise DataError(
                    f"{str(path)!r} is of another split or set, and would be mixed with this one; "
                    "give another folder"
                )
    for target, source in files.items():
        if not target.exists():
            with atomic(target) as part:
                (_link if link else shutil.copyfile)(source, part)


def _link(source: Path, target: Path) -> None:
    target.symlink_to(os.path.realpath(source))
