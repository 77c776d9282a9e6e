"""Where files really are: each folder is resolved and listed once, not each file."""

import errno
import os


class Places:
    """Real paths of files, and what lies in their folders, as it was when they were first asked for.

    A path is a text, spelt as `pathlib` does.
    """

    def __init__(self) -> None:
        self._real: dict[str, str] = {}  # by folder
        self._names: dict[str, dict[str, bool] | None] = {}
        self._folded: dict[str, set[str]] = {}

    def folder(self, folder: str) -> str:
        """The real path of a folder, with a separator at its end."""
        real = self._real.get(folder)
        if real is None:
            real = self._real[folder] = os.path.join(os.path.realpath(folder or os.curdir), "")
        return real

    def real(self, path: str, *, link: bool | None = None) -> str:
        """The real path of a file.

        link: whether it is a symbolic link; None where nobody has looked yet.
        """
        folder, _, name = path.rpartition(os.sep)
        if name in ("", os.curdir, os.pardir) or not (folder or name == path):
            return os.path.realpath(path)
        if link is None:
            link = os.path.islink(path)
        return os.path.realpath(path) if link else self.folder(folder) + name

    def names(self, folder: str) -> dict[str, bool] | None:
        """What lies in a folder, and whether it is a link; None where it cannot be listed."""
        if folder not in self._names:
            self._names[folder] = _list(folder)
        return self._names[folder]

    def may_hold(self, folder: str, name: str) -> bool:
        """Return whether a folder may hold a file of that name, in whatever case and Unicode form."""
        there = self.names(folder)
        if there is None or name in there:
            return True
        if folder not in self._folded:
            self._folded[folder] = set(map(_fold, there))
        return _fold(name) in self._folded[folder]


def scan(folder: str) -> tuple[list[tuple[str, bool]], list[str]]:
    """The files of a folder, each with whether it is a link, and the folders that are not hidden.

    Raises OSError where it cannot be searched.
    """
    files, folders = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith("."):
                    folders.append(entry.name)
            elif not entry.is_symlink():
                if entry.is_file(follow_symlinks=False):
                    files.append((entry.name, False))
            elif os.path.isfile(entry.path):
                files.append((entry.name, True))
    if not os.access(folder, os.X_OK):  # their names can be read, and nothing else
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), folder)
    return sorted(files), sorted(folders)


def _list(folder: str) -> dict[str, bool] | None:
    try:
        with os.scandir(folder or os.curdir) as entries:
            return {entry.name: entry.is_symlink() for entry in entries}
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError:
        return None


def _fold(name: str) -> str:
    if name.isascii():
        return name.lower()
    from unicodedata import normalize

    return normalize("NFC", name).casefold()


def prefix(folder: str) -> str:
    """What the paths of a folder's files begin with."""
    if folder in ("", os.curdir):
        return ""
    return folder if folder.endswith(os.sep) else folder + os.sep


def split_name(name: str) -> tuple[str, str]:
    """A file's name as stem and ending, as `pathlib` does."""
    dot = name.rfind(".")
    return (name[:dot], name[dot:]) if 0 < dot < len(name) - 1 else (name, "")
