"""A network that ships, as somebody else's who says less of it."""

import json
import zipfile
from pathlib import Path

from figureground.models.metadata import ENTRY
from figureground.models.shipped import find_model


def bare(path: Path) -> bytes:
    """A shipped network without its metadata."""
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return data[: archive.getinfo(ENTRY).header_offset]


def foreign(path: Path, **changes: object) -> Path:
    """A copy of a shipped network whose metadata hold no hash."""
    known = find_model("lite-int8")
    with zipfile.ZipFile(known) as archive:
        values = json.loads(archive.read(ENTRY))
    del values["sha256"]
    values |= changes
    path.write_bytes(bare(known))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(ENTRY, json.dumps(values))
    return path
