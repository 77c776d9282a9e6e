"""What the OpenAPI description says of images: their options, and examples that run."""

from typing import Any

from starlette.responses import Response

from figureground.jobs.backgrounds import FITS as BACKGROUND_FITS
from figureground.jobs.job import CHOICES
from figureground.jobs.kinds import OUTPUTS
from figureground.jobs.style import FITS
from figureground.serve.accept import OFFERED, TYPES
from figureground.serve.options import FORMATS, OPTIONS

# The least PNG there is: one grey pixel.
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
WORDS: dict[str, dict[str, Any]] = {
    "kind": {"enum": list(OUTPUTS)},
    "format": {"enum": list(FORMATS)},
    "fit": {"enum": list(FITS)},
    "background_fit": {"enum": list(BACKGROUND_FITS)},
    "on_empty": {"enum": list(CHOICES)},
    "background": {"examples": ["white", "#00ff00", "blur:20", "gradient:white,skyblue"]},
    "size": {"examples": ["800x600"]},
    "canvas": {"examples": ["800x600"]},
    "aspect": {"examples": ["3:4"]},
    "people": {"examples": ["all", "largest", "120,80;300,90"]},
}
BOOLEANS = ("shadow", "lossless", "flip_background", "raw", "strip")
NUMBERS = ("feather", "grow", "threshold", "min_area", "quality", "crop")


def option_schema(name: str) -> dict[str, Any]:
    """How an option is written."""
    if name in BOOLEANS:
        return {"type": "boolean"}
    kind = "number" if name in NUMBERS else "string"
    return {"type": kind, **WORDS.get(name, {})}


def _options() -> dict[str, Any]:
    return {name: option_schema(name) for name in sorted(OPTIONS)}


def _problem(about: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": about, "content": {"application/problem+json": {"schema": schema}}}


PROBLEM_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
    },
}
ERRORS: dict[int | str, dict[str, Any]] = {
    400: _problem("An option or the body makes no sense."),
    408: _problem("The request came too slowly."),
    413: _problem("The request is too long."),
    422: _problem("The image cannot be read, or nobody is in it and `on_empty` is `fail`."),
    429: _problem("Your own requests fill the queue; Retry-After says when to try again."),
    503: _problem("The queue is full, or a worker died; Retry-After says when to try again."),
}
_BINARY = {"type": "string", "contentMediaType": "application/octet-stream"}
_BASE64 = {"type": "string", "contentEncoding": "base64"}


def _body(example: dict[str, Any]) -> dict[str, Any]:
    options = _options()
    form = {"image": _BINARY, "keep_mask": _BINARY, **options}
    given = {
        "image": _BASE64, "keep_mask": _BASE64, "background_image": _BASE64,
        "image_url": {"type": "string"}, **options,
    }  # fmt: skip
    return {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": {"type": "object", "properties": form}},
            "application/json": {
                "schema": {"type": "object", "properties": given},
                "examples": {"one pixel": {"value": {"image": PIXEL, **example}}},
            },
            "image/*": {"schema": _BINARY},
        },
    }


class _NoSchema(Response):
    """An answer that describes itself."""


def _operation(operation_id: str, example: dict[str, Any]) -> dict[str, Any]:
    content = {TYPES[one]: {"schema": _BINARY} for one in OFFERED}
    content["application/json"] = {"schema": {"type": "object"}}
    found: dict[int | str, dict[str, Any]] = {
        200: {"description": "The result.", "content": content},
        204: {"description": "Nobody is in it, and `on_empty` is `skip`."},
    }
    return {
        "operation_id": operation_id,
        "responses": {**found, **ERRORS},
        "openapi_extra": {"requestBody": _body(example)},
        "response_class": _NoSchema,
    }


REMOVE = _operation("remove", {"background": "white", "format": "png"})
MASK = _operation("mask", {"format": "png"})
