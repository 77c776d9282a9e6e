"""Images: `/v1/remove` and `/v1/mask`."""

import base64
import hashlib
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from figureground.errors import UsageError
from figureground.jobs.job import ImageJob
from figureground.serve.accept import TYPES, accepted
from figureground.serve.house import House
from figureground.serve.intake import JSON, Body, read_body
from figureground.serve.openapi import MASK, REMOVE
from figureground.serve.options import FILES, read_job
from figureground.serve.pool import Answer
from figureground.serve.problems import Problem

IMAGE, ALIAS, URL = "image", "file", "image_url"
MASKS = ("mask", "mask16")


def routes(house: House) -> APIRouter:
    """What is served of images."""
    router = APIRouter()

    @router.post("/v1/remove", **REMOVE)
    async def remove(request: Request) -> Response:
        """Take the background away from an image."""
        return await _serve(house, request, {})

    @router.post("/v1/mask", **MASK)
    async def mask(request: Request) -> Response:
        """The matte of the people in an image: white where they are."""
        return await _serve(house, request, {"kind": MASKS[0]})

    return router


async def _serve(house: House, request: Request, usual: dict[str, str]) -> Response:
    with house.admission.place(request.state.client):
        formats, wants_json = accepted(request.headers.get("accept", ""))
        body = await _read(house, request)
        if usual and body.fields.get("kind", MASKS[0]) not in MASKS:
            raise Problem(400, "invalid_option", f"kind: write {' or '.join(MASKS)}")
        fields = {**usual, **body.fields}
        url = fields.pop(URL, None)
        check(house, fields, body.files)
        if "format" in fields:
            formats = [fields["format"]]
        header: dict[str, Any] = {"fields": fields, "formats": formats, "url": url}
        answer = await house.work(request, header, body.files)
        return as_json(answer) if wants_json else as_file(answer)


async def _read(house: House, request: Request) -> Body:
    """The options and files of a request. Raises Problem where there is no image, or more."""
    is_json = request.headers.get("content-type", "").startswith(JSON)
    encoded = (IMAGE, ALIAS, "background_image", "keep_mask") if is_json else ()
    body = await read_body(request, raw=IMAGE, encoded=encoded, limit=house.settings.max_bytes)
    if "background_image" in body.files:
        body.files["background"] = body.files.pop("background_image")
    sources = [name for name in (IMAGE, ALIAS) if name in body.files]
    sources += [URL] if URL in body.fields else []
    if len(sources) != 1:
        one = f"send one image, as {IMAGE!r} of a form or of JSON, or as the whole body"
        raise Problem(400, "missing_image" if not sources else "several_images", one)
    if sources == [URL]:
        check_fetch(house)
    if ALIAS in body.files:
        body.files[IMAGE] = body.files.pop(ALIAS)
    return body


def check_fetch(house: House) -> None:
    """Raise Problem where images are not fetched here."""
    if not house.settings.fetch:
        raise Problem(400, "no_fetching", "this service fetches nothing; send the image itself")


def check(house: House, fields: dict[str, str], files: dict[str, bytes]) -> ImageJob:
    """The job that is asked for. Raises Problem, 400, where it makes no sense."""
    unknown = sorted(files.keys() - {IMAGE, *FILES})
    if unknown:
        raise Problem(400, "invalid_option", f"there is no option {unknown[0]!r} that is a file")
    model = fields.setdefault("model", house.settings.models[0])
    if model not in house.settings.models:
        known = ", ".join(house.settings.models)
        raise Problem(
            400, "unknown_model", f"there is no network {model!r} here; there are {known}"
        )
    try:
        return read_job(fields, {name: files[name] for name in FILES if name in files})
    except UsageError as error:
        raise Problem(400, "invalid_option", str(error)) from error


def as_file(answer: Answer, **headers: str) -> Response:
    """The result itself; its ETag is of its content."""
    told, (data,) = answer
    size = {"X-Width": str(told["width"]), "X-Height": str(told["height"])}
    return Response(
        data, media_type=TYPES[told["format"]], headers={"ETag": etag(data), **size, **headers}
    )


def as_json(answer: Answer) -> Response:
    """The result in base64, and what is known of the people."""
    told, (data,) = answer
    known = {
        name: told[name] for name in ("width", "height", "format", "source", "model", "person")
    }
    content = {"image": base64.b64encode(data).decode(), **known}
    return JSONResponse(content, headers={"ETag": etag(data)})


def etag(data: bytes) -> str:
    """A strong validator of a content."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'
