"""remove.bg's API, so that its clients work here: `/v1.0/removebg` and `/v1.0/account`.

Source: remove.bg's OpenAPI description, version 1.0.0.
"""

import base64
import re
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from figureground.serve.house import House
from figureground.serve.images import as_file, check, check_fetch
from figureground.serve.intake import JSON, Body, read_body
from figureground.serve.options import TRUE
from figureground.serve.problems import Problem

MILLION = 1_000_000
# Pixels of a result at most, by the size that is asked for; `preview` is the usual one.
SIZES = {
    "preview": MILLION // 4, "small": MILLION // 4, "regular": MILLION // 4,
    "medium": 3 * MILLION // 2, "hd": 4 * MILLION, "auto": 25 * MILLION, "full": 25 * MILLION,
    "4k": 25 * MILLION, "50MP": 50 * MILLION,
}  # fmt: skip
PNG_FULL = 10 * MILLION  # of `auto`, `full` and `4k` where the result is PNG
FORMATS = {"png": "png", "jpg": "jpg", "webp": "webp", "zip": "png"}
TYPES = ("auto", "person")
SOURCES = ("image_file", "image_file_b64", "image_url")
NAMES = {
    *SOURCES, "size", "type", "type_level", "format", "roi", "crop", "crop_margin", "scale",
    "position", "channels", "bg_color", "bg_image_url", "bg_image_file", "semitransparency",
    "add_shadow",
}  # fmt: skip
ROI = re.compile(r"\d+(\.\d+)?(px|%)")
MARGIN = re.compile(r"\d+(\.\d+)?%")
HEX = re.compile(r"#?([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})")
ACCOUNT: dict[str, Any] = {
    "data": {
        "attributes": {
            "credits": {"total": 0, "subscription": 0, "payg": 0, "enterprise": 0},
            "api": {"free_calls": 0, "sizes": "all"},
        }
    }
}


def routes(house: House) -> APIRouter:
    """What its clients call."""
    router = APIRouter(include_in_schema=False)

    @router.post("/v1.0/removebg")
    async def remove(request: Request) -> Response:
        with house.admission.place(request.state.client):
            body = await _read(house, request)
            header, ignored = translate(body)
            check(house, header["fields"], body.files)
            answer = await house.work(request, header, body.files)
        headers = {"X-Credits-Charged": "0"}
        if body.fields.get("type_level") != "none":
            headers["X-Type"] = "person"
        if ignored:
            headers["X-Ignored-Options"] = ", ".join(ignored)
        result = as_file(answer, **headers)
        if JSON not in request.headers.get("accept", ""):
            return result
        told = {"result_b64": base64.b64encode(answer.parts[0]).decode(), **_place(answer.header)}
        del result.headers["content-length"], result.headers["content-type"]
        return JSONResponse({"data": told}, headers=dict(result.headers))

    @router.get("/v1.0/account")
    async def account() -> dict[str, Any]:
        return ACCOUNT

    return router


async def _read(house: House, request: Request) -> Body:
    body = await read_body(request, raw="image_file", limit=2 * house.settings.max_bytes)
    sources = [name for name in SOURCES if body.fields.get(name) or name in body.files]
    if len(sources) != 1:
        raise Problem(
            400,
            "several_images" if sources else "missing_image",
            f"give one of {', '.join(SOURCES)}",
        )
    if "image_url" in sources or body.fields.get("bg_image_url"):
        check_fetch(house)
    if "image_file_b64" in sources:
        body.decode("image_file_b64")
    for name, ours in {
        "image_file": "image", "image_file_b64": "image", "bg_image_file": "background",
    }.items():  # fmt: skip
        if name in body.files:
            body.files[ours] = body.files.pop(name)
    return body


def translate(body: Body) -> tuple[dict[str, Any], list[str]]:
    """What a worker is to do, and the names of what is left out of it.

    Raises:
        Problem: 400 at what is not done here.
    """
    given = {name: text for name, text in body.fields.items() if text not in ("", "undefined")}
    _refuse(given)
    fields: dict[str, str] = {}
    if _is_true(given, "crop"):
        fields["crop"] = str(_margin(given.get("crop_margin", "0%")))
    if _is_true(given, "add_shadow"):
        fields["shadow"] = "true"
    if color := _color(given.get("bg_color", "")):
        fields["background"] = color
    filled = bool(color or "background" in body.files or given.get("bg_image_url"))
    if given.get("channels") == "alpha":
        fields["kind"] = "mask"
    asked = given.get("format", "auto")
    ending = FORMATS.get(asked) or ("jpg" if filled else "png")
    size = given.get("size", "preview")
    limit = SIZES[size]
    if ending == "png" and size in ("auto", "full", "4k"):
        limit = PNG_FULL
    header = {
        "fields": fields, "formats": [ending], "limit": limit, "roi": _roi(given.get("roi", "")),
        "zip": asked == "zip", "url": given.get("image_url"),
        "background_url": given.get("bg_image_url"),
    }  # fmt: skip
    ignored = sorted({"semitransparency", *(given.keys() - NAMES)} & given.keys())
    return header, ignored


def _refuse(given: dict[str, str]) -> None:
    """Raise Problem at words that ask for what is not done here."""
    choices = {
        "size": tuple(SIZES), "type": TYPES, "format": ("auto", *FORMATS),
        "channels": ("rgba", "alpha"), "scale": ("original",), "position": ("original", "center"),
    }  # fmt: skip
    for name, words in choices.items():
        if given.get(name, words[0]) not in words:
            known = ", ".join(words)
            raise Problem(400, f"invalid_{name}", f"{name} is {known}, not {given[name]!r}")


def _is_true(given: dict[str, str], name: str) -> bool:
    return given.get(name, "").lower() in TRUE


def _margin(text: str) -> float:
    """`10%` as a share of the person's size."""
    if text in ("0", "0px"):
        return 0.0
    if not MARGIN.fullmatch(text):
        raise Problem(
            400, "invalid_crop_margin", f"crop_margin is one value such as 10%, not {text!r}"
        )
    return float(text[:-1]) / 100


def _color(text: str) -> str:
    """`81d4fa`, `fff` or a name as our colours are written; empty where nothing is seen of it."""
    found = HEX.fullmatch(text)
    if found is None:
        return text
    digits = found[1] if len(found[1]) > 4 else "".join(2 * one for one in found[1])
    if len(digits) == 8 and digits[6:].lower() not in ("00", "ff"):
        raise Problem(400, "invalid_bg_color", "bg_color is opaque here; leave its opacity out")
    return "" if digits[6:] == "00" else f"#{digits[:6]}"


def _roi(text: str) -> list[str] | None:
    """`x1 y1 x2 y2`, each in px or %; None where the whole image is meant."""
    corners = text.split()
    if not corners or corners in (["0%", "0%", "100%", "100%"], ["0", "0", "100%", "100%"]):
        return None
    if len(corners) != 4 or not all(map(ROI.fullmatch, corners)):
        raise Problem(400, "invalid_roi", f"roi is such as '0% 0% 100% 100%', not {text!r}")
    return corners


def _place(told: dict[str, Any]) -> dict[str, int]:
    left, top, width, height = told["person"]["box"] or (0, 0, 0, 0)
    return {
        "foreground_top": top, "foreground_left": left,
        "foreground_width": width, "foreground_height": height,
    }  # fmt: skip
