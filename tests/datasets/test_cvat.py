"""CVAT for images 1.1: polygons, masks and ellipses; boxes are told; traps are refused."""

from pathlib import Path

import numpy as np
import pytest
from datafiles import SQUARE_ROWS, convert, image, masks, rows

POLYGON = '<polygon label="person" points="1.00,1.00;4.00,1.00;4.00,3.00;1.00,3.00"/>'
MASK = '<mask label="person" rle="1, 2, 3" left="1" top="1" width="3" height="2"/>'
ELLIPSE = '<ellipse label="person" cx="2" cy="2" rx="1" ry="1"/>'
BOX = '<box label="person" xtl="1" ytl="1" xbr="4" ybr="3"/>'
DOG = '<polygon label="dog" points="0,0;6,0;6,4;0,4"/>'


def annotated(*shapes: str, name: str = "a.jpg", size: str = 'width="6" height="4"') -> str:
    return f'<image id="0" name="{name}" {size}>{"".join(shapes)}</image>'


def export(path: Path, *images: str, head: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<?xml version="1.0" encoding="utf-8"?>{head}<annotations><version>1.1</version>'
        f"<meta><task><labels><label><name>person</name></label></labels></task></meta>"
        f"{''.join(images)}</annotations>"
    )
    return path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    image(tmp_path / "set" / "images" / "a.jpg")
    return tmp_path / "set" / "annotations.xml"


@pytest.mark.parametrize(
    ("shape", "drawn"),
    [
        (POLYGON, SQUARE_ROWS),
        (MASK, "...... ..##.. ...... ......"),  # 1 outside, 2 inside, 3 outside, along the rows
        (ELLIPSE, "...... ..#... .###.. ..#..."),
    ],
)
def test_shapes_are_drawn(place: Path, tmp_path: Path, shape: str, drawn: str) -> None:
    export(place, annotated(shape, DOG))
    for number, source in enumerate((place, place.parent)):
        out = tmp_path / str(number)
        assert convert(source, out) == 0
        np.testing.assert_array_equal(masks(out)["a"], rows(drawn))


@pytest.mark.parametrize("kind", ["box", "polyline", "points", "cuboid", "skeleton"])
def test_a_person_without_an_outline_is_told(
    place: Path, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = BOX.replace("box", kind)
    export(place, annotated(POLYGON, other))
    assert convert(place, tmp_path / "out") == 1
    assert "--incomplete" in capsys.readouterr().err
    joined = (
        POLYGON.replace("label", 'group_id="2" label'),
        other.replace("label", 'group_id="2" label'),
    )
    export(place, annotated(*joined))
    assert convert(place, tmp_path / "out") == 0


def test_exports_of_videos_and_other_classes_say_what_to_do(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export(place, '<track id="0" label="person"></track>')
    assert convert(place, tmp_path / "out") == 1
    assert "CVAT for images 1.1" in capsys.readouterr().err
    export(place, annotated(DOG))
    assert convert(place, tmp_path / "out") == 1
    assert "--class dog" in capsys.readouterr().err
    assert convert(place, tmp_path / "out", "--class", "dog") == 0


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<annotations>" + "<a>" * 50_000, "no element found"),
        ("<annotations><image", "unclosed token"),
        ('<!DOCTYPE annotations [<!ENTITY a "b">]><annotations>&a;</annotations>', "entities"),
        ("<annotations>\0</annotations>", "not well-formed"),
    ],
)
def test_traps_in_xml_are_refused_in_a_line(
    place: Path, tmp_path: Path, text: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place.write_text(text)
    assert convert(place, tmp_path / "out") == 1
    error = capsys.readouterr().err
    assert told in error and len(error) <= 310


@pytest.mark.parametrize(
    "shape",
    [
        MASK.replace("1, 2, 3", "1, 2, 99"),
        MASK.replace('width="3"', 'width="300000"'),
        MASK.replace('left="1"', 'left="-1"'),
        MASK.replace(' rle="1, 2, 3"', ""),
        ELLIPSE.replace('rx="1"', 'rx="1e9"'),
        ELLIPSE.replace('rx="1"', 'rx="nan"'),
        POLYGON.replace("4.00,1.00", "4.00"),
        POLYGON.replace("4.00,1.00", "1e12,1.00"),
    ],
)
def test_one_odd_shape_stops_only_its_image(
    place: Path, tmp_path: Path, shape: str, capsys: pytest.CaptureFixture[str]
) -> None:
    image(place.parent / "b.jpg")
    export(place, annotated(shape), annotated(POLYGON, name="b.jpg"))
    assert convert(place, tmp_path / "out") == 1
    assert list(masks(tmp_path / "out")) == ["b"]
    error = capsys.readouterr().err
    assert "annotations.xml, image 0" in error and len(error) <= 310
