"""Find files that are named in another way than they are stored: Unicode forms, other folders."""

import os
import unicodedata
from collections.abc import Sequence
from pathlib import Path

DEEPEST = 64  # folders of a path that are looked at


class StoredNames:
    """Finds files by names that differ from the stored ones in their Unicode form alone.

    macOS writes `é` as `e` and an accent (NFD), Windows, Linux and most programs as one character
    (NFC); to most file systems these are two names.
    """

    def __init__(self) -> None:
        self._folders: dict[Path, dict[str, str]] = {}

    def find(self, path: Path) -> Path:
        """A path as it is stored; itself where there is no such file."""
        if str(path).isascii() or os.path.exists(path):
            return path
        here = Path(path.anchor)
        for part in path.relative_to(path.anchor).parts:
            stored = here / part
            if part != ".." and not os.path.exists(stored):
                name = self._names(here).get(unicodedata.normalize("NFC", part))
                if name is None:
                    return path
                stored = here / name
            here = stored
        return here

    def _names(self, folder: Path) -> dict[str, str]:
        if folder not in self._folders:
            try:
                names = sorted(entry.name for entry in folder.iterdir())
            except (OSError, ValueError):
                names = []
            self._folders[folder] = {unicodedata.normalize("NFC", name): name for name in names}
        return self._folders[folder]


class Locator:
    """Finds images below some folders by paths of another machine."""

    def __init__(self, places: Sequence[Path]) -> None:
        self._places = places
        self._stored = StoredNames()

    def find(self, path: str) -> tuple[Path, str] | None:
        """The file, and as much of its path as led to it; None where there is none.

        The whole path is tried in each folder, then ever less of its beginning; what stands before
        a `..` or names a drive is left out, and `\\` parts folders as `/` does.
        """
        parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
        if ".." in parts:
            parts = parts[len(parts) - parts[::-1].index("..") :]
        if parts and parts[0].endswith(":"):
            del parts[0]
        for first in range(max(0, len(parts) - DEEPEST), len(parts)):
            below = "/".join(parts[first:])
            for place in self._places:
                stored = self._stored.find(place / below)
                if os.path.isfile(stored):
                    return stored, below
        return None
