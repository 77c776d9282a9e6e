"""What calls `rembg s` works when it is pointed here."""

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from services import PATIENCE, Service


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_the_call_of_its_manual_works(service: Service, astronaut: Path, tmp_path: Path) -> None:
    command = [
        "curl",
        "-s",
        "-F",
        f"file=@{astronaut}",
        f"{service.url}/api/remove",
        "-o",
        "out.png",
    ]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=PATIENCE)
    with Image.open(tmp_path / "out.png") as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (512, 512))


def test_a_colour_of_the_query_lies_behind(service: Service, astronaut: Path) -> None:
    files = {"file": astronaut.read_bytes()}
    answer = service.post("/api/remove?bgc=10,200,30,255", {"model": "u2net", "a": "true"}, files)
    assert answer.headers["X-Ignored-Options"] == "a, model"
    with Image.open(io.BytesIO(answer.body)) as image:
        assert np.abs(np.array(image.convert("RGB"), int)[3, 3] - (10, 200, 30)).max() < 4


def test_only_the_mask_may_be_asked_for(service: Service, astronaut: Path) -> None:
    files = {"file": astronaut.read_bytes()}
    answer = service.post("/api/remove", {"om": "true", "ppm": "false"}, files)
    assert "X-Ignored-Options" not in answer.headers
    with Image.open(io.BytesIO(answer.body)) as image:
        assert image.mode == "L"


def test_no_url_is_fetched_unless_that_is_switched_on(service: Service) -> None:
    answer = service.ask("GET", "/api/remove?url=https://example.com/a.jpg")
    assert (answer.status, answer.json["code"]) == (400, "no_fetching")


@pytest.mark.parametrize("color", ["1,2,3", "1,2,3,400", "1,2,3,128", "red"])
def test_a_colour_that_is_none_is_refused(service: Service, color: str) -> None:
    answer = service.post(f"/api/remove?bgc={color}", files={"file": b"anything"})
    assert (answer.status, answer.json["code"]) == (400, "invalid_option")
