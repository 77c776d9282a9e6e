"""What an exported network says of itself.

A `.tflite` file is a FlatBuffer, which readers enter from its front; a zip archive is read from its
end. The metadata are a zip entry appended to the network, as TensorFlow Lite's own metadata pack
their associated files, of which the labels lie beside it: every reader finds its part.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from figureground.arrays import Size
from figureground.errors import ModelError

ENTRY = "figureground.json"
LABELS = "labels.txt", "person\n"  # named by the standard metadata, which `export_litert` writes
FORMAT = 3
LARGEST = 1 << 20  # bytes that the entry may unpack to
OPTIONAL = {"sha256"}  # fields that files of this format may lack


class ModelMetadata(NamedTuple):
    """What a caller must know to run a network, and where it comes from."""

    preset: str
    size: Size  # rows and columns of the input
    color: str = "RGB"  # order of the input's channels
    low: float = 0.0  # value of black at the input
    high: float = 1.0  # value of white at the input
    sha256: str = ""  # of the file's bytes before the metadata; written by `write_metadata`
    format: int = FORMAT


def write_metadata(path: Path, metadata: ModelMetadata) -> None:
    """Append metadata to an exported network, with its hash."""
    whole = metadata._replace(sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    with zipfile.ZipFile(path, "a") as archive:
        for name, text in ((ENTRY, json.dumps(whole._asdict())), LABELS):
            archive.writestr(zipfile.ZipInfo(name), text)


def read_metadata(path: Path, *, checked: bool = False) -> ModelMetadata:
    """The metadata of an exported network.

    checked: the file is known to be whole, and needs no hash.
    Raises:
        ModelError: the file has none, or some that this version does not understand, or its network
            is not the one that they were written for.
    """
    values, start = _read(path)
    try:
        metadata = _metadata_of(values)
    except (TypeError, ValueError, KeyError) as error:
        raise ModelError(
            f"the metadata of {str(path)!r} make no sense; it is damaged, export it again"
        ) from error
    if metadata.sha256 and not checked and metadata.sha256 != _hash(path, start):
        raise ModelError(
            f"the network {str(path)!r} is not the one that was exported (its hash differs); it is "
            "damaged, export or copy it again"
        )
    return metadata


def is_intact(path: Path) -> bool:
    """Return whether a network is an exported one whose hash its metadata hold."""
    if path.is_dir():
        return _is_intact_folder(path)
    if path.suffix.lower() != ".tflite":
        return False
    try:
        return bool(read_metadata(path).sha256)
    except ModelError:
        return False


def write_folder_metadata(folder: Path, told: dict[str, Any]) -> None:
    """Put what is to be told of a SavedModel beside it, with its hash."""
    text = json.dumps({**told, "sha256": _hash_folder(folder)})
    (folder / ENTRY).write_text(text, encoding="utf-8")


def _is_intact_folder(folder: Path) -> bool:
    try:
        told = json.loads((folder / ENTRY).read_bytes()[:LARGEST])
        return bool(told["sha256"] == _hash_folder(folder))
    except (OSError, ValueError, TypeError, KeyError):
        return False


def _hash_folder(folder: Path) -> str:
    """SHA-256 of the names and contents of all files of a folder but the metadata."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / ENTRY:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            whole.update(f"{digest}  {path.relative_to(folder).as_posix()}\n".encode())
    return whole.hexdigest()


def _read(path: Path) -> tuple[dict[str, Any], int]:
    """The entry's values, and at which byte the network ends."""
    with _refusing(path), zipfile.ZipFile(path) as archive:
        entry = archive.getinfo(ENTRY)
        start = min(other.header_offset for other in archive.infolist())
        with archive.open(entry) as file:
            text = file.read(LARGEST + 1)
        if len(text) > LARGEST:
            raise ValueError(f"{len(text)} bytes or more")
        values = json.loads(text)
    if not isinstance(values, dict):
        values = {}
    names = set(ModelMetadata._fields)
    if values.get("format") != FORMAT or not names - OPTIONAL <= set(values) <= names:
        raise ModelError(
            f"{str(path)!r} was exported by another version of figureground (format "
            f"{str(values.get('format'))[:40]}, this one reads {FORMAT}); export it again"
        )
    return values, start


@contextmanager
def _refusing(path: Path) -> Iterator[None]:
    """Turn what a file without metadata raises into a ModelError."""
    try:
        yield
    except (OSError, LookupError, ValueError, RuntimeError, EOFError, NotImplementedError,
            zipfile.BadZipFile, zlib.error) as error:  # fmt: skip
        raise ModelError(
            f"{str(path)!r} is not a network that figureground exported: it carries no metadata; "
            "make one with `figureground export RUN`"
        ) from error


def _metadata_of(values: dict[str, Any]) -> ModelMetadata:
    """Checked values. Raises TypeError or ValueError where they make no sense."""
    rows, columns = values["size"]
    texts = [values["preset"], values["color"], values.get("sha256", "")]
    if min(int(rows), int(columns)) < 1:
        raise ValueError("sizes are above 0")
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("names are texts")
    return ModelMetadata(**{**values, "size": (int(rows), int(columns))})


def _hash(path: Path, end: int) -> str:
    """SHA-256 of a file's bytes up to one of them."""
    with path.open("rb") as file:
        return hashlib.sha256(file.read(end)).hexdigest()
