"""The service describes itself, and its examples run."""

import asyncio
import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from services import Service

from figureground.serve import page


def test_every_example_of_the_description_runs(service: Service) -> None:
    described = service.ask("GET", "/openapi.json").json
    tried = 0
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {"content": {}})
            for kind, content in body["content"].items():
                for example in content.get("examples", {}).values():
                    text = json.dumps(example["value"])
                    answer = service.ask(method.upper(), path, text, {"Content-Type": kind})
                    assert str(answer.status) in operation["responses"] and answer.status < 300
                    tried += 1
    assert tried >= 2


def test_the_description_names_every_option(service: Service) -> None:
    described = service.ask("GET", "/openapi.json").json
    body = described["paths"]["/v1/remove"]["post"]["requestBody"]["content"]
    assert {"background", "min_area", "image"} <= set(
        body["multipart/form-data"]["schema"]["properties"]
    )
    assert "Problem" in described["components"]["schemas"]


def test_networks_are_listed_with_their_figures(service: Service) -> None:
    first, second = service.ask("GET", "/v1/models").json["models"]
    assert (first["name"], first["input"]) == ("lite", [384, 384])
    assert second["name"] == "lite-int8" and first["figures"]


def test_prometheus_can_read_the_metrics(service: Service) -> None:
    answer = service.ask("GET", "/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b"figureground_workers 2.0" in answer.body


@pytest.mark.parametrize("path", ["/", "/index.html"])
def test_a_page_is_isolated(tmp_path: Path, path: str) -> None:
    (tmp_path / "index.html").write_text("<p>hello")
    app, sent = FastAPI(), []
    page.add_page(app, tmp_path)
    scope = {
        "type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"",
        "root_path": "", "raw_path": path.encode(),
    }  # fmt: skip

    async def ask() -> None:
        async def receive() -> dict:
            await asyncio.sleep(30)  # nothing more comes
            return {"type": "http.disconnect"}

        async def send(message: dict) -> None:
            sent.append(message)

        await asyncio.wait_for(app(scope, receive, send), 30)

    asyncio.run(ask())
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    assert sent[0]["status"] == 200 and sent[1]["body"] == b"<p>hello"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-embedder-policy"] == "require-corp"
    assert "'unsafe-inline'" not in headers["content-security-policy"]
