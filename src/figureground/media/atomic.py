"""Files appear whole or not at all."""

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from figureground.errors import PictureError

REMEDIES = {
    errno.ENOSPC: "free some space, or choose another place",
    errno.EDQUOT: "free some space, or choose another place",
    errno.EACCES: "allow writing there, or choose another place",
    errno.EPERM: "allow writing there, or choose another place",
    errno.ENAMETOOLONG: "choose a shorter name",
}


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then give it its name.

    Whatever stops it, no half-written file stays and what was there before remains: an error or
    Ctrl-C removes the temporary file, and a killed process leaves it under a hidden name that
    nothing mistakes for a result. Missing folders are made; a symbolic link is followed.

    Raises:
        PictureError: the folder cannot be made, or the file cannot be written.
    """
    try:
        target = Path(os.path.realpath(path))
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "a folder of that name is in the way")
        # The ending stays, for writers that go by it.
        temporary = target.with_name(f".{os.urandom(8).hex()}.unfinished{target.suffix}")
        try:
            write(temporary)
            temporary.replace(target)
        finally:
            with suppress(OSError):
                temporary.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = REMEDIES.get(error.errno or 0, "choose another place")
        raise PictureError(f"cannot write {str(path)!r}: {reason}; {remedy}") from error
