"""VIA's projects and exports: polygons, circles and ellipses; boxes are told."""

import csv
from pathlib import Path

import numpy as np
import pytest
from datafiles import SQUARE_ROWS, convert, image, masks, rows, write

POLYGON = {"name": "polygon", "all_points_x": [1, 4, 4, 1], "all_points_y": [1, 1, 3, 3]}
PERSON = {"type": "person"}


def region(shape: dict, **attributes: object) -> dict:
    return {"shape_attributes": shape, "region_attributes": attributes or PERSON}


def entry(*regions: dict, name: str = "a.jpg") -> dict:
    return {"filename": name, "size": 9, "regions": list(regions), "file_attributes": {}}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    image(tmp_path / "set" / "a.jpg")
    return tmp_path / "set" / "via.json"


def only(out: Path) -> np.ndarray:
    (mask,) = masks(out).values()
    return mask


@pytest.mark.parametrize("kind", ["project", "export", "first version"])
def test_projects_and_exports_are_read(place: Path, tmp_path: Path, kind: str) -> None:
    dog = region({**POLYGON, "all_points_x": [0, 6, 6, 0]}, type="dog")
    content = {"a.jpg9": entry(region(POLYGON), dog)}
    if kind == "first version":
        content["a.jpg9"]["regions"] = {"0": region(POLYGON), "1": dog}
    write(place, {"_via_img_metadata": content} if kind == "project" else content)
    assert convert(place, tmp_path / "out") == 0
    np.testing.assert_array_equal(only(tmp_path / "out"), rows(SQUARE_ROWS))


def test_tables_are_read(place: Path, tmp_path: Path) -> None:
    path = place.with_suffix(".csv")
    shape = '{"name":"polygon","all_points_x":[1,4,4,1],"all_points_y":[1,1,3,3]}'
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["filename", "file_size", "file_attributes", "region_count", "region_id",
                        "region_shape_attributes", "region_attributes"])  # fmt: skip
        table.writerow(["a.jpg", 9, "{}", 1, 0, shape, '{"type":"person"}'])
        table.writerow(["b.jpg", 9, "{}", 0, 0, "{}", "{}"])
    assert convert(path, tmp_path / "out") == 0
    np.testing.assert_array_equal(only(tmp_path / "out"), rows(SQUARE_ROWS))


@pytest.mark.parametrize(
    ("attributes", "options"),
    [
        ({"name": "person"}, ()),
        ({"who": {"person": True, "dog": False}}, ()),
        ({"what": "adult", "kind": " Person "}, ()),
        ({"type": "anna"}, ("--class", "anna")),
    ],
)
def test_any_attribute_may_hold_the_class(
    place: Path, tmp_path: Path, attributes: dict, options: tuple
) -> None:
    write(place, {"a": entry(region(POLYGON, **attributes))})
    assert convert(place, tmp_path / "out", *options) == 0
    np.testing.assert_array_equal(only(tmp_path / "out"), rows(SQUARE_ROWS))


def test_regions_without_a_class_are_taken_by_an_empty_name(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = {"shape_attributes": POLYGON, "region_attributes": {}}
    write(place, {"a": entry(bare)})
    assert convert(place, tmp_path / "out") == 1
    assert "--class ''" in capsys.readouterr().err
    assert convert(place, tmp_path / "out", "--class", "") == 0


@pytest.mark.parametrize(
    "shape",
    [
        {"name": "circle", "cx": 3, "cy": 2, "r": 1.5},
        {"name": "ellipse", "cx": 3, "cy": 2, "rx": 2.5, "ry": 1.5},
        {"name": "ellipse", "cx": 3, "cy": 2, "rx": 1.5, "ry": 2.5, "theta": 1.5708},
    ],
)
def test_round_shapes_are_outlines(place: Path, tmp_path: Path, shape: dict) -> None:
    write(place, {"a": entry(region(shape))})
    assert convert(place, tmp_path / "out") == 0
    mask = only(tmp_path / "out")
    assert mask[1:3, 2:4].all() and not mask[0, 0] and not mask[3, 5]


def test_an_ellipse_is_turned(place: Path, tmp_path: Path) -> None:
    lying = {"name": "ellipse", "cx": 3, "cy": 2, "rx": 2.5, "ry": 1}
    upright = {"name": "ellipse", "cx": 3, "cy": 2, "rx": 1, "ry": 2.5, "theta": np.pi / 2}
    for number, shape in enumerate((lying, upright)):
        write(place, {"a": entry(region(shape))})
        assert convert(place, tmp_path / str(number)) == 0
    one, two = only(tmp_path / "0"), only(tmp_path / "1")
    assert one[1:3, 1:5].all() and not one[0].any()
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    "shape",
    [
        {"name": "rect", "x": 1, "y": 1, "width": 2, "height": 2},
        {"name": "point", "cx": 1, "cy": 1},
        {"name": "polyline", "all_points_x": [1, 2], "all_points_y": [1, 2]},
        {"name": "polygon", "all_points_x": [], "all_points_y": []},
    ],
)
def test_a_box_is_no_outline(
    place: Path, tmp_path: Path, shape: dict, capsys: pytest.CaptureFixture[str]
) -> None:
    write(place, {"a": entry(region(POLYGON), region(shape))})
    assert convert(place, tmp_path / "out") == 1
    assert "--incomplete" in capsys.readouterr().err


@pytest.mark.parametrize(
    "shape",
    [
        {**POLYGON, "all_points_y": [1]}, {**POLYGON, "all_points_x": "abcd"},
        {"name": "circle", "cx": 1, "cy": 1}, {"name": "circle", "cx": 1, "cy": 1, "r": 1e12},
    ],
)  # fmt: skip
def test_one_odd_region_stops_only_its_image(
    place: Path, tmp_path: Path, shape: dict, capsys: pytest.CaptureFixture[str]
) -> None:
    image(place.parent / "b.jpg")
    write(place, {"a": entry(region(shape)), "b": entry(region(POLYGON), name="b.jpg")})
    assert convert(place, tmp_path / "out") == 1
    assert list(masks(tmp_path / "out")) == ["b"]
    assert "via.json, 'a.jpg'" in capsys.readouterr().err
