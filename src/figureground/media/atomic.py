"""Files appear whole or not at all."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from figureground.errors import PictureError


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary file beside `path`, then give it its name.

    Whatever stops it, no half-written file stays: an error or Ctrl-C removes the temporary one, and
    a killed process leaves it under a hidden name that nothing mistakes for a result.

    Raises:
        PictureError: the folder cannot be made, or the file cannot be written.
    """
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.unfinished{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise IsADirectoryError(21, "a folder of that name is in the way")
        try:
            write(temporary)
            temporary.replace(path)
        finally:
            with suppress(OSError):
                temporary.unlink()
    except OSError as error:
        reason = error.strerror or str(error)
        raise PictureError(
            f"cannot write {str(path)!r}: {reason}; choose another place with -o"
        ) from error
