"""Videos are jobs: sent whole or in pieces, followed, fetched in ranges, cancelled, and never lost."""

import io
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import av
import pytest
from services import PATIENCE, Reply, Service, children, is_there, start_service, wait_until
from tusclient.client import TusClient
from videos import make_video

from figureground.serve import video_queue
from figureground.serve.settings import ServeSettings
from figureground.serve.video_queue import VideoQueue
from figureground.serve.video_store import FAILED, QUEUED, Store


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("video") / "a.mp4"
    make_video(path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def long_video(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A hundred frames and more, which take a while."""
    path = tmp_path_factory.mktemp("video") / "long.mp4"
    make_video(path, times=[i * 3600 for i in range(120)], sound=None)
    return path.read_bytes()


def state_of(service: Service, id: str) -> dict:
    return service.ask("GET", f"/v1/jobs/{id}").json


def wait_for(service: Service, id: str, state: str) -> dict:
    """A job once it is in a state, or has ended in another."""
    wait_until(lambda: state_of(service, id)["state"] in (state, "done", "failed"), 4 * PATIENCE)
    told = state_of(service, id)
    assert told["state"] == state, told
    return told


def frames_of(data: bytes) -> int:
    with av.open(io.BytesIO(data)) as opened:
        return len(list(opened.decode(video=0)))


def result_of(service: Service, id: str, **headers: str) -> Reply:
    return service.ask("GET", f"/v1/jobs/{id}/result", headers=headers)


def test_a_form_becomes_a_job_and_a_video(service: Service, video: bytes) -> None:
    sent = service.post("/v1/jobs", {"background": "white", "container": "mp4"}, {"video": video})
    assert sent.status == 202 and sent.headers["Location"] == f"/v1/jobs/{sent.json['id']}"
    told = wait_for(service, sent.json["id"], "done")
    assert told["expires"] > told["finished"] >= told["created"]
    whole = result_of(service, told["id"])
    assert (whole.status, whole.headers["Content-Type"]) == (200, "video/mp4")
    assert frames_of(whole.body) == frames_of(video)
    part = result_of(service, told["id"], Range="bytes=10-29")
    assert (part.status, part.body) == (206, whole.body[10:30])
    same = result_of(service, told["id"], **{"If-None-Match": whole.headers["ETag"]})
    assert (same.status, same.body) == (304, b"")
    assert service.ask("DELETE", f"/v1/jobs/{told['id']}").status == 204
    assert service.ask("GET", f"/v1/jobs/{told['id']}").status == 404


def test_a_raw_body_is_followed_to_its_end(service: Service, video: bytes) -> None:
    sent = service.ask("POST", "/v1/jobs?kind=mask&container=mkv", video)
    events = service.ask("GET", f"/v1/jobs/{sent.json['id']}/events")
    assert events.headers["Content-Type"].startswith("text/event-stream")
    told = [line for line in events.body.decode().splitlines() if line.startswith("data: ")]
    last = json.loads(told[-1].removeprefix("data: "))
    assert last["state"] == "done" and events.body.endswith(b"\n\n")


def test_a_client_of_tus_sends_it_in_pieces(service: Service, video: bytes) -> None:
    client = TusClient(f"{service.url}/v1/jobs")
    uploader = client.uploader(
        file_stream=io.BytesIO(video), chunk_size=len(video) // 3 + 1,
        metadata={"filename": "private.mp4", "kind": "mask", "container": "mp4"},
    )  # fmt: skip
    uploader.upload_chunk()
    assert uploader.offset == len(video) // 3 + 1
    again = client.uploader(file_stream=io.BytesIO(video), url=uploader.url, chunk_size=1000)
    assert again.offset == uploader.offset
    again.upload()
    id = str(uploader.url).split("/")[-2]
    wait_for(service, id, "done")
    assert frames_of(result_of(service, id).body) == frames_of(video)


def test_a_piece_out_of_place_is_refused(service: Service) -> None:
    tus = {"Tus-Resumable": "1.0.0"}
    begun = service.ask("POST", "/v1/jobs", headers={**tus, "Upload-Length": "10"})
    assert begun.status == 201
    place = begun.headers["Location"]
    piece = {**tus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "5"}
    assert service.ask("PATCH", place, b"x", piece).json["code"] == "wrong_offset"
    assert service.ask("PATCH", place, b"x", {**piece, "Tus-Resumable": "0.2"}).status == 412
    beyond = service.ask("PATCH", place, b"x" * 11, {**piece, "Upload-Offset": "0"})
    assert (beyond.status, beyond.json["code"]) == (413, "too_large")
    offer = service.ask("OPTIONS", "/v1/jobs")
    assert offer.headers["Tus-Version"] == "1.0.0" and "creation" in offer.headers["Tus-Extension"]
    assert service.ask("DELETE", place, headers=tus).status == 204
    assert service.ask("HEAD", place, headers=tus).status == 404


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"crf": "99"}, "invalid_option"), ({"model": "/etc/hostname"}, "unknown_model"),
     ({"size": "3x3"}, "invalid_option"), ({"feather": "-1"}, "invalid_option"),
     ({"start": "x"}, "invalid_option")],
)  # fmt: skip
def test_an_option_that_makes_no_sense_is_refused(
    service: Service, video: bytes, fields: dict[str, str], code: str
) -> None:
    answer = service.post("/v1/jobs", fields, {"video": video})
    assert (answer.status, answer.json["code"]) == (400, code)


def test_what_is_no_video_fails_and_names_no_path(service: Service) -> None:
    sent = service.ask("POST", "/v1/jobs", b"no video")
    told = wait_for(service, sent.json["id"], "failed")
    assert told["error"] and "/" not in told["error"].replace("n/a", "")
    assert result_of(service, told["id"]).status == 409
    empty = service.ask("POST", "/v1/jobs", b"")
    assert (empty.status, empty.json["code"]) == (400, "missing_video")
    assert service.ask("GET", "/v1/jobs/..%2F..%2Fqueue.sqlite3").status == 404


def test_a_path_is_no_background(service: Service, video: bytes, astronaut: Path) -> None:
    sent = service.post("/v1/jobs", {"background": str(astronaut)}, {"video": video})
    assert "colour" in wait_for(service, sent.json["id"], "failed")["error"]


def child_of(service: Service) -> list[int]:
    """The process that works on a video."""
    found = []
    for pid in children(service.process.pid):
        with suppress(OSError):  # it has ended by now
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            found += [pid] if b"video_child" in command else []
    return found


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Service]:
    running = start_service(tmp_path / "files", "--workers", "1")
    yield running
    running.end()


@pytest.mark.slow
def test_a_service_that_is_killed_loses_no_video(
    alone: Service, tmp_path: Path, video: bytes, long_video: bytes
) -> None:
    sent = [
        alone.ask("POST", "/v1/jobs?kind=mask&container=mp4", data).json["id"]
        for data in (long_video, video)
    ]
    wait_until(lambda: state_of(alone, sent[0]).get("frames", 0) > 0)
    (child,) = child_of(alone)
    alone.end(signal.SIGKILL)
    wait_until(lambda: not is_there(child))
    again = start_service(tmp_path / "files", "--workers", "1")
    try:
        for id, data in zip(sent, (long_video, video), strict=True):
            wait_for(again, id, "done")
            assert frames_of(result_of(again, id).body) == frames_of(data)
    finally:
        assert again.end() == 0
    starts = [line for line in again.lines if "video_begun" in line]
    assert len(starts) == 2


@pytest.mark.slow
def test_sigterm_leaves_a_video_to_the_next_start(
    alone: Service, tmp_path: Path, long_video: bytes
) -> None:
    id = alone.ask("POST", "/v1/jobs?kind=mask&container=mp4", long_video).json["id"]
    wait_until(lambda: bool(child_of(alone)))
    assert alone.end() == 0
    again = start_service(tmp_path / "files", "--workers", "1")
    try:
        wait_for(again, id, "done")
    finally:
        again.end()


def test_cancelling_ends_the_work(alone: Service, tmp_path: Path, long_video: bytes) -> None:
    id = alone.ask("POST", "/v1/jobs?kind=mask&container=mp4", long_video).json["id"]
    wait_until(lambda: bool(child_of(alone)))
    assert alone.ask("DELETE", f"/v1/jobs/{id}").status == 204
    wait_until(lambda: not child_of(alone) and not (tmp_path / "files" / "jobs" / id).exists())


def test_a_video_that_ends_two_processes_fails(alone: Service, long_video: bytes) -> None:
    id = alone.ask("POST", "/v1/jobs?kind=mask&container=mp4", long_video).json["id"]
    for _ in range(2):
        wait_until(lambda: bool(child_of(alone)))
        child = child_of(alone)[0]
        os.kill(child, signal.SIGKILL)
        wait_until(lambda child=child: child not in child_of(alone))
    assert "two processes" in wait_for(alone, id, "failed")["error"]


def test_a_video_that_takes_too_long_is_ended(tmp_path: Path, long_video: bytes) -> None:
    service = start_service(tmp_path / "files", "--max-video-seconds", "0.5")
    try:
        id = service.ask("POST", "/v1/jobs?kind=mask&container=mp4", long_video).json["id"]
        assert "longer than 0.5 seconds" in wait_for(service, id, "failed")["error"]
        assert not child_of(service)
    finally:
        service.end()


def test_a_video_that_takes_too_much_memory_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(video_queue, "CHILD", [sys.executable, "-c", "import time; time.sleep(60)"])
    monkeypatch.setattr(video_queue, "memory_of", lambda pid: 500_000_001)
    settings = ServeSettings(folder=tmp_path, max_memory=100_000_000)
    store = Store(tmp_path)
    record = store.create(owner="", fields={})
    queue = VideoQueue(settings, store)
    store.change(record.id, state=QUEUED)
    queue.start()
    try:
        wait_until(lambda: store.read(record.id).state == FAILED)
    finally:
        queue.close()
    assert "more than 500 MB" in store.read(record.id).error


def test_a_queue_that_is_locked_delays_a_video(
    alone: Service, tmp_path: Path, video: bytes
) -> None:
    lock = sqlite3.connect(tmp_path / "files" / "queue.sqlite3", isolation_level=None)
    lock.execute("begin exclusive")
    try:
        sent = alone.ask("POST", "/v1/jobs?kind=mask&container=mp4", video, timeout=PATIENCE)
        assert sent.status == 202
        assert alone.ask("GET", "/healthz").status == 200
    finally:
        lock.execute("rollback")
        lock.close()
    wait_for(alone, sent.json["id"], "done")


def test_what_was_done_when_a_service_was_killed_is_not_done_again(
    alone: Service, tmp_path: Path, video: bytes
) -> None:
    id = alone.ask("POST", "/v1/jobs?kind=mask&container=mp4", video).json["id"]
    wait_for(alone, id, "done")
    result = result_of(alone, id).body
    alone.end(signal.SIGKILL)
    folder = tmp_path / "files" / "jobs" / id
    record = json.loads((folder / "job.json").read_text())
    (folder / "job.json").write_text(json.dumps({**record, "state": "running"}))
    (folder / "outcome.json").unlink()
    (folder / "source").write_bytes(b"no video any more")
    again = start_service(tmp_path / "files", "--workers", "1")
    try:
        wait_for(again, id, "done")
        assert result_of(again, id).body == result
    finally:
        again.end()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    """The URL of a Redis of its own."""
    pytest.importorskip("redis")
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server")
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL)
    wait_until(lambda: is_listening(port))
    yield f"redis://127.0.0.1:{port}/0"
    process.kill()
    process.wait(PATIENCE)


def is_listening(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(1)
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.soak
def test_two_services_share_a_queue_and_do_each_video_once(
    redis: str, tmp_path: Path, video: bytes
) -> None:
    words = ["--workers", "1", "--redis", redis]
    services = [start_service(tmp_path / "files", *words) for _ in range(2)]
    try:
        sent = [
            services[number % 2].ask("POST", "/v1/jobs?kind=mask&container=mp4", video).json["id"]
            for number in range(6)
        ]
        for id in sent:
            told = wait_for(services[0], id, "done")
            assert frames_of(result_of(services[1], told["id"]).body) == frames_of(video)
    finally:
        for service in services:
            assert service.end() == 0
    begun = [line for service in services for line in service.lines if "video_begun" in line]
    assert len(begun) == len(sent)
