"""TensorFlow, loaded without what its libraries have to say."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from figureground.errors import ExtraError

LEVEL = "TF_CPP_MIN_LOG_LEVEL"
FATAL = "3"  # tell only what ends the process


@contextmanager
def loading(purpose: str) -> Iterator[None]:
    """Import in such a block what needs TensorFlow.

    TensorFlow writes to standard error that there is no graphics card, how it was built, and a
    line a step of an export. Whoever sets its own TF_CPP_MIN_LOG_LEVEL (0 tells all) sees that.

    Args:
        purpose: what TensorFlow is needed for.
    Raises:
        ExtraError: it is not installed.
    """
    asked = LEVEL in os.environ
    os.environ.setdefault(LEVEL, FATAL)
    try:
        if asked:
            yield
        else:
            with _hushed():  # what is said before the level is known
                yield
    except ImportError as error:
        raise ExtraError("train", purpose) from error


@contextmanager
def _hushed() -> Iterator[None]:
    """Let nothing through to standard error, not what libraries in C++ write either."""
    sys.stderr.flush()
    shown = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(shown, 2)
        os.close(shown)
        os.close(nowhere)
