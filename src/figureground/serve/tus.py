"""Uploads that go on after a break: tus 1.0.0, with creation, termination and expiration.

Source: https://tus.io/protocols/resumable-upload.
"""

from email.utils import formatdate

from starlette.requests import Request
from starlette.responses import Response

from figureground.serve.house import House
from figureground.serve.problems import Problem
from figureground.serve.uploads import (
    EXTENSIONS,
    OFFSET_BODY,
    TUS,
    VERSION,
    append,
    check_version,
    number_of,
    read_metadata,
)
from figureground.serve.video_desk import Desk
from figureground.serve.video_store import UPLOADING, Record


class Tus:
    """Takes videos piece by piece."""

    def __init__(self, house: House, desk: Desk) -> None:
        """Share what the house and the desk have."""
        self._store, self._desk, self._settings = house.store, desk, house.settings
        self._coming: set[str] = set()  # that a piece is coming of

    def offer(self) -> Response:
        """What is understood here."""
        return Response(
            status_code=204,
            headers={
                **TUS,
                "Tus-Version": VERSION,
                "Tus-Extension": EXTENSIONS,
                "Tus-Max-Size": str(self._settings.max_video_bytes),
            },
        )

    async def begin(self, request: Request) -> Response:
        """Take the promise of a video. Raises Problem."""
        check_version(request.headers)
        await self._desk.check_room()
        length = number_of(request.headers, "upload-length")
        if not 0 < length <= self._settings.max_video_bytes:
            most = self._settings.max_video_bytes
            raise Problem(413, "too_large", f"a video has 1 to {most} bytes here")
        fields = read_metadata(request.headers.get("upload-metadata", ""))
        record = await self._desk.begin(request, fields, length)
        url = f"{self._desk.url(request, record.id)}/upload"
        return Response(status_code=201, headers={**self._about(record), "Location": url})

    def offset(self, request: Request, record: Record) -> Response:
        """How much of it is here."""
        check_version(request.headers)
        return Response(headers=self._about(record))

    async def go_on(self, request: Request, record: Record) -> Response:
        """Take the next piece; with the last one, the video is queued. Raises Problem."""
        check_version(request.headers)
        kind = request.headers.get("content-type", "")
        if kind != OFFSET_BODY:
            raise Problem(415, "unsupported_body", f"a piece is {OFFSET_BODY}, not {kind[:40]!r}")
        offset = number_of(request.headers, "upload-offset")
        if record.id in self._coming:
            raise Problem(423, "locked", "another piece of it is coming just now", retry_after=1)
        if record.state != UPLOADING or record.length is None or offset != self._size(record):
            raise Problem(409, "wrong_offset", f"{self._size(record)} bytes are here; go on there")
        self._coming.add(record.id)
        try:
            size = await append(request, self._store.source(record.id), most=record.length)
        finally:
            self._coming.discard(record.id)
        if size == record.length:
            self._desk.accept(request, record.id)
        return Response(status_code=204, headers={**TUS, "Upload-Offset": str(size)})

    def _size(self, record: Record) -> int:
        if record.state != UPLOADING:
            return record.length or 0
        return self._store.source(record.id).stat().st_size

    def _about(self, record: Record) -> dict[str, str]:
        expires = record.created + self._settings.keep_seconds
        return {
            **TUS,
            "Upload-Offset": str(self._size(record)),
            "Upload-Length": str(record.length or 0),
            "Upload-Expires": formatdate(expires, usegmt=True),
        }
