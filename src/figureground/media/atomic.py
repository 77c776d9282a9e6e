"""Files appear whole or not at all."""

import errno
import os
import re
import stat
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from figureground.errors import FiguregroundError, FileError

REMEDIES = {
    errno.ENOSPC: "free some space, or choose another place",
    errno.EDQUOT: "free some space, or choose another place",
    errno.EACCES: "allow writing there, or choose another place",
    errno.EPERM: "allow writing there, or choose another place",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.ENXIO: "start what reads it first, or choose another place",
}


FULL = os.strerror(errno.ENOSPC)
PATIENCE = 10.0  # seconds that a pipe may take to be read from
UNFINISHED = re.compile(r"\.[0-9a-f]{8}-([0-9a-f]+)-(\d+)\.unfinished(\.\w+)?")


def process_name() -> str:
    """What tells this process from all others, and those of machines that share a folder with it."""
    return f"{_machine()}-{os.getpid()}"


def has_died(process: str) -> bool:
    """Return whether a process of this machine, by its `process_name`, is there no more."""
    machine, _, number = process.partition("-")
    return machine == _machine() and number.isdecimal() and not _lives(int(number))


def _machine() -> str:
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    return f"{zlib.crc32(name.encode()):x}"


def sweep(folder: Path) -> int:
    """Remove what killed processes of this machine left unfinished in a folder; returns how many.

    Files of living processes and of other machines that share the folder stay.
    """
    import shutil

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


@contextmanager
def atomic(path: Path, *, error: type[FiguregroundError] = FileError) -> Iterator[Path]:
    """Give a temporary file beside `path` to fill, and that name once the block has ended.

    Whatever stops it, no half-written file stays and what was there before remains: an error or
    Ctrl-C removes the temporary file, and a killed process leaves it under a hidden name that
    nothing mistakes for a result and `sweep` removes. Missing folders are made; a symbolic link is
    followed. A pipe or a character device, such as /dev/null, is written into once all is there.

    Args:
        path: where to.
        error: what is raised.
    Raises:
        `error`: the folder cannot be made, the file cannot be written, or it is a socket or a disk.

    Example:
        >>> path = Path(tempfile.mkdtemp(), "notes", "today.txt")
        >>> with atomic(path) as part:
        ...     _ = part.write_text("whole")
        >>> path.read_text()
        'whole'
    """
    with telling(path, error):
        if _is_special(path):
            with _poured_into(path) as part, naming(path, part):
                yield part
            return
        target = Path(os.path.realpath(path))
        if target.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "a folder of that name is in the way")
        temporary = target.with_name(unfinished(path.suffix))  # a link's is what counts
        try:
            with naming(path, temporary):
                yield temporary
            temporary.replace(target)
        finally:
            with suppress(OSError):
                temporary.unlink()


def _is_special(path: Path) -> bool:
    """Return whether a path is there and neither a file nor a folder; links are followed.

    Raises OSError where nothing can be written into it.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return False
    if not (stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)):
        raise OSError(errno.EINVAL, "it is a socket or a disk, not a file")
    return True


@contextmanager
def _poured_into(path: Path) -> Iterator[Path]:
    """Give a temporary file to fill, then write that into a pipe or a device."""
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory(prefix="figureground-") as folder:
        whole = Path(folder, f"whole{path.suffix}")
        yield whole
        with whole.open("rb") as source, os.fdopen(_open_special(path), "wb") as target:
            shutil.copyfileobj(source, target)


def _open_special(path: Path) -> int:
    """Open a pipe or a device for writing; a pipe that nobody reads is waited for, not for ever."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            file = os.open(path, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0))
            os.set_blocking(file, True)
            return file
        except OSError as error:
            if error.errno != errno.ENXIO or time.monotonic() > until:
                raise
            time.sleep(0.05)


def check_own(path: Path) -> None:
    """See that a file of our own, such as a journal, is a regular one, or not there yet.

    Raises:
        FileError: it is a symbolic link, a pipe, a device or a folder.
    """
    try:
        mode = path.lstat().st_mode
    except OSError:  # whoever opens it says so
        return
    if not stat.S_ISREG(mode):
        what = "a symbolic link" if stat.S_ISLNK(mode) else "no regular file"
        raise FileError(f"{str(path)!r} is {what} and is left alone; move it away")


@contextmanager
def atomic_own(path: Path) -> Iterator[Path]:
    """As `atomic`, for files of our own: what `check_own` refuses is left alone."""
    check_own(path)
    with atomic(path) as part:
        yield part


def unfinished(suffix: str) -> str:
    """A name for what is not whole yet, whose ending stays, for writers that go by it."""
    return f".{os.urandom(4).hex()}-{process_name()}.unfinished{suffix}"


@contextmanager
def naming(path: Path, temporary: Path) -> Iterator[None]:
    """Let errors in such a block speak of `path` where they speak of what stands in for it."""
    try:
        yield
    except FiguregroundError as error:
        told = str(error).replace(str(temporary), str(path)).replace(temporary.name, path.name)
        error.args = (told,)
        raise


@contextmanager
def telling(path: Path, kind: type[FiguregroundError] = FileError) -> Iterator[None]:
    """Turn what fails while `path` is written into a line about it.

    Raises:
        `kind`: an OSError came.
    """
    try:
        yield
    except OSError as error:
        reason, number = error.strerror or str(error), error.errno or 0
        if FULL in reason:  # as HDF5 tells it, in many words
            reason, number = FULL, errno.ENOSPC
        remedy = REMEDIES.get(number, "choose another place")
        raise kind(f"cannot write {str(path)!r}: {reason}; {remedy}") from error


@contextmanager
def telling_of_libraries(path: Path) -> Iterator[None]:
    """As `telling`, where native libraries tell of a full disk in errors and lines of their own.

    Raises:
        FileError: the disk is full, or an OSError came.
    """
    try:
        with telling(path):
            yield
    except Exception as error:
        if FULL not in str(error) or str(path) in str(error):
            raise
        remedy = REMEDIES[errno.ENOSPC]
        raise FileError(f"cannot write {str(path)!r}: {FULL}; {remedy}") from error
