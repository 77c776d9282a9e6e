"""Errors as RFC 9457 problem details, and as the words of the services whose clients come here."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

PROBLEM = "application/problem+json"
REMOVE_BG = "/v1.0/"  # whose clients read errors of another form, with these statuses and codes
REMOVE_BG_WORDS = {
    "missing_image": (400, "missing_source"),
    "several_images": (400, "multiple_sources"),
    "unreadable_image": (400, "invalid_file_type"),
    "unsupported_image": (400, "invalid_file_type"),
    "too_large": (400, "file_too_large"),
    "nobody": (400, "unknown_foreground"),
    "no_token": (403, "auth_failed"),
    "too_many_requests": (429, "rate_limit_exceeded"),
}


class Problem(Exception):
    """What is told of a request that is not done."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        retry_after: int | None = None,
        close: bool = False,
    ) -> None:
        """Note it.

        Args:
            status: of HTTP.
            code: a word that programs tell it by.
            detail: one line: what arrived, what is allowed, what to do.
            retry_after: seconds after which it may work.
            close: the connection cannot be used again.
        """
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.retry_after, self.close = retry_after, close

    @property
    def headers(self) -> dict[str, str]:
        """Headers that belong to it."""
        headers = {}
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        if self.close:
            headers["Connection"] = "close"
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        return headers


def title_of(status: int) -> str:
    """The usual words for a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def describe(problem: Problem, request_id: str = "") -> dict[str, Any]:
    """A problem as RFC 9457 has it, with `code` and, where known, the request's id."""
    described: dict[str, Any] = {
        "type": "about:blank",
        "title": title_of(problem.status),
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    if request_id:
        described["request_id"] = request_id
    return described


def as_response(
    problem: Problem, *, path: str, request_id: str = "", headers: Mapping[str, str] | None = None
) -> Response:
    """The answer to a request of that path."""
    kind, body, status = PROBLEM, describe(problem, request_id), problem.status
    if path.startswith(REMOVE_BG):
        status, code = REMOVE_BG_WORDS.get(problem.code, (status, problem.code))
        kind, body = "application/json", {"errors": [{"title": problem.detail, "code": code}]}
    return Response(
        json.dumps(body),
        status_code=status,
        headers={**problem.headers, **(headers or {})},
        media_type=kind,
    )
