"""An advisory lock, so that two processes do not write into one place at once."""

import errno
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from figureground.errors import FiguregroundError, FileError
from figureground.media.atomic import check_own, telling

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

FOLDER_LOCK = ".figureground.lock"
TAKEN = {errno.EAGAIN, errno.EACCES, errno.EDEADLK}
UNKNOWN = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP}  # network drives that know no locks
BEYOND = 1 << 30  # the byte that Windows locks: what is locked there cannot be read by others
LONGEST = 400  # bytes that are read of who holds a lock


@contextmanager
def locked(path: Path, error: type[FiguregroundError] = FileError) -> Iterator[None]:
    """Hold a lock on a folder, or on a file that is there or not, for as long as a block lasts.

    The system gives a lock back when its process ends, however it ends, so what a killed process
    leaves is no lock. A file beside `path`, hidden and removed afterwards, carries it and says who
    holds it; `path` itself is not touched. It binds those who ask for it, threads of one process
    too. Drives that know no locks give all who ask what they want.

    Args:
        path: a folder that is there, else a file, whose folder is there or made.
        error: what is raised where the lock cannot be written.
    Raises:
        FileError: another process holds it, which is named.
        `error`: the lock cannot be written.
    """
    place = lock_file(path)
    with telling(path, error):
        place.parent.mkdir(parents=True, exist_ok=True)
        file = _take(place, path)
    try:
        yield
    finally:
        _give_back(file, place)


def lock_file(path: Path) -> Path:
    """Return the file that carries the lock of a folder or a file."""
    if os.path.isdir(path):
        return path / FOLDER_LOCK
    name = os.fsencode(path.name)  # the name itself, with more around it, might be too long
    return path.with_name(f".figureground-{zlib.crc32(name):08x}.lock")


def _take(place: Path, path: Path) -> int:
    """Open the file of a lock, locked. Raises FileError where another process has it."""
    while True:
        check_own(place)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        file = os.open(place, flags, 0o666)
        try:
            if not _lock(file):
                raise FileError(
                    f"{str(path)!r} is in use by {_holder(file)}; wait until that is done, or end it"
                )
            if _is_still(file, place):  # nobody removed it in between
                os.truncate(file, 0)
                os.write(file, f"{os.getpid()} {_host()}\n".encode())
                return file
        except BaseException:
            os.close(file)
            raise
        os.close(file)


def _lock(file: int) -> bool:
    """Lock an open file, if nobody else has."""
    try:
        if sys.platform == "win32":
            os.lseek(file, BEYOND, os.SEEK_SET)
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
            os.lseek(file, 0, os.SEEK_SET)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in TAKEN:
            return False
        if error.errno not in UNKNOWN:
            raise
    return True


def _is_still(file: int, place: Path) -> bool:
    """Return whether an open file still has its name."""
    try:
        return os.path.samestat(os.fstat(file), place.lstat())
    except FileNotFoundError:
        return False


def _holder(file: int) -> str:
    """Say who holds a lock, as its file tells."""
    os.lseek(file, 0, os.SEEK_SET)
    process, _, host = os.read(file, LONGEST).decode("utf-8", "replace").strip().partition(" ")
    if not process.isdecimal():  # it has not been written yet
        return "another process"
    if int(process) == os.getpid() and host == _host():
        return "another job of this process"
    return f"process {process} on {host[:64]!r}"


def _host() -> str:
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")


def _give_back(file: int, place: Path) -> None:
    """Remove the file of a lock while it is still locked; Windows removes no open files."""
    with suppress(OSError):
        if os.name != "nt":
            place.unlink()
    os.close(file)
    with suppress(OSError):
        if os.name == "nt":
            place.unlink()
