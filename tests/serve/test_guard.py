"""Whatever is wrong with a request is told as a problem, and holds nothing up."""

import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from services import PATIENCE, Service, start_service

SHORT = 1.0  # seconds that the guarded service lets a client be silent


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with tokens and low limits."""
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "tokens").write_text("# for the shop\na-token-of-the-shop\n")
    running = start_service(
        folder / "files", "--workers", "1", "--token-file", str(folder / "tokens"),
        "--max-bytes", "200k", "--upload-seconds", str(SHORT),
    )  # fmt: skip
    yield running
    running.end()


TOKEN = {"Authorization": "Bearer a-token-of-the-shop"}


def talk(service: Service, *pieces: bytes, pause: float = 0.0, wait: float = PATIENCE) -> bytes:
    """Send pieces over a connection of its own; return what comes back until it is closed."""
    with socket.create_connection(service.address, timeout=wait) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
        except OSError:
            pass  # it was closed, which what came before tells
        heard = b""
        try:
            while piece := connection.recv(65_536):
                heard += piece
        except ConnectionResetError:
            pass
    return heard


def problem_of(heard: bytes) -> dict:
    head, _, body = heard.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower(), heard
    return json.loads(body)


def head(length: int | str, *more: str) -> bytes:
    lines = ["POST /v1/remove HTTP/1.1", "Host: a", "Content-Type: image/jpeg",
             f"Content-Length: {length}", f"Authorization: {TOKEN['Authorization']}", *more]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode()


def test_what_is_too_long_is_told_before_it_comes(guarded: Service) -> None:
    answer = guarded.ask("POST", "/v1/remove", b"x" * 300_000, TOKEN)
    assert (answer.status, answer.json["code"]) == (413, "too_large")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_is_too_long_in_chunks_is_told_as_well(guarded: Service) -> None:
    pieces = (b"x" * 50_000 for _ in range(8))
    answer = guarded.ask("POST", "/v1/remove", pieces, {**TOKEN, "Content-Type": "image/jpeg"})
    assert (answer.status, answer.json["code"]) == (413, "too_large")


def test_a_client_that_is_silent_is_told_so(guarded: Service) -> None:
    assert problem_of(talk(guarded, head(1000), b"x"))["code"] == "too_slow"


def test_one_byte_now_and_then_is_not_enough(guarded: Service) -> None:
    heard = talk(guarded, head(100_000), *[b"x"] * 40, pause=SHORT / 5)
    assert problem_of(heard)["status"] == 408


def test_a_hang_up_in_an_upload_leaves_the_service_as_it_was(guarded: Service) -> None:
    with socket.create_connection(guarded.address, timeout=PATIENCE) as connection:
        connection.sendall(head(1000) + b"x" * 10)
    until = time.monotonic() + PATIENCE
    while guarded.ask("GET", "/metrics", headers=TOKEN).body.find(b"figureground_inside 0.0") < 0:
        assert time.monotonic() < until
    assert guarded.ask("GET", "/readyz").status == 200


@pytest.mark.parametrize("length", ["-1", "ten", "1e3"])
def test_a_length_that_is_none_is_told(guarded: Service, length: str) -> None:
    assert problem_of(talk(guarded, head(length)))["status"] == 400


def test_a_body_shorter_than_it_says_is_no_image(guarded: Service) -> None:
    assert problem_of(talk(guarded, head(1000), b"x" * 999))["status"] == 408


def test_what_is_no_http_is_told(guarded: Service) -> None:
    assert problem_of(talk(guarded, b"HELO a\r\n\r\n"))["code"] == "bad_request"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("GET", "/v1/remove", 405), ("OPTIONS", "/v1/remove", 405)],
)
def test_what_the_framework_refuses_is_a_problem(
    guarded: Service, method: str, path: str, status: int
) -> None:
    answer = guarded.ask(method, path, headers=TOKEN)
    assert (answer.status, answer.json["status"]) == (status, status)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer a-token-of-the-shoq"}, 403),
        ({"Authorization": "Basic a-token-of-the-shop"}, 401),
        ({"Authorization": "Bearer a-token-of-the-sho\u00f6"}, 403),
    ],
)
def test_a_token_is_needed(guarded: Service, headers: dict[str, str], status: int) -> None:
    for path in ("/v1/models", "/metrics", "/v1/remove", "/api/remove"):
        headers = {name: text.encode("latin-1").decode("latin-1") for name, text in headers.items()}
        assert guarded.ask("GET", path, headers=headers).status == status
    assert guarded.ask("GET", "/healthz").status == 200


def test_a_known_token_is_let_in(guarded: Service) -> None:
    assert guarded.ask("GET", "/v1/models", headers=TOKEN).json["models"][0]["name"] == "lite"
    key = {"X-Api-Key": "a-token-of-the-shop"}
    assert guarded.ask("GET", "/v1.0/account", headers=key).status == 200
    wrong = guarded.ask("GET", "/v1.0/account", headers={"X-Api-Key": "another"})
    assert (wrong.status, wrong.json["errors"][0]["code"]) == (403, "auth_failed")


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("application/json", b"{", "invalid_json"),
        ("application/json", b"[1]", "invalid_json"),
        ("application/json", b'{"image": [1]}', "invalid_option"),
        ("application/json", b'{"image": "&"}', "invalid_base64"),
        ("application/json", b"[" * 100_000, "invalid_json"),
        ("multipart/form-data", b"x", "bad_request"),
        ("multipart/form-data; boundary=a", b"--a\r\nbroken", "missing_image"),
    ],
)
def test_a_body_that_cannot_be_read_is_told(
    guarded: Service, kind: str, body: bytes, code: str
) -> None:
    answer = guarded.ask("POST", "/v1/remove", body, {**TOKEN, "Content-Type": kind})
    assert (answer.status, answer.json["code"]) == (400, code)


def test_the_log_holds_no_names_and_no_tokens(guarded: Service, astronaut: Path) -> None:
    photo = astronaut.read_bytes()
    answer = guarded.post("/v1/remove?kind=mask", {}, {"image": photo}, TOKEN)
    id = answer.headers["X-Request-Id"]
    until = time.monotonic() + PATIENCE
    while not (lines := [json.loads(line) for line in guarded.lines if id in line]):
        assert time.monotonic() < until
        time.sleep(0.05)
    (line,) = lines
    assert (line["route"], line["status"], line["sent"]) == ("/v1/remove", 200, len(answer.body))
    assert line["received"] > len(photo) and line["work"] > 0
    text = "".join(guarded.lines)
    assert "private.jpg" not in text and "a-token" not in text


def test_an_id_that_a_client_gives_is_kept_if_it_is_one(guarded: Service) -> None:
    given = guarded.ask("GET", "/healthz", headers={"X-Request-Id": "order-17"})
    assert given.headers["X-Request-Id"] == "order-17"
    odd = guarded.ask("GET", "/healthz", headers={"X-Request-Id": "<b>"})
    assert len(odd.headers["X-Request-Id"]) == 32


def test_answers_say_what_browsers_may_do_with_them(guarded: Service) -> None:
    headers = guarded.ask("GET", "/healthz").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Server" not in headers
