"""Videos go to the server that the page comes from, and only when somebody says so."""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import av
import pytest
from browser import Host, Tab, tab
from services import start_service

pytestmark = [pytest.mark.soak, pytest.mark.slow]

Open = Callable[..., Tab]


HALF = ("running", {"frames": 6, "total": 12})


@pytest.fixture
def states() -> Iterator[tuple[str, dict[str, int]]]:
    """What a job is at each question."""
    return iter([("queued", {}), HALF, HALF, ("done", {})])


@pytest.fixture
def asked(
    place: Host, astronaut: Path, states: Iterator[tuple[str, dict[str, int]]]
) -> Iterator[list[str]]:
    """A stand-in for the server's jobs; what it was asked."""
    requests: list[str] = []
    video = astronaut.with_suffix(".mp4").read_bytes()

    def answer(method: str, address: str, body: bytes) -> tuple[int, bytes] | None:
        path = urlsplit(address).path
        if path == "/config.json":
            return 200, b'{"server": true}'
        if not path.startswith("/v1/jobs"):
            return None
        requests.append(f"{method} {address}")
        if method == "POST":
            requests.append(f"{len(body)} bytes")
            return 202, json.dumps({"id": "a1", "state": "queued"}).encode()
        if method == "DELETE":
            return 204, b""
        if path.endswith("/result"):
            return 200, video
        state, more = next(states)
        return 200, json.dumps({"id": "a1", "state": state, **more}).encode()

    place.answer = answer
    yield requests


def test_a_video_is_sent_when_that_is_asked_for(
    opened: Open, asked: list[str], astronaut: Path
) -> None:
    video = astronaut.with_suffix(".mp4")
    tab = opened("?background=color&color=00ff00&feather=2")
    tab.page.wait_for_selector("text=Choose images or videos")
    tab.give(video, done=False)
    tab.page.wait_for_selector("text=Videos are sent to the server")
    assert asked == []
    tab.page.click("text=Send and start")
    tab.page.wait_for_selector("text=The server is at work, 50 %")
    tab.page.wait_for_selector("text=The video is done")
    assert parse_qs(urlsplit(asked[0].split()[1]).query)["background"] == ["#00ff00"]
    assert asked[1] == f"{video.stat().st_size} bytes"
    assert tab.save(".video a").read_bytes() == video.read_bytes()


@pytest.mark.parametrize("states", [itertools.repeat(HALF)], ids=["without end"])
def test_a_video_can_be_stopped(opened: Open, asked: list[str], astronaut: Path) -> None:
    tab = opened()
    tab.page.wait_for_selector("text=Choose images or videos")
    tab.give(astronaut.with_suffix(".mp4"), done=False)
    tab.page.click("text=Send and start")
    tab.page.wait_for_selector("text=The server is at work")
    tab.page.click("text=Stop")
    tab.page.wait_for_selector("text=Send and start")
    assert asked[-1] == "DELETE /v1/jobs/a1"


def test_figureground_serve_works_on_a_video(browser: Any, astronaut: Path, tmp_path: Path) -> None:
    service = start_service(tmp_path / "service", "--workers", "1")
    try:
        place = Host(service.url.rstrip("/") + "/")
        with tab(browser, place) as visitor:
            visitor.open("?background=color&color=00ff00")
            visitor.page.wait_for_selector("text=Choose images or videos")
            visitor.give(astronaut.with_suffix(".mp4"), done=False)
            visitor.page.click("text=Send and start")
            visitor.until("document.querySelector('.video a, .stage .failed') !== null", 240)
            saved = visitor.save(".video a")
            visitor.give(astronaut)
            visitor.page.wait_for_selector(".entry.done:nth-child(2)")
            assert visitor.errors == [] and visitor.outside == []
    finally:
        service.end()
    with av.open(str(saved)) as video:
        frames = [frame.to_ndarray(format="rgb24") for frame in video.decode(video=0)]
    assert len(frames) > 5
    assert abs(frames[0][5, -5].astype(int) - (0, 255, 0)).max() < 30
