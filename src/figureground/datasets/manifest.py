"""Manifests: pairs listed in a file, for data that lies elsewhere than in `images/` and `masks/`.

A CSV file has a heading with the columns `image` and `mask`; a JSON-lines file has an object a line
with those two keys. Other columns and keys are passed over. Paths are relative to the manifest.
"""

import csv
import json
import os
import reprlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from figureground.errors import DataError, UsageError
from figureground.media.atomic import atomic
from figureground.media.paths import why_no_name

MANIFESTS = (".csv", ".jsonl")
IMAGE, MASK = "image", "mask"


def read_manifest(path: Path) -> list[tuple[Path, Path]]:
    """Paths of images and masks, in the file's order.

    Raises:
        DataError: the file cannot be read, a line has no image or no mask, or there are no lines.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read the manifest {str(path)!r}: {error}") from error
    rows = _csv_rows(text) if path.suffix.lower() == ".csv" else _json_rows(text, path)
    pairs = []
    for number, row in _readable(rows, path):
        names = [row.get(IMAGE), row.get(MASK)]
        if not all(isinstance(name, str) and name for name in names):
            raise DataError(
                f"{str(path)!r}, line {number}: it must name an {IMAGE} and a {MASK}{_heading(row)}"
            )
        if why := why_no_name(str(names[0])) or why_no_name(str(names[1])):
            raise DataError(f"{str(path)!r}, line {number}: a name {why}")
        image, mask = (_place(path.parent / str(name)) for name in names)
        pairs.append((image, mask))
    if not pairs:
        raise DataError(f"the manifest {str(path)!r} lists no pairs")
    return pairs


def _readable(
    rows: Iterator[tuple[int, dict[str, Any]]], path: Path
) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        yield from rows
    except csv.Error as error:
        raise DataError(f"cannot read the manifest {str(path)!r}: {error}") from error


def check_manifest(path: Path) -> None:
    """See that a manifest can be written to a path. Raises UsageError where its ending is none."""
    if path.suffix.lower() not in MANIFESTS:
        raise UsageError(
            f"cannot write {str(path)!r}: a manifest's name ends in {' or '.join(MANIFESTS)}"
        )


def write_manifest(pairs: Iterable[tuple[Path, Path]], path: Path) -> None:
    """Write a manifest of the kind its ending says; paths are made relative where they can be.

    Raises:
        UsageError: the ending is no manifest's.
        DataError: a CSV file cannot spell a name.
        FileError: it cannot be written.
    """
    check_manifest(path)
    rows = [[_relative(part, path.parent) for part in pair] for pair in pairs]

    try:
        with atomic(path) as part, part.open("w", newline="", encoding="utf-8") as file:
            if path.suffix.lower() == ".csv":
                csv.writer(file).writerows([[IMAGE, MASK], *rows])
            else:
                file.writelines(
                    json.dumps({IMAGE: image, MASK: mask}) + "\n" for image, mask in rows
                )
    except UnicodeEncodeError as error:
        raise DataError(
            f"cannot write {str(path)!r}: a name is no UTF-8, {error.object!r}; rename the file, "
            "or write a .jsonl"
        ) from error


def _place(path: Path) -> Path:
    """Without `..`, so that one file has one path, whoever names it."""
    return Path(os.path.normpath(path))


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:  # another drive of Windows
        return str(path.absolute())


def _heading(row: dict[str, Any]) -> str:
    missing = [name for name in (IMAGE, MASK) if name not in row]
    columns = reprlib.repr(sorted(map(str, row)))  # a damaged file's names have no end
    return f"; there is no {' and no '.join(missing)} in {columns}" if missing else ""


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    table = csv.DictReader(text.splitlines())
    for row in table:
        yield table.line_num, {str(name).strip(): value for name, value in row.items()}


def _json_rows(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{str(path)!r}, line {number} is no JSON: {error}") from error
        yield number, row if isinstance(row, dict) else {}
