"""The web page at `/`, from the package, isolated from all other sites."""

import mimetypes
from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from figureground.page import site
from figureground.serve.problems import Problem

TYPES = {
    ".webmanifest": "application/manifest+json",
    ".js": "text/javascript",
    ".webp": "image/webp",
}
# Networks run in the page: WebAssembly, in workers that share memory, which asks for isolation.
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
        "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self' blob: data:; "
        "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
}


def add_page(app: FastAPI) -> None:
    """Serve the page, a route for each of its files; nothing where the package has none."""
    if not (site.STATIC / site.SUMS).is_file():
        return
    for name, digest in site.page_files().items():
        path = "/" if name == "index.html" else f"/{name}"
        app.router.routes.append(Route(path, _server_of(name, digest), methods=["GET"]))

    async def tell(request: Request) -> Response:
        content = site.config(server=True)
        return Response(content, media_type="application/json", headers=HEADERS)

    app.router.routes.append(Route(f"/{site.CONFIG}", tell, methods=["GET"]))


def _server_of(name: str, digest: str) -> Callable[[Request], Awaitable[Response]]:
    """What serves one file; its ETag is its SHA-256."""
    headers = {**HEADERS, "ETag": f'"{digest}"'}
    ending = name[name.rfind(".") :]
    kind = TYPES.get(ending) or mimetypes.guess_type(name)[0] or "application/octet-stream"

    async def serve(request: Request) -> Response:
        if headers["ETag"] in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        path = site.find_file(name)
        if path is None or not path.is_file():
            raise Problem(404, "not_found", "this file of the page is not there")
        return FileResponse(path, media_type=kind, headers=headers)

    return serve
