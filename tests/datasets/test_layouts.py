"""Whatever an annotation holds, its layout is known and what is odd in it is told in a line."""

import base64
import io
import itertools
import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datafiles import SQUARE, coco, convert, image, masks, write
from PIL import Image

from figureground.cli import in_short, main
from figureground.datasets.convert import convert as write_items
from figureground.datasets.items import Wanted
from figureground.datasets.layouts import LAYOUTS, guess_layout
from figureground.errors import DataError

LONGEST = 300  # characters of a line
CORNERS = np.reshape(SQUARE, (-1, 2)).tolist()


def packed(figure: np.ndarray, *, zipped: bool) -> str:
    file = io.BytesIO()
    Image.fromarray(figure).save(file, "PNG")
    content = file.getvalue()
    return base64.b64encode(zlib.compress(content) if zipped else content).decode()


def supervisely() -> dict[str, Any]:
    ring = {"exterior": CORNERS, "interior": [[[1, 1], [2, 1], [1, 2]]]}
    figure = packed(np.full((2, 2), 255, np.uint8), zipped=True)
    objects = [
        {"classTitle": "person", "geometryType": "polygon", "points": ring},
        {"classTitle": "person", "bitmap": {"data": figure, "origin": [1, 1]}},
    ]
    return {"size": {"height": 4, "width": 6}, "objects": objects}


def labelme() -> dict[str, Any]:
    figure = packed(np.full((2, 2), 255, np.uint8), zipped=False)
    shapes = [
        {"label": "person", "points": CORNERS, "shape_type": "polygon", "group_id": 1},
        {"label": "person", "points": [[1, 1], [2, 2]], "shape_type": "mask", "mask": figure},
        {"label": "person", "points": [[2, 2], [3, 2]], "shape_type": "circle"},
    ]
    return {"shapes": shapes, "imagePath": "a.jpg", "imageHeight": 4, "imageWidth": 6}


def label_studio() -> list[dict[str, Any]]:
    size = {"original_height": 4, "original_width": 6}
    stroke = [0, 0, 0, 96, 57, 37, 136, 255]
    regions = [
        {**size, "value": {"points": CORNERS, "polygonlabels": ["person"]}},
        {**size, "value": {"rle": stroke, "brushlabels": ["person"]}},
        {
            **size,
            "value": {"x": 9, "y": 9, "radiusX": 9, "radiusY": 9, "ellipselabels": ["person"]},
        },
    ]
    task = {"id": 1, "data": {"image": "a.jpg"}, "annotations": [{"result": regions}]}
    return [task]


def via() -> dict[str, Any]:
    shapes = [
        {"name": "polygon", "all_points_x": [1, 4, 4], "all_points_y": [1, 1, 3]},
        {"name": "ellipse", "cx": 3, "cy": 2, "rx": 1, "ry": 1, "theta": 0.1},
    ]
    regions = [{"shape_attributes": s, "region_attributes": {"t": "person"}} for s in shapes]
    return {"a.jpg9": {"filename": "a.jpg", "size": 9, "regions": regions}}


MAKERS = {
    "coco": lambda: coco([SQUARE], {"counts": [5, 2, 17], "size": [4, 6]}),
    "labelme": labelme, "label-studio": label_studio, "via": via, "supervisely": supervisely,
}  # fmt: skip


def lay(folder: Path, name: str, content: Any) -> tuple[Path, Path]:
    """Write a data set; returns what is converted, and its annotation."""
    if name == "supervisely":
        image(folder / "img" / "a.jpg")
        return folder, write(folder / "ann" / "a.jpg.json", content)
    image(folder / "a.jpg")
    path = write(folder / "notes.json", content)
    return path, path


def test_every_layout_is_known_by_its_files(tmp_path: Path) -> None:
    for name, make in MAKERS.items():
        place, _ = lay(tmp_path / name, name, make())
        assert guess_layout(place) == name
        if name != "label-studio":  # its stroke ends too early
            assert convert(place, tmp_path / "out" / name) == 0
    (tmp_path / "x.xml").write_text("<annotations></annotations>")
    assert guess_layout(tmp_path / "x.xml") == "cvat"
    for room in ("labels", "images"):
        (tmp_path / "y" / "train" / room).mkdir(parents=True)
    assert guess_layout(tmp_path / "y") == "yolo"


ODD: tuple[object, ...] = (
    None,
    -1,
    1e30,
    float("nan"),
    "x",
    [],
    {},
    10**12,
    True,
    "\ud800\0",
    [[[[0]]]],
)


def spots(content: object, path: tuple = ()) -> Iterator[tuple]:
    """All places in a JSON object."""
    yield path
    inside: Iterable[tuple[object, object]] = content.items() if isinstance(content, dict) else ()
    inside = enumerate(content) if isinstance(content, list) else inside
    for key, value in inside:
        yield from spots(value, (*path, key))


def changed(content: object, path: tuple, value: object) -> object:
    if not path:
        return value
    whole = json.loads(json.dumps(content))
    inner = whole
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return whole


@pytest.mark.parametrize("name", MAKERS)
def test_no_annotation_is_odd_enough_to_crash(name: str, tmp_path: Path) -> None:
    content = MAKERS[name]()
    place, path = lay(tmp_path / "set", name, content)
    told = 0
    for number, (spot, value) in enumerate(itertools.product(list(spots(content)), ODD)):
        path.write_text(json.dumps(changed(content, spot, value)))
        try:
            items = LAYOUTS[name].read(place, Wanted())
            outcomes = list(write_items(items, tmp_path / "out" / str(number)))
        except DataError as error:
            told += 1
            assert "\n" not in in_short(str(error))
            str(error).encode()  # can be printed
        else:
            told += any(outcome.error for outcome in outcomes)
    assert told > 50


DEEP = "[" * 100_000
KEYED = '{"a":' * 100_000


@pytest.mark.parametrize(
    "text", [DEEP, KEYED, "", "{", "nul", "\0", "[1" + "0" * 5000 + "]", '"\\ud800"']
)
@pytest.mark.parametrize("name", MAKERS)
def test_files_that_are_no_json_are_told_in_a_line(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place, path = lay(tmp_path / "set", name, {})
    path.write_text(text)
    assert convert(place, tmp_path / "out", "--format", name) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and len(error) <= LONGEST + len("failed: \n")


@pytest.mark.parametrize("name", [*MAKERS, "cvat", "yolo", "voc", "rgba", "matting"])
def test_places_that_hold_nothing_are_told_in_a_line(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "text.json").write_text("[]")
    for place in ("empty", "loop", "nowhere", "text.json"):
        assert convert(tmp_path / place, tmp_path / "out", "--format", name) == 1, place
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and len(error) <= LONGEST + len("failed: \n"), place


def test_loops_of_links_stop_only_their_image(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = coco([SQUARE], file_name="loop.jpg")
    content["images"].append({**content["images"][0], "id": 2, "file_name": "a.jpg"})
    content["annotations"].append({**content["annotations"][0], "image_id": 2})
    place, _ = lay(tmp_path / "set", "coco", content)
    (tmp_path / "set" / "loop.jpg").symlink_to("loop.jpg")
    (tmp_path / "set" / "images").symlink_to(".")
    assert convert(place, tmp_path / "out") == 1
    assert "id 1, 'loop.jpg'" in capsys.readouterr().err
    assert list(masks(tmp_path / "out")) == ["a"]


def test_commands_take_loops_of_links_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    loop = str(tmp_path / "loop")
    for words in (
        ["check", loop], ["check", loop, loop], ["split", loop, "-o", str(tmp_path / "o")],
        ["polish", loop, "-o", str(tmp_path / "o")],
    ):  # fmt: skip
        assert main(["data", *words]) in (1, 2)
        assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("name", ["supervisely", "labelme"])
def test_a_bitmap_of_absurd_size_costs_nothing(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A PNG of one colour packs 64 million pixels into some kilobytes."""
    import tracemalloc

    content: Any = MAKERS[name]()
    figure = packed(np.zeros((8000, 8000), np.uint8), zipped=name == "supervisely")
    if name == "supervisely":
        content["objects"][1]["bitmap"]["data"] = figure
    else:
        content["shapes"][1]["mask"] = figure
    place, _ = lay(tmp_path / "set", name, content)
    tracemalloc.start()
    assert convert(place, tmp_path / "out") == 1
    assert tracemalloc.get_traced_memory()[1] < 40e6
    tracemalloc.stop()
    assert "more than" in capsys.readouterr().err
