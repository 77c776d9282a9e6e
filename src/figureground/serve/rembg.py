"""rembg's API, so that its clients work here: `/api/remove`, as `rembg s` serves it.

Source: rembg 2.0, rembg/commands/s_command.py.
"""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from figureground.serve.house import House
from figureground.serve.images import as_file, check, check_fetch
from figureground.serve.intake import Body, read_body
from figureground.serve.options import TRUE
from figureground.serve.problems import Problem

MATTING = ("a", "af", "ab", "ae", "ppm", "extras")  # of its own edges; ours are always refined


def routes(house: House) -> APIRouter:
    """What its clients call."""
    router = APIRouter(include_in_schema=False)

    @router.post("/api/remove")
    async def remove(request: Request) -> Response:
        return await _serve(house, request)

    @router.get("/api/remove")
    async def remove_url(request: Request) -> Response:
        return await _serve(house, request)

    return router


async def _serve(house: House, request: Request) -> Response:
    with house.admission.place(request.state.client):
        body = await read_body(request, raw="file", limit=house.settings.max_bytes)
        if "file" in body.files:
            body.files["image"] = body.files.pop("file")
        if ("image" in body.files) == ("url" in body.fields):
            raise Problem(400, "missing_image", "send one image, as `file` of a form, or its `url`")
        if "url" in body.fields:
            check_fetch(house)
        header, ignored = translate(body, house.settings.models)
        check(house, header["fields"], body.files)
        answer = await house.work(request, header, body.files)
    headers = {"X-Ignored-Options": ", ".join(ignored)} if ignored else {}
    return as_file(answer, **headers)


def translate(body: Body, models: tuple[str, ...]) -> tuple[dict[str, Any], list[str]]:
    """What a worker is to do, and the names of what is left out of it.

    Raises:
        Problem: 400 at a colour that is none.
    """
    given = {name: text for name, text in body.fields.items() if text != ""}
    ignored = [name for name in MATTING if given.get(name, "false").lower() not in ("false", "0")]
    fields = {}
    if given.get("model") in models:
        fields["model"] = given["model"]
    elif "model" in given:
        ignored.append("model")
    if given.get("om", "").lower() in TRUE:
        fields["kind"] = "mask"
    elif color := _color(given.get("bgc", "")):
        fields["background"] = color
    return {"fields": fields, "formats": ["png"], "url": given.get("url")}, ignored


def _color(text: str) -> str:
    """`R,G,B,A` as our colours are written; empty where nothing is seen of it."""
    if not text:
        return ""
    levels = [int(word) if word.strip().isdecimal() else 256 for word in text.split(",")]
    if len(levels) != 4 or max(levels) > 255:
        raise Problem(400, "invalid_option", f"bgc is R,G,B,A, each 0 to 255, not {text!r}")
    if levels[3] not in (0, 255):
        raise Problem(400, "invalid_option", "bgc is opaque here; write 255 as its opacity")
    return f"rgb({levels[0]}, {levels[1]}, {levels[2]})" if levels[3] else ""
