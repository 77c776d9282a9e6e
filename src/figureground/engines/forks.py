"""Networks in a process that was forked: the threads that ran them stayed behind.

Waiting for these would last for ever, and to free a network waits for them, so what was loaded
before a fork is neither used nor freed in the child.
"""

import ctypes
import os
from collections.abc import Sequence
from typing import Any
from weakref import WeakSet

_OPEN: WeakSet[Any] = WeakSet()  # all networks that were opened here, and still are
_STALE: list[Any] = []  # those of the process that was forked


def remember(engine: Any) -> None:
    """Note that a network is loaded."""
    _OPEN.add(engine)


def is_stale(engine: Any) -> bool:
    """Whether a network was loaded before this process was forked."""
    return any(engine is other for other in _STALE)


def has_stale(modules: Sequence[str]) -> bool:
    """Whether one of these modules had loaded a network before this process was forked."""
    return any(type(engine).__module__ in modules for engine in _STALE)


def _leave_behind() -> None:
    """Keep the networks of the process that was forked for as long as this one lives."""
    for engine in list(_OPEN):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(engine))  # modules are cleared at the end
        _STALE.append(engine)
    _OPEN.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_behind)
