"""The web page at `/`, where the package brings one."""

from pathlib import Path

from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import figureground

FOLDER = Path(figureground.__file__).parent / "page" / "static"
# Networks run in the page: WebAssembly, in workers that share memory, which asks for isolation.
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' blob:; style-src 'self'; "
        "img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self'; "
        "connect-src 'self' blob: data:; worker-src 'self' blob:; manifest-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}


class _Page(StaticFiles):
    """Its files, isolated from other sites."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file, with the page's headers."""
        answer = await super().get_response(path, scope)
        answer.headers.update(HEADERS)
        return answer


def add_page(app: FastAPI, folder: Path = FOLDER) -> None:
    """Serve the page; nothing where there is none. Call it last: it takes all paths that are left."""
    if (folder / "index.html").is_file():
        app.mount("/", _Page(directory=folder, html=True), name="page")
