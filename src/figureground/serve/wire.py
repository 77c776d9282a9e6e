"""Messages between the service and its workers: a line of JSON, and then bytes."""

import json
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

ROOM = 1 << 20  # bytes that a pipe holds, where the system lets it: most results in one go
LONGEST = 1 << 31  # bytes of one part; a worker that says more is out of its mind


def widen(connection: Connection) -> None:
    """Let a pipe hold more, so that neither side waits for the other in the middle of a result."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl  # of Linux, from Python 3.10 on with this command

        fcntl.fcntl(connection.fileno(), fcntl.F_SETPIPE_SZ, ROOM)


def send(connection: Connection, header: dict[str, Any], parts: Sequence[bytes] = ()) -> None:
    """Send one message. Raises OSError where nobody is there to read it."""
    connection.send_bytes(json.dumps({**header, "parts": len(parts)}).encode())
    for part in parts:
        connection.send_bytes(part)


def receive(connection: Connection) -> tuple[dict[str, Any], list[bytes]]:
    """Wait for one message.

    Raises:
        EOFError, OSError: the other end is gone.
        ValueError: what came is no message.
    """
    header: dict[str, Any] = json.loads(connection.recv_bytes(LONGEST))
    return header, [connection.recv_bytes(LONGEST) for _ in range(int(header.pop("parts")))]
