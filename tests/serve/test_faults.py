"""Full disks and damaged files: told, and survived."""

import http.client
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from damaged import mutate
from services import PATIENCE, Service, start_service, wait_until

ROOM = 3_000_000  # bytes of the small disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that is soon full, where one may be mounted."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(command, capture_output=True, timeout=PATIENCE).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("nothing can be mounted here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True, timeout=PATIENCE)


def test_a_full_disk_is_told_and_leaves_nothing(small_disk: Path, astronaut: Path) -> None:
    service = start_service(small_disk / "files", "--workers", "1")
    jobs = small_disk / "files" / "jobs"
    try:
        answer = service.ask("POST", "/v1/jobs", b"x" * (ROOM + 500_000))
        assert (answer.status, answer.json["code"]) == (507, "no_room")
        assert list(jobs.iterdir()) == []
        form = service.post("/v1/jobs", files={"video": b"x" * (ROOM + 500_000)})
        assert form.status == 507 and list(jobs.iterdir()) == []
        photo = service.post("/v1/mask", files={"image": astronaut.read_bytes()})
        assert photo.status == 200  # which needs no disk
        tus = {"Tus-Resumable": "1.0.0"}
        begun = service.ask("POST", "/v1/jobs", headers={**tus, "Upload-Length": str(2 * ROOM)})
        piece = {**tus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
        place = begun.headers["Location"]
        assert service.ask("PATCH", place, b"x" * (ROOM + 500_000), piece).status == 507
        offset = int(service.ask("HEAD", place, headers=tus).headers["Upload-Offset"])
        assert (
            0 < offset < ROOM and offset == (jobs / place.split("/")[3] / "source").stat().st_size
        )
    finally:
        assert service.end() == 0


def memory_of(service: Service) -> float:
    return service.metric("worker_bytes")


@pytest.mark.soak
def test_five_hundred_damaged_images_end_neither_a_request_nor_the_service(
    service: Service, astronaut: Path
) -> None:
    chance = random.Random(25)
    whole = astronaut.read_bytes()
    sources = [whole]
    for ending in ("png", "webp", "gif", "tiff", "avif"):
        sources.append(service.post("/v1/remove", {"format": ending}, {"image": whole}).body)
    statuses, first = [], 0.0
    for number in range(500):
        data = mutate(chance.choice(sources), chance)
        try:
            statuses.append(service.post("/v1/mask", files={"image": data}).status)
        except (OSError, http.client.HTTPException):
            statuses.append(0)
        first = memory_of(service) if number == 99 else first
    assert set(statuses) <= {200, 400, 413, 415, 422, 503}, statuses
    assert statuses.count(503) <= 5  # workers that died, of formats whose libraries may
    assert memory_of(service) < 1.3 * first
    wait_until(lambda: service.metric("workers") == 2)
    assert service.post("/v1/mask", files={"image": whole}).status == 200
