"""Bodies to files, piece by piece, without holding up anybody; and what tus says in headers."""

import asyncio
import base64
import binascii
import errno
from collections.abc import Mapping
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from figureground.serve.options import spell
from figureground.serve.problems import Problem

VERSION = "1.0.0"
TUS = {"Tus-Resumable": VERSION}
EXTENSIONS = "creation,termination,expiration"
OFFSET_BODY = "application/offset+octet-stream"
PIECE = 1 << 20  # bytes that are written at once
FULL = (errno.ENOSPC, errno.EDQUOT)
ABOUT = ("filename", "filetype", "name", "type")  # what clients of tus say of every file


async def append(request: Request, path: Path, *, most: int) -> int:
    """Add a request's body to a file; returns its size. What came before a hang-up stays.

    Raises:
        Problem: 413 where it would have more than `most` bytes, 507 where the disk is full.
    """
    size = path.stat().st_size
    pending = bytearray()
    try:
        async for piece in request.stream():
            pending += piece
            if size + len(pending) > most:
                raise Problem(413, "too_large", f"a video has at most {most} bytes here")
            if len(pending) >= PIECE:
                size = await _write(path, bytes(pending))
                pending.clear()
    except ClientDisconnect:
        raise Problem(400, "hung_up", "the connection ended before the request did") from None
    finally:
        if pending:
            size = await _write(path, bytes(pending[: most - size]))
    return size


async def _write(path: Path, data: bytes) -> int:
    def write() -> int:
        with path.open("ab") as file:
            start = file.tell()
            try:
                file.write(data)
                file.flush()
            except OSError:
                file.truncate(start)
                raise
            return file.tell()

    try:
        return await asyncio.to_thread(write)
    except OSError as error:
        raise no_room(error) from error


def no_room(error: OSError) -> Problem:
    """What is told where a file cannot be written."""
    if error.errno in FULL:
        return Problem(507, "no_room", "the disk of the service is full", retry_after=60)
    return Problem(503, "no_room", "the service cannot write its files", retry_after=60)


def check_version(headers: Mapping[str, str]) -> None:
    """Raise Problem, 412, where a client speaks another version of tus."""
    if headers.get("tus-resumable") != VERSION:
        raise Problem(
            412, "unknown_version", f"this is tus {VERSION}: send Tus-Resumable: {VERSION}"
        )


def number_of(headers: Mapping[str, str], name: str) -> int:
    """A header that is a number. Raises Problem, 400."""
    text = headers.get(name, "")
    if not text.isdecimal() or len(text) > 18:
        raise Problem(400, "bad_header", f"{name} is a number of bytes, got {text[:40]!r}")
    return int(text)


def read_metadata(header: str) -> dict[str, str]:
    """Options of `Upload-Metadata`: names, each with a value in base64. Raises Problem, 400."""
    found = {}
    for pair in filter(None, (one.strip() for one in header.split(","))):
        name, _, value = pair.partition(" ")
        if name in ABOUT:
            continue
        try:
            found[spell(name)] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, ValueError):
            raise Problem(400, "bad_header", f"Upload-Metadata: {name} is no base64") from None
    return found
