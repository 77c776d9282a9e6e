"""Packed data sets: tar files that hold images and masks one behind the other, and a manifest.

The layout is WebDataset's: members that share all before their first dot belong together, here
`NAME.jpg`, the image, and `NAME.png`, its mask. `manifest.json` beside the tar files lists them with
their pairs, bytes and SHA-256. A set lies in a folder or in an object store, as `s3://shop/people`.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from figureground.errors import DataError, FiguregroundError
from figureground.media.remote import fetch, is_remote, is_there, spell

MANIFEST = "manifest.json"
FORMAT = "figureground shards"
IMAGE, MASK = ".jpg", ".png"
TOLD = 60  # characters of what is wrong: it may quote the file


@dataclass(frozen=True, kw_only=True)
class Shard:
    """One tar file of a packed set, as its manifest lists it."""

    place: Path
    pairs: int
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Shards:
    """A packed set."""

    place: Path
    shards: tuple[Shard, ...]
    sha256: str  # of the manifest

    @property
    def pairs(self) -> int:
        """Pairs in all shards."""
        return sum(shard.pairs for shard in self.shards)


def is_packed(text: str) -> bool:
    """Return whether a name is of a packed set: a folder with its manifest, or a URL."""
    return is_remote(text) or (Path(text) / MANIFEST).is_file()


def open_shards(place: Path) -> Shards:
    """Read the manifest of a packed set.

    Raises:
        DataError: there is none, or it cannot be understood.
    """
    path = place / MANIFEST
    name = repr(spell(path))
    try:
        content = bytes(fetch(path)) if is_remote(path) else path.read_bytes()
        listed = json.loads(content)
        if listed["format"] != FORMAT or listed["version"] != 1:
            raise DataError(f"{name} is of another format or a later version of figureground")
        shards = tuple(_shard(place, row) for row in listed["shards"])
    except (FiguregroundError, OSError) as error:
        raise DataError(f"cannot read the packed set {spell(place)!r}: {error}") from error
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        said = f"{type(error).__name__}: {str(error)[:TOLD]}"
        raise DataError(f"{name} is damaged ({said}); pack the data set again") from error
    if not sum(shard.pairs for shard in shards):
        raise DataError(f"{name} lists no pairs; pack the data set again")
    return Shards(place=place, shards=shards, sha256=hashlib.sha256(content).hexdigest())


def _shard(place: Path, row: Mapping[str, Any]) -> Shard:
    name, pairs, size = str(row["name"]), int(row["pairs"]), int(row["bytes"])
    if Path(name).name != name or pairs < 1 or size < 1:
        raise ValueError(f"an odd shard, {name!r}")
    return Shard(place=place / name, pairs=pairs, size=size, sha256=str(row["sha256"]))


def describe(shards: Shards, seed: int) -> bytes:
    """Spell the manifest of a packed set."""
    rows = [
        {"name": s.place.name, "pairs": s.pairs, "bytes": s.size, "sha256": s.sha256}
        for s in shards.shards
    ]
    whole = {"format": FORMAT, "version": 1, "pairs": shards.pairs, "seed": seed, "shards": rows}
    return (json.dumps(whole, indent=1) + "\n").encode()


class OpenShard:
    """The pairs of one shard, in its order; from a disk they are read when asked for."""

    def __init__(self, shard: Shard) -> None:
        """Check all of it, and find its members.

        Raises:
            DataError: it cannot be read, or is not what was packed.
        """
        self.name = repr(spell(shard.place))
        self._bytes = None if not is_remote(shard.place) else bytes(_fetch(shard.place))
        self._place = shard.place
        try:
            with self._open() as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
                if found != shard.sha256:
                    raise DataError(
                        f"{self.name} is not what was packed: its SHA-256 is {found[:12]}…, not "
                        f"{shard.sha256[:12]}…; pack the data set again, or copy it once more"
                    )
                file.seek(0)
                self._pairs = _index(file)
        except (OSError, tarfile.TarError) as error:
            raise DataError(f"cannot read {self.name}: {error}") from error
        if len(self._pairs) != shard.pairs:
            raise DataError(
                f"{self.name} holds {len(self._pairs)} pairs, not {shard.pairs}; pack it again"
            )

    def read(self, number: int) -> tuple[str, bytes, bytes]:
        """Name, image and mask of a pair, the latter two as files' bytes.

        Raises:
            OSError: the shard cannot be read any more.
        """
        key, spans = self._pairs[number]
        with self._open() as file:
            parts = []
            for first, size in spans:
                file.seek(first)
                parts.append(file.read(size))
        return key, parts[0], parts[1]

    def _open(self) -> Any:
        return self._place.open("rb") if self._bytes is None else io.BytesIO(self._bytes)


def _fetch(place: Path) -> bytes:
    try:
        return fetch(place)
    except FiguregroundError as error:
        raise DataError(str(error)) from error


def _index(file: Any) -> list[tuple[str, list[tuple[int, int]]]]:
    """Keys of a tar file's pairs, with first byte and length of image and mask."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    with tarfile.open(fileobj=file, mode="r:") as archive:
        for member in archive:
            folder, slash, name = member.name.rpartition("/")
            stem, dot, ending = name.partition(".")
            place = (member.offset_data, member.size)
            found.setdefault(folder + slash + stem, {})[dot + ending] = place
    return [
        (key, [parts[IMAGE], parts[MASK]])
        for key, parts in found.items()
        if IMAGE in parts and MASK in parts
    ]


def check_empty(place: Path) -> None:
    """See that there is no packed set at a place. Raises DataError where there is one."""
    if is_there(place / MANIFEST):
        raise DataError(f"there is a packed set in {spell(place)!r} already; give another -o")
