"""The service describes itself, and its examples run."""

import hashlib
import json

from services import Service

from figureground.page import site


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


def test_the_page_is_isolated_and_knows_of_its_server(service: Service) -> None:
    page = service.ask("GET", "/")
    assert page.status == 200 and page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert page.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe-inline" not in policy
    assert service.ask("GET", "/config.json").json == {"server": True}
    same = service.ask("GET", "/", headers={"If-None-Match": page.headers["ETag"]})
    assert (same.status, same.body) == (304, b"")


def test_every_file_of_the_page_is_served(service: Service) -> None:
    for name, digest in site.page_files().items():
        path = "/" if name == "index.html" else f"/{name}"
        assert hashlib.sha256(service.ask("GET", path).body).hexdigest() == digest
    assert service.ask("GET", "/engine/../../../pyproject.toml").status == 404
