"""One desk for all videos: takes them, tells of them, gives them out."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from figureground.errors import UsageError
from figureground.serve import uploads
from figureground.serve.house import House
from figureground.serve.intake import MOST_FIELDS, MULTIPART
from figureground.serve.options import spell
from figureground.serve.problems import Problem
from figureground.serve.uploads import TUS
from figureground.serve.video_options import read_video_job
from figureground.serve.video_store import DONE, ENDED, QUEUED, UPLOADING, Record

LOOK = 0.5  # seconds between two looks at a job that somebody follows
BEAT = 20  # looks after which a follower hears something, whatever happens
IMAGES = ("background", "keep_mask")


class Desk:
    """Takes videos, and tells of them."""

    def __init__(self, house: House) -> None:
        """Share what the house has."""
        self._house, self._store, self._queue = house, house.store, house.videos
        self._most = house.settings.max_video_bytes

    async def create(self, request: Request) -> Response:
        """Take a video, or the promise of one."""
        await self.check_room()
        fields = {spell(name): text for name, text in request.query_params.multi_items()}
        is_form = request.headers.get("content-type", "").startswith(MULTIPART)
        record = await self.begin(request, {} if is_form else fields)
        try:
            if is_form:
                await self._take_form(request, record, fields)
            else:
                await uploads.append(request, self._store.source(record.id), most=self._most)
            if not self._store.source(record.id).stat().st_size:
                raise Problem(
                    400, "missing_video", "send a video, as `video` of a form or as the body"
                )
            return self.accept(request, record.id)
        except BaseException:
            self._store.remove(record.id)
            raise

    async def check_room(self) -> None:
        """Raise Problem, 503, where too many videos wait."""
        if await asyncio.to_thread(lambda: self._queue.waiting) > self._house.settings.queue:
            raise Problem(
                503, "queue_full", "too many videos wait; try again later", retry_after=60
            )

    async def _take_form(self, request: Request, record: Record, fields: dict[str, str]) -> None:
        async with request.form(max_files=3, max_fields=MOST_FIELDS) as form:
            for name, value in form.multi_items():
                if not isinstance(value, UploadFile):
                    fields[spell(name)] = value
                    continue
                if name not in ("video", *IMAGES):
                    raise Problem(
                        400, "invalid_option", f"there is no option {name!r} that is a file"
                    )
                target = self._store.source(record.id).with_name(
                    "source" if name == "video" else name
                )
                with target.open("wb") as file:
                    await asyncio.to_thread(shutil.copyfileobj, value.file, file)
        self._check(record.id, fields)
        self._store.change(record.id, fields=fields)

    async def begin(
        self, request: Request, fields: dict[str, str], length: int | None = None
    ) -> Record:
        """Make a folder for one. Raises Problem where an option makes no sense, or there is no room."""
        owner = request.state.client if self._house.settings.token_file else ""
        record = self._store.create(owner=owner, fields=fields, length=length)
        try:
            self._check(record.id, fields)
        except Problem:
            self._store.remove(record.id)
            raise
        return record

    def _check(self, id: str, fields: dict[str, str]) -> None:
        """Raise Problem, 400, where an option makes no sense."""
        models = self._house.settings.models
        if fields.get("model", models[0]) not in models:
            raise Problem(400, "unknown_model", f"there are the networks {', '.join(models)}")
        try:
            read_video_job(fields, self._store.source(id), self._store.path(id))
        except UsageError as error:
            raise Problem(400, "invalid_option", str(error)) from error

    def accept(self, request: Request, id: str) -> Response:
        """Queue one that is all here."""
        record = self._store.change(id, state=QUEUED)
        self._queue.submit(id)
        return JSONResponse(
            self.view(record), status_code=202, headers={"Location": self.url(request, id)}
        )

    def url(self, request: Request, id: str) -> str:
        """Where one is to be found."""
        return f"{request.scope.get('root_path', '')}/v1/jobs/{id}"

    async def find(self, request: Request, id: str) -> Record:
        """One of this client's. Raises Problem, 404."""
        try:
            record = self._store.read(id)
            if record.owner in ("", request.state.client) and not self._store.is_cancelled(id):
                return record
        except KeyError:
            pass
        raise Problem(404, "no_job", "there is no such job, or no longer")

    def view(self, record: Record) -> dict[str, Any]:
        """What is told of one."""
        told = {
            "id": record.id, "state": record.state, "created": round(record.created, 3),
            **self._store.progress(record.id),
        }  # fmt: skip
        if record.state in ENDED:
            told["finished"] = round(record.finished, 3)
            told["expires"] = round(record.finished + self._house.settings.keep_seconds, 3)
        if record.error:
            told["error"] = record.error
        if record.notes:
            told["notes"] = record.notes
        return told

    async def events(self, id: str) -> AsyncIterator[str]:
        """Tell of one whenever something changes."""
        last, silent = "", 0
        while not self._house.is_closing:
            try:
                record = self._store.read(id)
            except KeyError:
                return
            text = json.dumps(self.view(record))
            silent += 1
            if text != last:
                last, silent = text, 0
                yield f"event: {record.state}\ndata: {text}\n\n"
            elif silent >= BEAT:
                silent = 0
                yield ": still there\n\n"
            if record.state in ENDED:
                return
            await asyncio.sleep(LOOK)

    def result(self, request: Request, record: Record) -> Response:
        """The file. Raises Problem, 409, where there is none."""
        if record.state != DONE:
            why = record.error or f"it is {record.state}"
            raise Problem(409, "no_result", f"there is no result: {why}")
        path = self._store.path(record.id) / record.result
        status = path.stat()
        etag = f'"{record.id}-{status.st_size:x}"'
        if etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={"ETag": etag})
        return FileResponse(path, stat_result=status, headers={"ETag": etag})

    async def cancel(self, request: Request, id: str) -> Response:
        """Remove one; whoever works on it notices."""
        record = await self.find(request, id)
        self._store.cancel(id)
        if record.state in (UPLOADING, *ENDED):
            self._store.remove(id)
        return Response(status_code=204, headers=TUS)
