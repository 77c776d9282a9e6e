"""What LiteRT announces while a network is loaded."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

NOTICE = b"INFO:"
_LOADING = Lock()  # standard error belongs to the whole process


@contextmanager
def without_notices() -> Iterator[None]:
    """Keep lines that begin with INFO: from standard error; all others appear after the block.

    LiteRT tells there what runs a network, and offers no switch for that.
    """
    with _LOADING, tempfile.TemporaryFile() as held:
        try:
            shown = os.dup(2)
        except OSError:  # a process without standard streams: nothing can be seen
            yield
            return
        _flush()
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            _flush()
            os.dup2(shown, 2)
            os.close(shown)
            held.seek(0)
            for line in held:
                if not line.startswith(NOTICE):
                    os.write(2, line)


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
