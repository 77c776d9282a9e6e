"""A service that is killed again and again, at random moments: nothing sent is lost or half done."""

import http.client
import io
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import av
import pytest
from PIL import Image
from services import PATIENCE, Service, children, is_there, start_service, wait_until
from videos import make_video

KILLS = 14
pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc"),
]


@pytest.fixture
def video(tmp_path: Path) -> bytes:
    path = tmp_path / "a.mp4"
    make_video(path, times=[i * 3600 for i in range(40)], sound=None)
    return path.read_bytes()


def below(pid: int) -> Iterator[int]:
    """All processes that a process has started, and those that they have."""
    for child in children(pid):
        yield child
        yield from below(child)


def send(service: Service, video: bytes, image: bytes, until: float) -> list[str]:
    """Send videos and images until a moment; returns the jobs that were taken."""
    taken = []
    while time.monotonic() < until:
        with suppress(OSError, http.client.HTTPException):
            answer = service.ask("POST", "/v1/jobs?kind=mask&container=mp4", video, timeout=20)
            taken += [answer.json["id"]] if answer.status == 202 else []
            answer = service.post("/v1/remove", files={"image": image}, timeout=20)
            assert answer.status in (200, 503)
        time.sleep(0.5)
    return taken


def test_a_service_killed_at_random_moments_loses_nothing(
    tmp_path: Path, astronaut: Path, video: bytes
) -> None:
    chance, image = random.Random(7), astronaut.read_bytes()
    sent: list[str] = []
    for _ in range(KILLS):
        service = start_service(tmp_path / "files", "--workers", "1")
        until = time.monotonic() + chance.uniform(0.1, 4)
        sent += send(service, video, image, until) if len(sent) < 8 else []
        time.sleep(max(0.0, until - time.monotonic()))
        helpers = list(below(service.process.pid))
        service.end(signal.SIGKILL)
        wait_until(lambda helpers=helpers: not any(map(is_there, helpers)))
    service = start_service(tmp_path / "files", "--workers", "1")
    try:
        for id in sent:
            wait_until(lambda id=id: state(service, id) in ("done", "failed"), 4 * PATIENCE)
            told = service.ask("GET", f"/v1/jobs/{id}").json
            # Who ends processes twice is refused: kills by this test look the same to a service.
            assert told["state"] == "done" or "two processes" in told["error"], told
            if told["state"] == "done":
                result = service.ask("GET", f"/v1/jobs/{id}/result").body
                with av.open(io.BytesIO(result)) as opened:
                    assert len(list(opened.decode(video=0))) == 40
        answer = service.post("/v1/remove", files={"image": image})
        with Image.open(io.BytesIO(answer.body)) as cutout:
            cutout.load()
    finally:
        assert service.end() == 0
    assert sent
    hidden = [path for path in (tmp_path / "files").rglob(".*unfinished*")]
    assert not hidden and not list((tmp_path / "files").rglob("*.part"))


def state(service: Service, id: str) -> str:
    return str(service.ask("GET", f"/v1/jobs/{id}").json["state"])
