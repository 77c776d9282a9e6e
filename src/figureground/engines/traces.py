"""What TensorFlow and Keras leave behind while they are loaded."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def without_traces() -> Iterator[None]:
    """Import TensorFlow and Keras in such a block: they open no socket and leave no file at home.

    Keras writes its settings below the home folder, where none are; KERAS_HOME, unless it is set,
    then names a place that can hold none, so that what it downloads goes to the temporary folder.
    urllib3, which TensorFlow imports, binds a socket to see whether there is IPv6.
    """
    import socket  # takes a while to load, and seldom is needed

    if os.name == "posix" and not os.path.exists(os.path.expanduser("~/.keras")):
        os.environ.setdefault("KERAS_HOME", str(Path(os.devnull, "keras")))
    known, socket.has_ipv6 = socket.has_ipv6, False
    try:
        yield
    finally:
        socket.has_ipv6 = known
