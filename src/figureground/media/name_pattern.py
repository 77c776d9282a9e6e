"""Names of results by a pattern, such as '{stem}.jpg'."""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from figureground.errors import UsageError
from figureground.media.places import split_name

Part = tuple[str, str | None, str | None, str | None]
FIELDS = ("stem", "kind", "number", "ending")
WIDTH = re.compile(r"0?[1-9]?\d")  # of a number: 04 is four digits


def check_pattern(pattern: str) -> None:
    """See that a pattern names files. Raises UsageError, which names the fields."""
    try:
        parts = list(_parse(pattern))
    except ValueError as error:
        raise _odd(pattern, f"{error}; a brace itself is written twice") from error
    for _, name, width, conversion in parts:
        if name is not None and name not in FIELDS:
            raise _odd(pattern, f"there is no field {{{name}}}")
        if conversion or (width and not (name == "number" and WIDTH.fullmatch(width))):
            raise _odd(pattern, "only a number has a width: {number:04}")
    text = "".join(literal for literal, *_ in parts)
    if any(mark in text for mark in ("/", "\\", "\0", os.sep)):
        raise _odd(pattern, "it is a name, not a path; -o names the folder")
    if not split_name(str(sample(pattern)))[1]:
        raise _odd(pattern, "it ends in no format, as .jpg or .{ending}")


def _odd(pattern: str, why: str) -> UsageError:
    fields = ", ".join(f"{{{name}}}" for name in FIELDS)
    return UsageError(f"cannot name results {pattern!r}: {why}; fields are {fields}")


def _parse(pattern: str) -> "Iterable[Part]":
    """The text before each field, its name, width and conversion."""
    from string import Formatter  # seldom needed

    return Formatter().parse(pattern)


def has_field(pattern: str, field: str) -> bool:
    """Return whether a pattern holds a field."""
    return any(name == field for _, name, _, _ in _parse(pattern))


def sample(pattern: str, *, kind: str = "cutout", ending: str = "png") -> Path:
    """What the first result could be called."""
    return Path(name_by(pattern, stem="photo", kind=kind, number=1, ending=ending))


def name_by(pattern: str, *, stem: str, kind: str, number: int, ending: str) -> str:
    """The name of a result.

    Args:
        pattern: as checked.
        stem: the source's name without its ending.
        kind: of output.
        number: of the source among all, from 1.
        ending: of the format, without a dot.
    """
    return pattern.format(stem=stem, kind=kind, number=number, ending=ending)


def names_by(
    pattern: str, bases: Sequence[tuple[str, str]], *, kind: str, ending: str, first: int = 1
) -> list[str]:
    """The paths of results of one kind.

    Args:
        pattern: as checked.
        bases: the folder of each, with a separator at its end, and the name it is made of.
        kind: of output.
        ending: of the format, without a dot.
        first: number of the first source.
    """
    return [
        folder + name_by(pattern, stem=split_name(name)[0], kind=kind, number=number, ending=ending)
        for number, (folder, name) in enumerate(bases, first)
    ]
