"""TensorFlow and networks, loaded without what their libraries have to say."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from figureground.engines import ALL, without_notices
from figureground.engines.traces import without_traces
from figureground.errors import ExtraError, UsageError

LEVEL = "TF_CPP_MIN_LOG_LEVEL"
FATAL = "3"  # tell only what ends the process


@contextmanager
def loading(purpose: str, *, started: bool = True) -> Iterator[None]:
    """Import in such a block what needs TensorFlow.

    TensorFlow writes to standard error that there is no graphics card, how it was built, and a
    line a step of an export. Whoever sets its own TF_CPP_MIN_LOG_LEVEL (0 tells all) sees that.

    Args:
        purpose: what TensorFlow is needed for.
        started: whether it is started too; workers have to meet before that.
    Raises:
        ExtraError: it is not installed.
        UsageError: KERAS_BACKEND names what is not there.
    """
    os.environ.setdefault(LEVEL, FATAL)
    try:
        with working(), without_traces():  # its libraries speak before the level is known
            yield
            if (
                started and "tensorflow" in sys.modules
            ):  # it looks for graphics cards once it is first used
                sys.modules["tensorflow"].config.list_logical_devices()
    except (ImportError, ValueError) as error:
        backend = os.environ.get("KERAS_BACKEND", "tensorflow")
        if backend == "tensorflow" or getattr(error, "name", None) == "tensorflow":
            raise ExtraError("train", purpose) from error
        raise UsageError(
            f"Keras cannot run on KERAS_BACKEND={backend}: it is tensorflow, jax or torch, and must "
            "be installed"
        ) from error
    if os.environ[LEVEL] == FATAL:
        for name in ("tensorflow", "absl"):  # advice on retracing and file formats, in Python
            logging.getLogger(name).setLevel(logging.ERROR)


@contextmanager
def working() -> Iterator[None]:
    """Let nothing be seen of what TensorFlow says in such a block, unless it was asked for."""
    if os.environ.get(LEVEL, FATAL) != FATAL:
        yield
        return
    with without_notices(ALL):
        yield
