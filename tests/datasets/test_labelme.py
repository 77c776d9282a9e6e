"""LabelMe's files: shapes as Pillow draws them, borders included."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from datafiles import SIZE, SQUARE, convert, image, masks, rows, write
from PIL import Image

BORDERED = "...... .####. .####. .####."  # the square with its border


def shape(kind: str = "polygon", label: str = "person", **changes: object) -> dict:
    points = np.reshape(SQUARE, (-1, 2)).tolist()
    return {"label": label, "points": points, "shape_type": kind, "group_id": None} | changes


def notes(*shapes: dict, **changes: object) -> dict:
    size = {"imageHeight": SIZE[0], "imageWidth": SIZE[1]}
    return {"version": "6.3.1", "shapes": list(shapes), "imagePath": "a.jpg", **size} | changes


def packed(figure: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(figure).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    image(tmp_path / "set" / "a.jpg")
    return tmp_path / "set"


@pytest.mark.parametrize(
    ("one", "drawn"),
    [
        (shape(), BORDERED),
        (shape(shape_type=None), BORDERED),
        (shape("circle", points=[[2, 2], [3, 2]]), "...... ..#... .###.. ..#..."),
        (
            shape("mask", points=[[1, 1], [3, 2]], mask=packed(rows("##. ..#"))),
            "...... .##... ...#.. ......",
        ),
        (shape(points=[[-3, -3], [9, -3], [9, 9], [-3, 9]]), "###### ###### ###### ######"),
    ],
)
def test_shapes_are_drawn_with_their_borders(
    place: Path, tmp_path: Path, one: dict, drawn: str
) -> None:
    write(place / "a.json", notes(one, shape(label="dog", points=[[0, 0], [5, 0], [5, 3]])))
    assert convert(place, tmp_path / "out") == 0
    np.testing.assert_array_equal(masks(tmp_path / "out")["a"], rows(drawn))


@pytest.mark.parametrize("kind", ["rectangle", "line", "linestrip", "point", "points"])
def test_a_person_with_a_box_only_is_left_out_unless_it_belongs_to_an_outline(
    place: Path, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    box = shape(kind, points=[[1, 1], [3, 3]])
    write(place / "a.json", notes(shape(), box))
    assert convert(place, tmp_path / "out") == 1
    assert "--incomplete" in capsys.readouterr().err
    write(place / "a.json", notes(shape(group_id=3), {**box, "group_id": 3}))
    assert convert(place, tmp_path / "out") == 0


@pytest.mark.parametrize("named", ["a.jpg", "..\\set\\a.jpg", "C:\\data\\a.jpg", "/home/b/a.jpg"])
def test_images_are_found_beside_their_annotation(place: Path, tmp_path: Path, named: str) -> None:
    for part in ("day 1", "day 2"):
        image(place / part / "a.jpg")
        write(place / part / "a.json", notes(shape(), imagePath=named))
    write(place / "a.json", notes(shape()))
    write(place / "settings.json", {"theme": "dark"})
    assert convert(place / "day 1" / "a.json", tmp_path / "one") == 0
    np.testing.assert_array_equal(masks(tmp_path / "one")["a"], rows(BORDERED))
    if named == "a.jpg":
        assert convert(place, tmp_path / "out") == 0
        assert list(masks(tmp_path / "out")) == ["a", "day 1/a", "day 2/a"]


def test_one_broken_file_stops_only_itself(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(place / "a.json", notes(shape()))
    (place / "b.json").write_text("[" * 100_000)
    (place / "c.json").write_text('{"shapes": ')
    write(place / "d.json", notes(shape(points=[["x", 1]] * 3), imagePath="a.jpg"))
    image(place / "e.jpg")
    write(place / "e.json", notes(shape("mask", points=[[0, 0], [1, 1]], mask="?"),
                                  imagePath="e.jpg"))  # fmt: skip
    image(place / "f.jpg")
    large = packed(np.zeros((90, 90), np.uint8))
    write(place / "f.json", notes(shape("mask", points=[[0, 0], [1, 1]], mask=large),
                                  imagePath="f.jpg"))  # fmt: skip
    (place / "d.json").unlink()
    assert convert(place, tmp_path / "out") == 1
    assert list(masks(tmp_path / "out")) == ["a"]
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 4 and all(len(line) <= 310 for line in told)
    assert all(any(f"{name}.json" in line for line in told) for name in "bcef")
