"""Files appear whole or not at all."""

import errno
import os
import re
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from figureground.errors import PictureError

REMEDIES = {
    errno.ENOSPC: "free some space, or choose another place",
    errno.EDQUOT: "free some space, or choose another place",
    errno.EACCES: "allow writing there, or choose another place",
    errno.EPERM: "allow writing there, or choose another place",
    errno.ENAMETOOLONG: "choose a shorter name",
}


UNFINISHED = re.compile(r"\.[0-9a-f]{8}-([0-9a-f]+)-(\d+)\.unfinished(\.\w+)?")


def _machine() -> str:
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    return f"{zlib.crc32(name.encode()):x}"


def sweep(folder: Path) -> int:
    """Remove what killed processes of this machine left unfinished in a folder; returns how many.

    Files of living processes and of other machines that share the folder stay.
    """
    removed = 0
    with suppress(OSError):
        for path in folder.iterdir():
            match = UNFINISHED.fullmatch(path.name)
            if match and match[1] == _machine() and not _lives(int(match[2])):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                removed += 1
    return removed


def _lives(process: int) -> bool:
    if os.name == "nt":
        return True  # signal 0 would end it there
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then give it its name.

    Whatever stops it, no half-written file stays and what was there before remains: an error or
    Ctrl-C removes the temporary file, and a killed process leaves it under a hidden name that
    nothing mistakes for a result and `sweep` removes. Missing folders are made; a symbolic link is
    followed.

    Raises:
        PictureError: the folder cannot be made, or the file cannot be written.
    """
    with telling(path):
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "a folder of that name is in the way")
        temporary = target.with_name(unfinished(target.suffix))
        try:
            write(temporary)
            temporary.replace(target)
        finally:
            with suppress(OSError):
                temporary.unlink()


def unfinished(suffix: str) -> str:
    """A name for what is not whole yet, whose ending stays, for writers that go by it."""
    return f".{os.urandom(4).hex()}-{_machine()}-{os.getpid()}.unfinished{suffix}"


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turn what fails while `path` is written into a line about it.

    Raises:
        PictureError: an OSError came.
    """
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = REMEDIES.get(error.errno or 0, "choose another place")
        raise PictureError(f"cannot write {str(path)!r}: {reason}; {remedy}") from error
