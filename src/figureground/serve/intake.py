"""A request's body, whatever its form, as options and files."""

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request

from figureground.serve.options import spell
from figureground.serve.problems import Problem

MULTIPART, URLENCODED = "multipart/form-data", "application/x-www-form-urlencoded"
JSON = "application/json"
MOST_FIELDS = 64
MOST_FILES = 4


@dataclass(kw_only=True)
class Body:
    """What came: texts and files, by name."""

    fields: dict[str, str] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def add(self, name: str, value: str | bytes) -> None:
        """Take one of either sort. Raises Problem where the name is there already."""
        if name in self.fields or name in self.files:
            raise Problem(400, "given_twice", f"{name!r} is given twice; give it once")
        if isinstance(value, bytes):
            self.files[name] = value
        else:
            self.fields[name] = value

    def decode(self, name: str) -> None:
        """Turn a text in base64, with a `data:` head or without, into a file. Raises Problem."""
        text = self.fields.pop(name)
        text = text.partition(",")[2] if text.startswith("data:") else text
        try:
            self.files[name] = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            raise Problem(400, "invalid_base64", f"{name!r} is no base64") from None


async def read_body(request: Request, *, raw: str, encoded: Iterable[str] = (), limit: int) -> Body:
    """What a request holds, its query included.

    Args:
        request: with a form, a JSON object, or a file as its body.
        raw: the name of a file that is the whole body.
        encoded: names of JSON and form values that are files in base64.
        limit: bytes of one part.
    Raises:
        Problem: it cannot be read.
    """
    body = Body()
    for name, text in request.query_params.multi_items():
        body.add(spell(name), text)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == MULTIPART or (kind == URLENCODED and (await request.body())[:64].isascii()):
            await _read_form(request, body, limit)
        elif kind == JSON:
            _read_json(await request.body(), body)
        elif data := await request.body():  # `curl --data-binary` calls any file URL-encoded
            body.add(raw, data)
    except ClientDisconnect:
        raise Problem(400, "hung_up", "the connection ended before the request did") from None
    for name in encoded:
        if name in body.fields:
            body.decode(name)
    return body


async def _read_form(request: Request, body: Body, limit: int) -> None:
    async with request.form(
        max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=limit
    ) as form:
        for name, value in form.multi_items():
            content = await value.read() if isinstance(value, UploadFile) else value
            body.add(spell(name), content)


def _read_json(data: bytes, body: Body) -> None:
    try:
        given = json.loads(data)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise Problem(400, "invalid_json", "the body is no JSON object")
    for name, value in given.items():
        if value is not None:
            body.add(spell(name), _as_text(name, value))


def _as_text(name: str, value: Any) -> str:
    """A JSON value as a form would have it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | str):
        return str(value)
    raise Problem(400, "invalid_option", f"{name!r} is a text, a number, true or false")
