"""What libraries that run networks announce, and leave behind, while they are loaded."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock

NOTICE, ALL = b"INFO:", b""
_LOADING = RLock()  # standard error belongs to the whole process


@contextmanager
def without_notices(prefix: bytes = NOTICE) -> Iterator[None]:
    """Keep lines that begin so from standard error; all others appear after the block.

    LiteRT tells there what runs a network, and offers no switch for that. Where the block fails,
    its error says why, and nothing else appears.
    """
    with _LOADING, tempfile.TemporaryFile() as held:
        try:
            shown = os.dup(2)
        except OSError:  # a process without standard streams: nothing can be seen
            yield
            return
        _flush()
        os.dup2(held.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            _flush()
            os.dup2(shown, 2)
            os.close(shown)
            held.seek(0)
            for line in () if failed else held:
                if not line.startswith(prefix):
                    os.write(2, line)


@contextmanager
def without_traces() -> Iterator[None]:
    """Import TensorFlow and Keras in such a block: they open no socket and leave no file at home.

    Keras writes its settings below the home folder, where none are; KERAS_HOME, unless it is set,
    then names a place that can hold none, so that what it downloads goes to the temporary folder.
    urllib3, which TensorFlow imports, binds a socket to see whether there is IPv6.
    """
    import socket  # takes a while to load, and seldom is needed

    if os.name == "posix" and not os.path.exists(Path.home() / ".keras"):
        os.environ.setdefault("KERAS_HOME", str(Path(os.devnull, "keras")))
    known, socket.has_ipv6 = socket.has_ipv6, False
    try:
        yield
    finally:
        socket.has_ipv6 = known


def _flush() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
