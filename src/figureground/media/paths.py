"""Names of images and videos, and lists of them."""

import os
import re
import sys
from pathlib import Path

from figureground.errors import FileError
from figureground.media.remote import is_remote

COUNTED = re.compile(r"%0?\d*d\.\w+$")  # a name of numbered images
PIPE = Path("-")  # standard input or output
LONGEST_NAME, LONGEST_PATH = 255, 4095  # bytes, of nearly every file system


def is_stream(path: Path) -> bool:
    """Return whether a path is `-` or a pipe, and can be read but once."""
    named = path == PIPE or str(path).startswith(("/dev/", "/proc/self/fd/"))
    return named or (os.path.exists(path) and path.is_fifo())


def list_folder(path: Path) -> Path:
    """Return the folder that paths in a list are relative to: its own; of a stream the current one."""
    return Path() if is_stream(path) else path.parent


def read_list(path: Path) -> list[Path]:
    """The paths in a text file or a stream, one a line, from its `list_folder` on.

    Empty lines are none.

    Raises:
        FileError: the file cannot be read, names nothing, or what can be no file's name.
    """
    try:
        data = sys.stdin.buffer.read() if path == PIPE else path.read_bytes()
        lines = data.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise FileError(f"cannot read the list {str(path)!r}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FileError(
            f"cannot read the list {str(path)!r}: it is no UTF-8 text of one path a line"
        ) from error
    names = [line.strip() for line in lines if line.strip()]
    for number, name in enumerate(names, 1):
        if why := why_no_name(name):
            raise FileError(f"the list {str(path)!r}: its path {number}, {name[:40]!r}, {why}")
    listed = [Path(name) if is_remote(name) else list_folder(path) / name for name in names]
    if not listed:
        raise FileError(f"the list {str(path)!r} is empty; write one path a line into it")
    return listed


def why_no_name(text: str) -> str | None:
    """Why no file can be called so, as the end of a sentence; None where one can."""
    if "\0" in text:
        return "has a NUL in it"
    try:
        data = os.fsencode(text)
    except UnicodeEncodeError:
        return "has half a character in it (a lone surrogate)"
    if len(data) > LONGEST_PATH or any(len(part) > LONGEST_NAME for part in data.split(b"/")):
        return f"is too long: {LONGEST_NAME} bytes a name, {LONGEST_PATH} a path"
    return None
