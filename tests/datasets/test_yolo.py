"""YOLO segmentation: text files of polygons, as Ultralytics, Roboflow, CVAT and Label Studio write."""

from pathlib import Path

import numpy as np
import pytest
from datafiles import SIZE, SQUARE, convert, image, masks, rows, turned

SHARES = np.reshape(SQUARE, (-1, 2)) / SIZE[::-1]
ROW = " ".join(f"{share:.10f}" for share in (SHARES + 1e-9).ravel())
BORDERED = "...... .####. .####. .####."


def text(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    image(tmp_path / "set" / "images" / "a.jpg")
    text(tmp_path / "set" / "labels" / "a.txt", f"0 {ROW}\n1 0 0 1 0 1 1 0 1\n")
    text(tmp_path / "set" / "data.yaml", "names: [person, dog]\n")
    return tmp_path / "set"


def test_polygons_are_drawn_with_their_borders(place: Path, tmp_path: Path) -> None:
    for number, source in enumerate((place, place / "data.yaml")):
        out = tmp_path / str(number)
        assert convert(source, out) == 0
        np.testing.assert_array_equal(masks(out)["a"], rows(BORDERED))


@pytest.mark.parametrize(
    ("name", "content", "options"),
    [
        ("data.yaml", "names:\n  0: person\n  1: dog\n", ()),
        ("data.yaml", "names:\n- person\n- dog\n", ()),
        ("data.yaml", "\ufeffnc: 2\nnames: ['Person', 'dog']\n", ()),
        ("classes.txt", "person\ndog\n", ()),
        ("notes.txt", "", ("--class", "0")),
        ("data.yaml", "names: [anna, dog]\n", ("--class", "anna")),
    ],
)
def test_classes_have_their_names(
    place: Path, tmp_path: Path, name: str, content: str, options: tuple
) -> None:
    (place / "data.yaml").unlink()
    text(place / name, content)
    assert convert(place, tmp_path / "out", "--format", "yolo", *options) == 0
    np.testing.assert_array_equal(masks(tmp_path / "out")["a"], rows(BORDERED))


@pytest.mark.parametrize("layout", ["{part}/{room}/a", "{room}/{part}/a", "{room}/{part}/b/a"])
def test_parts_lie_above_or_below(tmp_path: Path, layout: str) -> None:
    place = tmp_path / "set"
    for part in ("train", "val"):
        image(place / f"{layout.format(part=part, room='images')}.jpg")
        text(place / f"{layout.format(part=part, room='labels')}.txt", f"0 {ROW}")
    text(place / "data.yaml", "names: [person]")
    assert convert(place, tmp_path / "out") == 0
    assert list(masks(tmp_path / "out")) == [
        f"{part}/b/a" if "b/a" in layout else f"{part}/a" for part in ("train", "val")
    ]


def test_shares_are_of_the_upright_image(place: Path, tmp_path: Path) -> None:
    image(place / "images" / "a.jpg", SIZE[::-1], exif=turned(6))
    assert convert(place, tmp_path / "out") == 0
    np.testing.assert_array_equal(masks(tmp_path / "out")["a"], rows(BORDERED))


def test_images_may_lie_elsewhere(place: Path, tmp_path: Path) -> None:
    (place / "images").rename(tmp_path / "elsewhere")
    options = ("--format", "yolo", "--images", str(tmp_path / "elsewhere"))
    assert convert(place, tmp_path / "out", *options) == 0
    assert list(masks(tmp_path / "out")) == ["a"]


@pytest.mark.parametrize("row", ["0 0.5 0.5 0.2 0.2", "0 0.5 0.5 0.2 0.2 0.97"])
def test_a_box_is_no_outline(
    place: Path, tmp_path: Path, row: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text(place / "labels" / "a.txt", f"0 {ROW}\n{row}\n")
    assert convert(place, tmp_path / "out") == 1
    assert "--incomplete" in capsys.readouterr().err


def test_images_without_people_are_taken_when_asked(place: Path, tmp_path: Path) -> None:
    image(place / "images" / "b.jpg")
    image(place / "images" / "c.jpg")
    text(place / "labels" / "c.txt", "1 0 0 1 0 1 1\n")
    assert convert(place, tmp_path / "some") == 0
    assert list(masks(tmp_path / "some")) == ["a"]
    assert convert(place, tmp_path / "all", "--empty") == 0
    assert list(masks(tmp_path / "all")) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "row", ["0 1 2", "0 0.1 0.1 x 0.2 0.3 0.3", "0 0.1 0.1 9 0.2 0.3 0.3", "0 .1 .1 .2 .2 .3 .3 .4",
            "0 nan 0 0 0 0 0"]
)  # fmt: skip
def test_one_odd_row_stops_only_its_image(
    place: Path, tmp_path: Path, row: str, capsys: pytest.CaptureFixture[str]
) -> None:
    image(place / "images" / "b.jpg")
    text(place / "labels" / "b.txt", row)
    text(place / "labels" / "nowhere.txt", row)
    image(place / "images" / "c.jpg")
    (place / "labels" / "c.txt").write_bytes(b"\xff\xfe\xff")
    assert convert(place, tmp_path / "out") == 1
    assert list(masks(tmp_path / "out")) == ["a"]
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3 and all(len(line) <= 310 for line in told)


@pytest.mark.parametrize("content", ["names: [", "a: " * 200_000, "names: 3", "[" * 100_000])
def test_odd_yaml_is_told_in_a_line(
    place: Path, tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text(place / "data.yaml", content)
    assert convert(place, tmp_path / "out") == 1
    assert len(capsys.readouterr().err) <= 310
