"""The service as an ASGI application."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

import figureground
from figureground.models.metadata import read_metadata
from figureground.models.shipped import find_model, shipped_figures
from figureground.serve import images, page, rembg, removebg, videos
from figureground.serve.guard import Guard
from figureground.serve.handlers import add_problems
from figureground.serve.house import House
from figureground.serve.openapi import PROBLEM_SCHEMA
from figureground.serve.problems import Problem
from figureground.serve.settings import ServeSettings

UPLOADS = "tmp"  # where in the service's folder forms lie while they come in


def build_app(settings: ServeSettings) -> tuple[ASGIApp, House]:
    """The application, and what its requests share.

    Raises:
        FiguregroundError: a network or the tokens cannot be read.
    """
    house = House(settings)
    app = FastAPI(
        title="figureground", version=figureground.__version__, root_path=settings.root_path,
        docs_url=None, redoc_url=None, lifespan=_life_of(house),
    )  # fmt: skip
    _describe(app)
    add_problems(app)
    for room in (images, removebg, rembg, videos):
        app.include_router(room.routes(house))
    _add_health(app, house)
    page.add_page(app)

    def limit_of(path: str) -> int:
        is_video = path.removeprefix(settings.root_path).startswith("/v1/jobs")
        return settings.max_video_bytes if is_video else settings.max_bytes

    return Guard(app, settings, house.metrics, limit_of), house


def _life_of(house: House) -> Any:
    @asynccontextmanager
    async def live(app: FastAPI) -> AsyncIterator[None]:
        await house.pool.start()
        # From here on: sockets of multiprocessing, whose names have to be short, lie elsewhere.
        tempfile.tempdir = str(house.settings.folder / UPLOADS)
        house.videos.start()
        try:
            yield
        finally:
            await asyncio.to_thread(house.videos.close)
            await house.pool.close()

    return live


def _describe(app: FastAPI) -> None:
    """Add the problem's schema to the description."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        schema = plain()
        schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
        return schema

    app.openapi = described  # type: ignore[method-assign]


def _add_health(app: FastAPI, house: House) -> None:
    rows = [_row(model) for model in house.settings.models]

    @app.get("/healthz")
    async def health() -> dict[str, str]:
        """Whether the service runs."""
        return {"status": "ok"}

    @app.get("/readyz")
    async def ready() -> Response:
        """Whether it takes requests: a worker lives, and it is not about to end."""
        if house.is_closing or not house.pool.alive:
            raise Problem(503, "not_ready", "it starts or ends", retry_after=1)
        return JSONResponse({"status": "ready"})

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        text = house.metrics.text(**await asyncio.to_thread(house.now))
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        """The networks that may be asked for, the usual one first."""
        return {"models": rows}


def _row(model: str) -> dict[str, Any]:
    path = find_model(model)
    size = list(read_metadata(path).size) if path.suffix == ".tflite" else None
    return {"name": model, "input": size, "figures": shipped_figures(model)}
