"""`/v1/remove` and `/v1/mask` give what the command and Python give, or a problem."""

import base64
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from services import Service

from figureground import Remover
from figureground.jobs.cutout import Cutout


@pytest.fixture(scope="module")
def photo(astronaut: Path) -> bytes:
    with Image.open(astronaut) as image:
        stream = io.BytesIO()
        image.resize((200, 200)).save(stream, "JPEG")
    return stream.getvalue()


@pytest.fixture(scope="module")
def remover() -> Remover:
    return Remover(threads=1)


def assert_alike(data: bytes, expected: Cutout) -> None:
    """The pixels are those that Python makes; how PNG packs them depends on the threads."""
    with Image.open(io.BytesIO(data)) as image:
        found = np.asarray(image)
    with Image.open(io.BytesIO(expected.to_bytes("png"))) as image:
        np.testing.assert_array_equal(found, np.asarray(image))


def test_a_form_gets_what_python_gets(service: Service, photo: bytes, remover: Remover) -> None:
    answer = service.post("/v1/remove", files={"image": photo})
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/png")
    assert_alike(answer.body, remover.remove(photo))
    assert (answer.headers["X-Width"], answer.headers["X-Height"]) == ("200", "200")


def test_a_raw_body_takes_its_options_from_the_query(
    service: Service, photo: bytes, remover: Remover
) -> None:
    answer = service.ask("POST", "/v1/remove?background=%2300ff00&min-area=9", photo)
    expected = remover.remove(photo, background="#00ff00", min_area=9)
    assert answer.status == 200
    assert_alike(answer.body, expected)


def test_json_holds_images_in_base64(service: Service, photo: bytes, remover: Remover) -> None:
    asked = {
        "image": base64.b64encode(photo).decode(), "kind": "mask", "grow": 2, "crop": 0.1,
    }  # fmt: skip
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    answer = service.ask("POST", "/v1/remove", json.dumps(asked), headers)
    told = answer.json
    expected = remover.remove(photo, kind="mask", grow=2, crop=0.1)
    assert_alike(base64.b64decode(told["image"]), expected)
    rows, columns = expected.rendered().shape[:2]
    assert (told["width"], told["height"]) == (columns, rows)
    assert told["source"] == {"width": 200, "height": 200}
    assert (told["format"], told["model"]) == ("png", "lite")
    left, top, width, height = told["person"]["box"]
    seen = expected.alpha > 0.5
    assert seen[top : top + height, left : left + width].sum() == seen.sum()
    assert told["person"]["share"] == pytest.approx(float((expected.found > 0.5).mean()), abs=0.02)


def test_an_image_lies_behind_the_person(service: Service, photo: bytes, remover: Remover) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), (9, 80, 200)).save(stream, "PNG")
    files = {"image": photo, "background": stream.getvalue()}
    answer = service.post("/v1/remove", {"format": "webp", "quality": "80"}, files)
    assert answer.headers["Content-Type"] == "image/webp"
    with Image.open(io.BytesIO(answer.body)) as image:
        pixel = np.asarray(image.convert("RGB"))[0, 0]
    assert np.abs(pixel.astype(int) - (9, 80, 200)).max() < 12


def test_a_mask_is_white_where_people_are(service: Service, photo: bytes) -> None:
    answer = service.post("/v1/mask", files={"file": photo}, headers={"Accept": "image/webp"})
    assert answer.headers["Content-Type"] == "image/webp"
    with Image.open(io.BytesIO(answer.body)) as image:
        assert image.convert("L").getextrema() == (0, 255)
    refused = service.post("/v1/mask", {"kind": "cutout"}, {"image": photo})
    assert (refused.status, refused.json["code"]) == (400, "invalid_option")


def test_the_first_format_that_fits_is_taken(service: Service, photo: bytes) -> None:
    accept = {"Accept": "image/jpeg, image/webp;q=0.5"}
    cutout = service.post("/v1/remove", files={"image": photo}, headers=accept)
    assert cutout.headers["Content-Type"] == "image/webp"
    filled = service.post("/v1/remove", {"background": "white"}, {"image": photo}, accept)
    assert filled.headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize(
    ("fields", "headers", "status", "code"),
    [
        ({"size": "3"}, {}, 400, "invalid_option"),
        ({"feather": "nan"}, {}, 400, "invalid_option"),
        ({"sharpen": "1"}, {}, 400, "invalid_option"),
        ({"background": "/etc/hostname"}, {}, 400, "invalid_option"),
        ({"background": "blur:0"}, {}, 400, "invalid_option"),
        ({"model": "/etc/hostname"}, {}, 400, "unknown_model"),
        ({"image_url": "https://example.com/a.jpg"}, {}, 400, "several_images"),
        ({"format": "jpg"}, {}, 400, "invalid_option"),
        ({}, {"Accept": "text/html"}, 406, "not_acceptable"),
    ],
)
def test_what_makes_no_sense_is_a_problem(
    service: Service, photo: bytes, fields, headers, status: int, code: str
) -> None:
    answer = service.post("/v1/remove", fields, {"image": photo}, headers)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status, answer.json["status"], answer.json["code"]) == (status, status, code)
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_what_is_no_image_is_a_problem(service: Service) -> None:
    answer = service.post("/v1/remove", files={"image": b"no image"})
    assert (answer.status, answer.json["code"]) == (422, "unreadable_image")
    none = service.post("/v1/remove", {"kind": "mask"})
    assert (none.status, none.json["code"]) == (400, "missing_image")


def test_nobody_is_told_as_asked_for(service: Service) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (64, 64), (30, 90, 200)).save(stream, "PNG")
    files = {"image": stream.getvalue()}
    assert service.post("/v1/remove", {"on_empty": "keep"}, files).status == 200
    skipped = service.post("/v1/remove", {"on_empty": "skip"}, files)
    assert (skipped.status, skipped.body) == (204, b"")
    failed = service.post("/v1/remove", {"on_empty": "fail"}, files)
    assert (failed.status, failed.json["code"]) == (422, "nobody")


def test_equal_results_have_equal_etags(service: Service, photo: bytes) -> None:
    tags = [
        service.post("/v1/remove", {"kind": kind}, {"image": photo}).headers["ETag"]
        for kind in ("cutout", "cutout", "mask")
    ]
    assert tags[0] == tags[1] != tags[2]
