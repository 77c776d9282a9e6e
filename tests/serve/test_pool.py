"""Workers may die, and others take over; what is too much waits or is told to come back."""

import io
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image
from services import PATIENCE, Service, start_service, wait_until

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with one worker and room for three that wait."""
    folder = tmp_path_factory.mktemp("single")
    running = start_service(folder, "--workers", "1", "--queue", "3", "--max-seconds", "20")
    yield running
    running.end()


def image_of(shade: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (32, 32), (shade, 90, 200)).save(stream, "PNG")
    return stream.getvalue()


def held(service: Service, image: bytes) -> "tuple[int, Future]":
    """Begin a request that its worker, which is stopped, does not answer."""
    (worker,) = service.workers()
    os.kill(worker, signal.SIGSTOP)
    with_it = ThreadPoolExecutor(1)
    asked = with_it.submit(service.post, "/v1/remove", None, {"image": image})
    with_it.shutdown(wait=False)
    wait_until(lambda: service.metric("working") == 1)
    return worker, asked


def test_a_worker_that_is_killed_is_replaced(single: Service) -> None:
    worker, asked = held(single, image_of(1))
    os.kill(worker, signal.SIGKILL)
    answer = asked.result(PATIENCE)
    assert (answer.status, answer.json["code"]) == (503, "worker_died")
    assert "signal 9" in answer.json["detail"] and int(answer.headers["Retry-After"]) >= 1
    again = single.post("/v1/remove", files={"image": image_of(1)})
    assert again.status == 200
    assert single.workers() != [worker]


def test_an_image_that_ends_two_workers_is_refused_from_then_on(single: Service) -> None:
    for code in ("worker_died", "deadly_image"):
        worker, asked = held(single, image_of(2))
        os.kill(worker, signal.SIGKILL)
        assert asked.result(PATIENCE).json["code"] == code
    began = single.metric("worker_deaths")
    answer = single.post("/v1/remove", files={"image": image_of(2)})
    assert (answer.status, answer.json["code"]) == (422, "deadly_image")
    assert single.metric("worker_deaths") == began
    assert single.post("/v1/remove", files={"image": image_of(3)}).status == 200


def test_a_worker_that_dies_idle_costs_no_request(single: Service) -> None:
    wait_until(lambda: len(single.workers()) == 1)
    os.kill(single.workers()[0], signal.SIGKILL)
    assert single.post("/v1/remove", files={"image": image_of(4)}).status == 200


def test_a_worker_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    service = start_service(tmp_path, "--workers", "1", "--max-seconds", "1")
    try:
        _, asked = held(service, image_of(5))
        answer = asked.result(PATIENCE)
        assert (answer.status, answer.json["code"]) == (503, "worker_died")
        assert "too long" in answer.json["detail"]
    finally:
        assert service.end() == 0


def test_beyond_the_queue_clients_are_told_when_to_come_back(single: Service) -> None:
    wait_until(lambda: len(single.workers()) == 1)
    worker, first = held(single, image_of(6))
    with ThreadPoolExecutor(3) as waiting:
        others = [
            waiting.submit(single.post, "/v1/remove", None, {"image": image_of(7 + number)})
            for number in range(3)
        ]
        wait_until(lambda: single.metric("inside") == 4)
        refused = single.post("/v1/remove", files={"image": image_of(20)})
        healthy = [single.ask("GET", path).status for path in ("/healthz", "/readyz", "/metrics")]
        os.kill(worker, signal.SIGCONT)
        answers = [one.result(PATIENCE).status for one in (first, *others)]
    assert (refused.status, refused.json["code"]) == (503, "queue_full")
    assert int(refused.headers["Retry-After"]) >= 1
    assert healthy == [200, 200, 200] and answers == [200] * 4


def test_what_was_taken_is_finished_on_sigterm(tmp_path: Path) -> None:
    service = start_service(tmp_path, "--workers", "1")
    worker, asked = held(service, image_of(9))
    waiting = threading.Thread(
        target=lambda: service.post("/v1/remove", None, {"image": image_of(8)})
    )
    waiting.start()
    wait_until(lambda: service.metric("inside") == 2)
    service.process.send_signal(signal.SIGTERM)
    os.kill(worker, signal.SIGTERM)  # as systemd does to all of a service
    time.sleep(0.5)
    os.kill(worker, signal.SIGCONT)
    assert asked.result(PATIENCE).status == 200
    waiting.join(PATIENCE)
    assert service.process.wait(PATIENCE) == 0
    assert service.end() == 0
    assert not list((tmp_path / "tmp").iterdir())


@pytest.mark.soak
def test_after_a_hundred_deaths_in_a_row_it_still_serves(single: Service) -> None:
    for number in range(100):
        wait_until(lambda: len(single.workers()) == 1)
        worker, asked = held(single, image_of(100 + number))
        os.kill(worker, signal.SIGKILL)
        assert asked.result(PATIENCE).status == 503
    assert single.post("/v1/remove", files={"image": image_of(5)}).status == 200
