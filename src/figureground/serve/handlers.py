"""What is told of errors that a handler, the framework or the disk raised."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from figureground.errors import FileError
from figureground.serve.problems import Problem, as_response, title_of
from figureground.serve.uploads import no_room


def add_problems(app: FastAPI) -> None:
    """Let every error be told as a problem."""
    app.add_exception_handler(Problem, tell_problem)
    app.add_exception_handler(HTTPException, tell_http)
    app.add_exception_handler(RequestValidationError, tell_invalid)
    app.add_exception_handler(OSError, tell_disk)
    app.add_exception_handler(FileError, tell_disk)
    app.add_exception_handler(Exception, tell_failure)


def _told(request: Request, problem: Problem) -> Response:
    if problem.status == 204:
        return Response(status_code=204)
    id = getattr(request.state, "request_id", "")
    return as_response(problem, path=request.url.path, request_id=id)


async def tell_problem(request: Request, error: Exception) -> Response:
    """One of our own."""
    return (
        _told(request, error) if isinstance(error, Problem) else await tell_failure(request, error)
    )


async def tell_http(request: Request, error: Exception) -> Response:
    """One of the framework's."""
    if not isinstance(error, HTTPException):
        return await tell_failure(request, error)
    code = title_of(error.status_code).lower().replace(" ", "_")
    answer = _told(request, Problem(error.status_code, code, str(error.detail)))
    answer.headers.update(error.headers or {})
    return answer


async def tell_invalid(request: Request, error: Exception) -> Response:
    """What FastAPI could not read."""
    if not isinstance(error, RequestValidationError):
        return await tell_failure(request, error)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return _told(request, Problem(422, "invalid_request", f"{place}: {first['msg']}"))


async def tell_disk(request: Request, error: Exception) -> Response:
    """A file that cannot be written."""
    cause = error if isinstance(error, OSError) else error.__cause__
    if not isinstance(cause, OSError):
        return await tell_failure(request, error)
    return _told(request, no_room(cause))


async def tell_failure(request: Request, error: Exception) -> Response:
    """A fault of ours; the log holds it."""
    return _told(request, Problem(500, "failed", "the service failed; its log says why"))
