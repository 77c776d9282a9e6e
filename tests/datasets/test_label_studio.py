"""Label Studio's exports: polygons in percent, ellipses, brush strokes."""

from pathlib import Path

import numpy as np
import pytest
from datafiles import SIZE, SQUARE, SQUARE_ROWS, convert, image, masks, rows, write

from figureground.datasets.label_studio import unpack_brush
from figureground.errors import DataError

PERCENT = (np.reshape(SQUARE, (-1, 2)) * 100 / np.array(SIZE[::-1])).tolist()
OF_IMAGE = {"original_height": SIZE[0], "original_width": SIZE[1]}


def bits(*pieces: tuple[int, int]) -> list[int]:
    """Bytes of values and their widths."""
    text = "".join(f"{value:0{width}b}" for value, width in pieces)
    text += "0" * (-len(text) % 8)
    return [int(text[at : at + 8], 2) for at in range(0, len(text), 8)]


def brush(levels: np.ndarray) -> list[int]:
    """A stroke as the tool packs it: runs of up to 8 equal values, all else one by one."""
    values = np.repeat(levels.ravel(), 4).tolist()
    head = [(len(values), 32), (7, 5), (2, 4), (3, 4), (7, 4), (15, 4)]
    body: list[tuple[int, int]] = []
    at = 0
    while at < len(values):
        run = next((n for n in range(8, 1, -1) if len(set(values[at : at + n])) == 1), 1)
        run = min(run, len(values) - at)
        body += [(int(run > 1), 1), (0, 2), (run - 1, 3), (values[at], 8)]
        at += run
    return bits(*head, *body)


def region(kind: str = "polygonlabels", label: str = "person", **value: object) -> dict:
    value = value or {"points": PERCENT}
    return {"type": kind, "id": "r", **OF_IMAGE, "value": {**value, kind: [label]}}


def task(*regions: dict, image: str = "/data/upload/1/a.jpg", **changes: object) -> dict:
    return {"id": 7, "data": {"image": image}, "annotations": [{"result": list(regions)}]} | changes


@pytest.fixture
def place(tmp_path: Path) -> Path:
    image(tmp_path / "set" / "a.jpg")
    return tmp_path / "set" / "export.json"


def only(out: Path) -> np.ndarray:
    (mask,) = masks(out).values()
    return mask


def test_polygons_are_filled_as_its_coco_export_would(place: Path, tmp_path: Path) -> None:
    dog = region(label="dog", points=[[0, 0], [100, 0], [100, 100]])
    write(place, [task(region(), dog)])
    assert convert(place, tmp_path / "out") == 0
    np.testing.assert_array_equal(only(tmp_path / "out"), rows(SQUARE_ROWS))


def test_brush_strokes_keep_their_levels(place: Path, tmp_path: Path) -> None:
    levels = np.arange(24, dtype=np.uint8).reshape(SIZE) // 5 * 60
    packed = {"format": "rle", "rle": brush(levels)}
    write(place, [task(region("brushlabels", **packed))])
    assert convert(place, tmp_path / "out") == 0
    np.testing.assert_array_equal(only(tmp_path / "out"), levels)


def test_an_ellipse_is_an_outline(place: Path, tmp_path: Path) -> None:
    values = {"x": 50, "y": 50, "radiusX": 50, "radiusY": 50, "rotation": 0}
    write(place, [task(region("ellipselabels", **values))])
    assert convert(place, tmp_path / "out") == 0
    mask = only(tmp_path / "out")
    assert not mask[0, 0] and mask[1:3, 1:5].all()


@pytest.mark.parametrize(
    "image",
    [
        "/data/upload/1/0f3a9c21-a.jpg",
        "/data/local-files/?d=some/folder/a.jpg",
        "https://example.org/x/a.jpg?size=3",
        "s3://bucket/x%20y/a.jpg",
        "a.jpg",
    ],
)
def test_images_are_found_by_their_urls(place: Path, tmp_path: Path, image: str) -> None:
    write(place, [task(region(), image=image)])
    assert convert(place, tmp_path / "out") == 0
    assert list(masks(tmp_path / "out")) == ["a"]


def test_exports_of_other_kinds_are_known(place: Path, tmp_path: Path) -> None:
    old = task(region())
    old["completions"] = old.pop("annotations")
    flat = {**OF_IMAGE, "points": PERCENT, "polygonlabels": ["person"]}
    least = {"id": 7, "annotator": 1, "annotation_id": 2, "image": "/data/upload/1/a.jpg"}
    tag = region("labels")
    for number, content in enumerate(([old], [{**least, "tag": [flat]}], [task(tag)])):
        write(place, content)
        assert convert(place, tmp_path / str(number)) == 0
        np.testing.assert_array_equal(only(tmp_path / str(number)), rows(SQUARE_ROWS))


def test_the_last_annotation_counts_that_was_not_skipped(place: Path, tmp_path: Path) -> None:
    other = region(points=[[0, 0], [50, 0], [50, 50]])
    done = [
        {"result": [other]}, {"result": [region()]},
        {"result": [other], "was_cancelled": True}, {"result": []},
    ]  # fmt: skip
    write(place, [task(annotations=done)])
    assert convert(place, tmp_path / "out") == 0
    np.testing.assert_array_equal(only(tmp_path / "out"), rows(SQUARE_ROWS))


def test_a_rectangle_is_no_outline(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box = region("rectanglelabels", x=10, y=10, width=50, height=50)
    write(place, [task(box)])
    assert convert(place, tmp_path / "out") == 1
    assert "--incomplete" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("packed", "told"),
    [
        (bits((4 * 10**9, 32), (7, 5), (0, 16)), "values of 8 bits"),
        (bits((96, 32), (31, 5), (0, 16)), "values of 32 bits"),
        (bits((96, 32), (7, 5), (0, 16)), "ends before"),
        (bits((96, 32), (7, 5), (15, 4), (15, 4), (15, 4), (15, 4), (0, 3), (95, 16)), "ends"),
    ],
)
def test_strokes_that_are_not_of_their_image_are_told(packed: list[int], told: str) -> None:
    with pytest.raises(DataError, match=told):
        unpack_brush(packed, 96)
