"""The recipes of docs/cookbook.md and the notebook do what they say; its commands run in test_guides."""

import asyncio
import contextlib
import io
import json
import shlex
import shutil
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from shown import ROOT, blocks

from figureground.cli import main

COOKBOOK = ROOT / "docs" / "cookbook.md"
NOTEBOOK = ROOT / "docs" / "tutorial.ipynb"


@pytest.fixture
def desk(tmp_path: Path, astronaut: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A photo, and a shop of two images, of which one shows nobody."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop").mkdir()
    shutil.copy(astronaut, "photo.jpg")
    shutil.copy(astronaut, "shop/a.jpg")
    Image.new("RGB", (64, 64), "grey").save("shop/b.png")
    return tmp_path


def recipe(word: str) -> dict[str, Any]:
    """Run the one Python recipe that holds a word; gives its names."""
    [block] = [block for block in blocks(COOKBOOK, "python") if word in block]
    names: dict[str, Any] = {}
    exec(compile(block, "cookbook.md", "exec"), names)
    return names


def test_a_job_becomes_a_table(desk: Path, capsys: pytest.CaptureFixture) -> None:
    words = ["remove", "shop/", "-o", "catalogue", "--background", "white", "--json"]
    assert main(words) == 0
    Path("job.jsonl").write_text(capsys.readouterr().out, "utf-8")
    done = recipe("pandas")["done"]
    assert list(done.source.map(Path)) == [Path("shop/a.jpg")]
    assert 0.3 < done.coverage.iloc[0] < 0.6


def test_the_jobs_of_python_leave_results(desk: Path) -> None:
    assert recipe("ImageJob")["summary"].failures == []
    with Image.open("white/a.composite.png") as image:
        assert image.size == (1000, 1000)


async def post(app: Callable[..., Any], path: str, field: str, content: bytes) -> tuple[int, bytes]:
    """Ask an ASGI program in this process, as a form with one file would; its status and body."""
    head = f'--x\r\nContent-Disposition: form-data; name="{field}"; filename="f"\r\n\r\n'
    body = head.encode() + content + b"\r\n--x--\r\n"
    headers = [(b"content-type", b"multipart/form-data; boundary=x")]
    scope = {
        "type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b"",
        "http_version": "1.1", "scheme": "http", "server": ("here", 80),
    }  # fmt: skip
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


def test_the_service_answers_with_a_cutout_and_refuses_in_one_line(desk: Path) -> None:
    app = recipe("FastAPI")["app"]
    status, body = asyncio.run(post(app, "/cutout", "image", Path("photo.jpg").read_bytes()))
    assert status == 200
    with Image.open(io.BytesIO(body)) as image:
        assert image.getchannel("A").getextrema() == (0, 255)
    status, body = asyncio.run(post(app, "/cutout", "image", b"no image at all"))
    assert status == 422 and "\n" not in json.loads(body)["detail"]


def test_the_demonstration_hands_the_function_to_gradio(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Page:  # stands in for gradio.Interface, which is no dependency
        def __init__(self, function: Callable[..., Any], *rest: Any, **options: Any) -> None:
            self.function = function

        def launch(self) -> None:
            self.shown = self.function(Image.open("photo.jpg"), "largest")

    def part(*words: Any, **options: Any) -> None:
        return None

    stand_in = types.SimpleNamespace(Image=part, Radio=part, Interface=Page)
    monkeypatch.setitem(sys.modules, "gradio", stand_in)
    page = recipe("gradio")["page"]
    assert page.shown.mode == "RGBA" and page.shown.getchannel("A").getextrema() == (0, 255)


def test_the_notebook_runs(desk: Path, people: Path, capsys: pytest.CaptureFixture) -> None:
    for room in ("images", "masks"):
        Path("people", room).mkdir(parents=True)
        for file in sorted((people / room).iterdir())[:3]:
            shutil.copy(file, Path("people", room))
    names: dict[str, Any] = {}
    for cell in json.loads(NOTEBOOK.read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        assert cell["outputs"] == [] and cell["execution_count"] is None
        code = "".join(cell["source"])
        if code.startswith("!"):
            for line in code.splitlines():
                words = shlex.split(line.removeprefix("!"))
                with contextlib.redirect_stderr(io.StringIO()):
                    assert words[0] == "figureground" and main(words[1:]) == 0, line
        else:
            exec(compile(code, "tutorial.ipynb", "exec"), names)
    said = capsys.readouterr().out
    assert "people cover" in said and "boundary_iou" in said and f"{names['name']}: IoU" in said
