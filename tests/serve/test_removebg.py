"""Clients of remove.bg work when they are pointed here."""

import base64
import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest
import removebg.removebg
from PIL import Image
from services import PATIENCE, Service

PATH = "/v1.0/removebg"


@pytest.fixture(scope="module")
def photo(astronaut: Path) -> bytes:
    return astronaut.read_bytes()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_the_python_client_works(
    service: Service, astronaut: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removebg.removebg, "API_ENDPOINT", service.url + PATH)
    monkeypatch.setattr(removebg.removebg.logging, "basicConfig", lambda **_: None)
    client = removebg.removebg.RemoveBg("a key", "unused.log")
    shutil.copy(astronaut, tmp_path / "photo.jpg")
    client.remove_background_from_img_file(str(tmp_path / "photo.jpg"), bg_color="81d4fa")
    with Image.open(tmp_path / "photo.jpg_no_bg.png") as image:
        assert image.size == (500, 500)  # a quarter of a million pixels
        assert np.abs(np.array(image.convert("RGB"))[5, 5] - (0x81, 0xD4, 0xFA)).max() < 4
    encoded = base64.b64encode(astronaut.read_bytes())
    client.remove_background_from_base64_img(encoded, "full", str(tmp_path / "b.png"))
    with Image.open(tmp_path / "b.png") as image:
        assert (image.size, image.mode) == ((512, 512), "RGBA")


CALL = """
const https = require('https'), http = require('http')
https.request = options => http.request({...options, agent: undefined, protocol: 'http:',
  host: '%s', hostname: '%s', port: %d})
const { removeBackgroundFromImageFile } = require('remove.bg')
removeBackgroundFromImageFile({path: process.argv[2], apiKey: 'a key', size: 'full',
  type: 'person', crop: true, crop_margin: '5%%', outputFile: 'out.png'})
  .then(found => console.log(JSON.stringify({...found, base64img: undefined})))
"""


@pytest.mark.soak
def test_the_client_of_npm_works(service: Service, astronaut: Path, tmp_path: Path) -> None:
    install = ["npm", "install", "--silent", "remove.bg@1.3.0"]
    subprocess.run(install, cwd=tmp_path, check=True, timeout=300)
    host, port = service.address
    (tmp_path / "call.js").write_text(CALL % (host, host, port))
    command = ["node", "--no-deprecation", "call.js", str(astronaut)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["creditsCharged"], told["detectedType"]) == ("0", "person")
    with Image.open(tmp_path / "out.png") as image:
        assert image.size == (int(told["resultWidth"]), int(told["resultHeight"]))
        assert image.mode == "RGBA"


def test_json_is_what_its_clients_read(service: Service, photo: bytes) -> None:
    asked = {"image_file_b64": base64.b64encode(photo).decode(), "size": "auto", "crop": False}
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    answer = service.ask("POST", PATH, json.dumps(asked), headers)
    told = answer.json["data"]
    with opened(base64.b64decode(told["result_b64"])) as image:
        alpha = np.asarray(image)[..., 3]
    rows = np.flatnonzero((alpha > 128).any(axis=1))
    assert abs(told["foreground_top"] - rows[0]) <= 1
    assert abs(told["foreground_height"] - (rows[-1] - rows[0] + 1)) <= 1
    assert (answer.headers["X-Width"], answer.headers["X-Credits-Charged"]) == ("512", "0")


def test_an_alpha_channel_is_a_mask(service: Service, photo: bytes) -> None:
    fields = {"channels": "alpha", "semitransparency": "true", "format": "auto"}
    answer = service.post(PATH, fields, {"image_file": photo})
    assert answer.headers["X-Ignored-Options"] == "semitransparency"
    with opened(answer.body) as image:
        assert image.mode == "L" and image.getextrema() == (0, 255)


def test_a_zip_holds_colours_and_alpha(service: Service, photo: bytes) -> None:
    answer = service.post(PATH, {"format": "zip"}, {"image_file": photo})
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.namelist() == ["color.jpg", "alpha.png"]
        with opened(archive.read("color.jpg")) as color, opened(archive.read("alpha.png")) as alpha:
            assert color.size == alpha.size == (500, 500)


def test_nobody_is_seen_outside_the_region(service: Service, photo: bytes) -> None:
    fields = {"roi": "0% 0% 50% 256px", "size": "full"}
    answer = service.post(PATH, fields, {"image_file": photo})
    with opened(answer.body) as image:
        alpha = np.asarray(image)[..., 3]
    assert alpha.shape == (512, 512)
    assert alpha[:256, :256].max() > 200 and not alpha[256:].any() and not alpha[:, 256:].any()


def test_a_background_makes_it_a_jpeg(service: Service, photo: bytes) -> None:
    answer = service.post(PATH, {"bg_color": "0f0"}, {"image_file": photo})
    assert answer.headers["Content-Type"] == "image/jpeg"
    with opened(answer.body) as image:
        assert np.abs(np.array(image, int)[3, 3] - (0, 255, 0)).max() < 12


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"size": "huge"}, 400, "invalid_size"),
        ({"type": "car"}, 400, "invalid_type"),
        ({"scale": "50%"}, 400, "invalid_scale"),
        ({"bg_color": "81d4fa80"}, 400, "invalid_bg_color"),
        ({"bg_color": "no colour"}, 400, "invalid_option"),
        ({"roi": "1 2 3"}, 400, "invalid_roi"),
        ({"crop": "true", "crop_margin": "30px"}, 400, "invalid_crop_margin"),
        ({"image_url": "https://example.com/a.jpg"}, 400, "multiple_sources"),
    ],
)
def test_errors_are_told_as_its_clients_read_them(
    service: Service, photo: bytes, fields, status: int, code: str
) -> None:
    answer = service.post(PATH, fields, {"image_file": photo})
    assert (answer.status, answer.json["errors"][0]["code"]) == (status, code)
    assert answer.json["errors"][0]["title"]


def test_what_is_missing_is_told(service: Service) -> None:
    assert service.post(PATH, {"size": "hd"}).json["errors"][0]["code"] == "missing_source"
    broken = service.post(PATH, files={"image_file": b"no image"})
    assert (broken.status, broken.json["errors"][0]["code"]) == (400, "invalid_file_type")


def test_an_account_has_credits(service: Service) -> None:
    told = service.ask("GET", "/v1.0/account").json["data"]["attributes"]
    assert told["credits"]["total"] == 0 and told["api"]["sizes"] == "all"
