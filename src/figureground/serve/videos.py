"""Videos: jobs at `/v1/jobs`, uploaded at once or piece by piece, told of while they are in work."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from figureground.serve.house import House
from figureground.serve.openapi import ERRORS
from figureground.serve.tus import Tus
from figureground.serve.video_desk import Desk


def routes(house: House) -> APIRouter:
    """What is served of videos."""
    router = APIRouter(prefix="/v1/jobs", responses=ERRORS)
    desk = Desk(house)
    tus = Tus(house, desk)

    @router.post("", status_code=202)
    async def create(request: Request) -> Response:
        """Send a video, or begin to send it piece by piece by tus 1.0.0."""
        if "upload-length" in request.headers:
            return await tus.begin(request)
        return await desk.create(request)

    @router.get("/{id}")
    async def look(request: Request, id: str) -> dict[str, Any]:
        """What has become of a video."""
        return desk.view(await desk.find(request, id))

    @router.get("/{id}/events")
    async def follow(request: Request, id: str) -> Response:
        """The same as server-sent events, until the end."""
        await desk.find(request, id)
        return StreamingResponse(desk.events(id), media_type="text/event-stream")

    @router.get("/{id}/result")
    async def result(request: Request, id: str) -> Response:
        """The result, or ranges of it."""
        return desk.result(request, await desk.find(request, id))

    @router.delete("/{id}", status_code=204)
    async def cancel(request: Request, id: str) -> Response:
        """Stop work on a video, and remove all of it."""
        return await desk.cancel(request, id)

    _add_uploads(router, desk, tus)
    return router


def _add_uploads(router: APIRouter, desk: Desk, tus: Tus) -> None:
    """Add what tus wants besides."""

    @router.options("", include_in_schema=False)
    async def offer() -> Response:
        return tus.offer()

    @router.head("/{id}/upload", include_in_schema=False)
    async def offset(request: Request, id: str) -> Response:
        return tus.offset(request, await desk.find(request, id))

    @router.patch("/{id}/upload", include_in_schema=False)
    async def go_on(request: Request, id: str) -> Response:
        return await tus.go_on(request, await desk.find(request, id))

    @router.delete("/{id}/upload", include_in_schema=False)
    async def give_up(request: Request, id: str) -> Response:
        return await desk.cancel(request, id)
