"""Workers may die, and others take over; what is too much waits or is told to come back."""

import io
import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from deadly_worker import STAND_IN
from PIL import Image
from services import PATIENCE, Reply, Service, start_service, wait_until

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with one worker, which dies or waits as images say, and room for three that wait."""
    running = started(tmp_path_factory.mktemp("single"))
    yield running
    assert running.end() == 0


def started(folder: Path, *options: str) -> Service:
    paths = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])}
    words = "--workers", "1", "--queue", "3", *options
    return start_service(folder, *words, environment=paths, code=STAND_IN)


def photo() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (32, 32), (30, 90, 200)).save(stream, "PNG")
    return stream.getvalue()


def send(service: Service, image: bytes) -> Reply:
    return service.post("/v1/remove", files={"image": image})


def wait_for_worker(service: Service) -> int:
    """The one worker's process, once it is there."""
    wait_until(lambda: service.metric("workers") == 1 == len(service.workers()))
    return service.workers()[0]


def test_a_worker_that_dies_is_replaced_within_a_second_or_so(single: Service) -> None:
    before = wait_for_worker(single)
    answer = send(single, b"die 1")
    assert (answer.status, answer.json["code"]) == (503, "worker_died")
    assert "signal 9" in answer.json["detail"] and int(answer.headers["Retry-After"]) >= 1
    assert send(single, photo()).status == 200
    assert single.workers() != [before]


def test_an_image_that_ends_two_workers_is_refused_from_then_on(single: Service) -> None:
    assert [send(single, b"die 2").json["code"] for _ in range(2)] == [
        "worker_died",
        "deadly_image",
    ]
    before = single.metric("worker_deaths")
    answer = send(single, b"die 2")
    assert (answer.status, answer.json["code"]) == (422, "deadly_image")
    assert single.metric("worker_deaths") == before
    assert send(single, photo()).status == 200


def test_a_worker_that_dies_idle_costs_no_request(single: Service) -> None:
    os.kill(wait_for_worker(single), signal.SIGKILL)
    assert send(single, photo()).status == 200


def test_a_worker_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    service = started(tmp_path, "--max-seconds", "3")
    try:
        slow = send(service, b"wait /nowhere/at/all")
        assert (slow.status, slow.json["code"]) == (503, "worker_died")
        assert "too long" in slow.json["detail"]
        wait_for_worker(service)
    finally:
        assert service.end() == 0


def test_a_worker_that_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    service = started(tmp_path, "--max-memory", "100M")
    try:
        assert "too much memory" in send(service, b"fill 1").json["detail"]
        assert send(service, photo()).status == 200
    finally:
        assert service.end() == 0


def test_beyond_the_queue_clients_are_told_when_to_come_back(
    single: Service, tmp_path: Path
) -> None:
    wait = f"wait {tmp_path / 'go'}".encode()
    with ThreadPoolExecutor(4) as clients:
        taken = [clients.submit(send, single, wait) for _ in range(4)]
        wait_until(lambda: single.metric("inside") == 4 and single.metric("working") == 1)
        refused = send(single, photo())
        healthy = [single.ask("GET", path).status for path in ("/healthz", "/readyz", "/metrics")]
        (tmp_path / "go").touch()
        answers = [one.result(PATIENCE).status for one in taken]
    assert (refused.status, refused.json["code"]) == (503, "queue_full")
    assert int(refused.headers["Retry-After"]) >= 1
    assert healthy == [200, 200, 200] and answers == [422] * 4  # a word is no image


def test_what_was_taken_is_finished_on_sigterm(tmp_path: Path) -> None:
    service = started(tmp_path / "files")
    worker = wait_for_worker(service)
    wait = f"wait {tmp_path / 'go'}".encode()
    with ThreadPoolExecutor(2) as clients:
        taken = [clients.submit(send, service, wait) for _ in range(2)]
        wait_until(lambda: service.metric("inside") == 2 and service.metric("working") == 1)
        service.process.send_signal(signal.SIGTERM)
        os.kill(worker, signal.SIGTERM)  # as systemd does to all of a service
        (tmp_path / "go").touch()
        assert [one.result(PATIENCE).status for one in taken] == [422, 422]
    assert service.process.wait(PATIENCE) == 0
    assert service.end() == 0
    assert not list((tmp_path / "files" / "tmp").iterdir())


@pytest.mark.soak
def test_after_a_hundred_deaths_in_a_row_it_still_serves(single: Service) -> None:
    codes = {send(single, b"die in a row %d" % number).json["code"] for number in range(100)}
    assert codes == {"worker_died"}
    assert send(single, photo()).status == 200
