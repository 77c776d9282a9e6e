"""Messages between the service and its workers: a line of JSON, and then bytes."""

import json
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

LONGEST = 1 << 31  # bytes of one part; a worker that says more is out of its mind


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
