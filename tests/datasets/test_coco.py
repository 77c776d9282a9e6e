"""COCO files as people have them: people without outlines, odd classes, ids, names and encodings."""

import json
from pathlib import Path

import numpy as np
import pytest
from datafiles import SQUARE, SQUARE_ROWS, coco, convert, image, masks, rows, turned, write

NOBODY = {"counts": [24], "size": [4, 6]}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    image(tmp_path / "coco" / "a.jpg")
    return tmp_path / "coco"


def same(out: Path, name: str = "a", drawn: str = SQUARE_ROWS) -> None:
    found = masks(out)
    assert list(found) == [name]
    np.testing.assert_array_equal(found[name], rows(drawn))


@pytest.mark.parametrize(
    "empty",
    [[], None, [[]], [[1, 1, 4, 3]], [[], []], NOBODY, {"counts": "h0", "size": [4, 6]}],
    ids=str,
)
def test_images_with_somebody_without_an_outline_are_left_out_and_told(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], empty: object
) -> None:
    image(place / "b.jpg")
    content = coco([SQUARE], empty)
    content["images"].append({**content["images"][0], "id": 2, "file_name": "b.jpg"})
    content["annotations"].append({**content["annotations"][0], "image_id": 2})
    path = write(place / "notes.json", content)
    assert convert(path, tmp_path / "out") == 0
    same(tmp_path / "out", "b")
    told = capsys.readouterr().err
    assert "left out: 1 image " in told and "--incomplete" in told
    assert "a (notes.json, id 1, 'a.jpg')" in told
    assert convert(path, tmp_path / "all", "--incomplete") == 0
    assert [mask.any() for mask in masks(tmp_path / "all").values()] == [True, True]


def test_a_person_without_the_key_is_one_without_an_outline(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = coco(None)
    del content["annotations"][0]["segmentation"]
    path = write(place / "notes.json", content)
    assert convert(path, tmp_path / "out") == 1
    assert "in every image" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert convert(path, tmp_path / "out", "--incomplete") == 0
    assert not masks(tmp_path / "out")["a"].any()


def test_a_program_is_told_what_is_left_out(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from figureground.cli import main

    image(place / "b.jpg")
    content = coco([SQUARE], [])
    content["images"].append({**content["images"][0], "id": 2, "file_name": "b.jpg"})
    content["annotations"].append({**content["annotations"][0], "image_id": 2})
    path = write(place / "notes.json", content)
    assert main(["data", "convert", str(path), "-o", str(tmp_path / "out"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["written"] == 1
    assert told["left_out"] == {"a": "1 of 2 people have no outline (notes.json, id 1, 'a.jpg')"}


@pytest.mark.parametrize("ids", [(1, 2), (0, 1), ("x", "y"), (2, 1)])
def test_all_classes_of_one_name_count(place: Path, tmp_path: Path, ids: tuple) -> None:
    content = coco([SQUARE], [[0, 0, 6, 0, 6, 1, 0, 1]])
    content["categories"] = [{"id": number, "name": "person"} for number in ids]
    for entry, number in zip(content["annotations"], ids, strict=True):
        entry["category_id"] = number
    assert convert(write(place / "notes.json", content), tmp_path / "out") == 0
    same(tmp_path / "out", drawn="###### .###.. .###.. ......")


@pytest.mark.parametrize("title", ["Person", "PEOPLE", "human"])
def test_people_by_their_usual_names_count(place: Path, tmp_path: Path, title: str) -> None:
    content = coco([SQUARE])
    content["categories"] = [{"id": 1, "name": title}, {"id": 2}, {"id": 3, "name": "dog"}]
    assert convert(write(place / "notes.json", content), tmp_path / "out") == 0
    same(tmp_path / "out")


@pytest.mark.parametrize(
    ("image", "person"), [("7", 7), (7, "7"), ("a", "a"), (7.0, 7), (7, 7.0), ("0x1", "0x1")]
)
def test_numbers_may_be_text(place: Path, tmp_path: Path, image: object, person: object) -> None:
    content = coco([SQUARE], id=image)
    content["annotations"][0] |= {"image_id": person, "category_id": "1"}
    assert convert(write(place / "notes.json", content), tmp_path / "out") == 0
    same(tmp_path / "out")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_byte_order_mark_is_no_letter(place: Path, tmp_path: Path, encoding: str) -> None:
    path = place / "notes.json"
    path.write_text(json.dumps(coco([SQUARE])), encoding)
    assert convert(path, tmp_path / "out") == 0
    same(tmp_path / "out")


@pytest.mark.parametrize(
    ("called", "stored", "name"),
    [
        ("images\\b.jpg", "images/b.jpg", "images/b"),
        ("C:\\data\\train\\b.jpg", "b.jpg", "b"),
        ("../../label-studio/data/media/upload/1/b.jpg", "b.jpg", "b"),
        ("/home/anna/set/images/b.jpg", "images/b.jpg", "images/b"),
        ("../images/b.jpg", "images/b.jpg", "images/b"),
        ("./b.jpg", "b.jpg", "b"),
        ("Andr\u00e9/b.jpg", "Andre\u0301/b.jpg", "Andr\u00e9/b"),
        ("b\u0308.jpg", "\u0062\u0308.jpg", "b\u0308"),
    ],
)
def test_images_are_found_by_paths_of_other_machines(
    place: Path, tmp_path: Path, called: str, stored: str, name: str
) -> None:
    image(place / stored)
    path = write(place / "notes.json", coco([SQUARE], file_name=called))
    assert convert(path, tmp_path / "out") == 0
    same(tmp_path / "out", name)


def test_a_whole_path_goes_before_a_name_alone(place: Path, tmp_path: Path) -> None:
    image(place / "images" / "a.jpg", level=200)
    path = write(place / "notes.json", coco([SQUARE], file_name="images\\a.jpg"))
    for options in ((), ("--images", str(place))):
        out = tmp_path / f"out{len(options)}"
        assert convert(path, out, *options) == 0
        copied = (out / "images" / "images" / "a.jpg").read_bytes()
        assert copied == (place / "images" / "a.jpg").read_bytes()


def test_two_images_that_only_one_file_can_be_fail_alone(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image(place / "b.jpg")
    content = coco([SQUARE], file_name="x/a.jpg")
    first = content["images"][0]
    for number, called in ((2, "y/a.jpg"), (3, "b.jpg")):
        content["images"].append({**first, "id": number, "file_name": called})
        content["annotations"].append({**content["annotations"][0], "image_id": number})
    assert convert(write(place / "notes.json", content), tmp_path / "out") == 1
    assert capsys.readouterr().err.count("several images would be called 'a'") == 2
    same(tmp_path / "out", "b")


@pytest.mark.parametrize(
    ("orientation", "size", "drawn"),
    [
        (6, (4, 6), "#... #... .... .... .... ...."),  # drawn on the stored pixels, then turned
        (6, (6, 4), "##.. .... .... .... .... ...."),  # drawn on the upright image
        (8, (4, 6), ".... .... .... .... ...# ...#"),
        (5, (4, 6), "#... #... .... .... .... ...."),
        (3, (4, 6), "##.... ...... ...... ......"),  # the same size either way: taken as upright
        (6, None, "##.. .... .... .... .... ...."),
    ],
)
def test_outlines_go_with_the_image_of_their_size(
    tmp_path: Path, orientation: int, size: tuple[int, int] | None, drawn: str
) -> None:
    place = tmp_path / "coco"
    image(place / "a.jpg", exif=turned(orientation))
    told = {} if size is None else {"height": size[0], "width": size[1]}
    content = coco([[0, 0, 2, 0, 2, 1, 0, 1]], **({"height": None, "width": None} | told))
    assert convert(write(place / "notes.json", content), tmp_path / "out") == 0
    expected = rows(drawn)
    if orientation == 6 and size == (4, 6):
        expected = np.rot90(rows("##.... ...... ...... ......"), -1)
    elif orientation == 8:
        expected = np.rot90(rows("##.... ...... ...... ......"))
    elif orientation == 5:
        expected = rows("##.... ...... ...... ......").T
    np.testing.assert_array_equal(masks(tmp_path / "out")["a"], expected)


def test_a_folder_of_roboflow_is_read_in_all_its_parts(tmp_path: Path) -> None:
    for part in ("train", "valid", "test"):
        image(tmp_path / "set" / part / "a_jpg.rf.0f.jpg")
        content = coco([SQUARE], file_name="a_jpg.rf.0f.jpg", extra={"name": "a.jpg"})
        # Roboflow puts the name of the whole before the classes, with number 0.
        content["categories"] = [
            {"id": 0, "name": "people", "supercategory": "none"},
            {"id": 1, "name": "person", "supercategory": "people"},
        ]
        write(tmp_path / "set" / part / "_annotations.coco.json", content)
    assert convert(tmp_path / "set", tmp_path / "out") == 0
    found = masks(tmp_path / "out")
    assert list(found) == [f"{part}/a_jpg.rf.0f" for part in ("test", "train", "valid")]
    np.testing.assert_array_equal(found["valid/a_jpg.rf.0f"], rows(SQUARE_ROWS))


@pytest.mark.parametrize(
    "entry", [{}, None, 3, {"id": 9, "file_name": None}, {"id": 9, "file_name": ["a"]}]
)
def test_one_odd_entry_stops_only_itself(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], entry: object
) -> None:
    content = coco([SQUARE])
    content["images"].insert(0, entry)
    content["annotations"] += [{"image_id": 9, "category_id": 1, "segmentation": [SQUARE]}, None]
    code = convert(write(place / "notes.json", content), tmp_path / "out")
    same(tmp_path / "out")
    assert code == (1 if isinstance(entry, dict) and entry else 0)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("size", "told"),
    [((4, 9), "annotation is for (4, 9)"), ((10**9, 10**9), "annotation is for"), ((-1, 6), "(-1")],
)
def test_a_size_of_another_image_is_told_before_anything_is_drawn(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], size: tuple, told: str
) -> None:
    content = coco([SQUARE], height=size[0], width=size[1])
    assert convert(write(place / "notes.json", content), tmp_path / "out") == 1
    error = capsys.readouterr().err
    assert told in error and "notes.json, id 1, 'a.jpg'" in error and len(error) < 310


def test_one_broken_part_of_roboflow_stops_only_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("train", "valid", "test"):
        image(tmp_path / "set" / part / "a.jpg")
        write(tmp_path / "set" / part / "_annotations.coco.json", coco([SQUARE]))
    write(tmp_path / "set" / "test" / "_annotations.coco.json", coco())  # shows nobody
    (tmp_path / "set" / "valid" / "_annotations.coco.json").write_text("[" * 100_000)
    assert convert(tmp_path / "set", tmp_path / "out") == 1
    assert list(masks(tmp_path / "out")) == ["train/a"]
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "valid/_annotations.coco.json" in told and len(told) < 310


@pytest.mark.parametrize(
    ("layout", "room"),
    [
        ("result.json", ""), ("result.json", "images"),
        ("annotations/instances_default.json", ""),
        ("annotations/instances_default.json", "images"),
        ("annotations/instances_default.json", "images/default"),
    ],
)  # fmt: skip
def test_folders_that_tools_export_are_known(tmp_path: Path, layout: str, room: str) -> None:
    image(tmp_path / "set" / room / "a.jpg")
    write(tmp_path / "set" / layout, coco([SQUARE]))
    assert convert(tmp_path / "set", tmp_path / "out") == 0
    same(tmp_path / "out")


def test_classes_are_named_in_any_unicode_form(place: Path, tmp_path: Path) -> None:
    content = coco([SQUARE])
    content["categories"] = [{"id": 1, "name": "Andre\u0301"}]
    path = write(place / "notes.json", content)
    assert convert(path, tmp_path / "out", "--class", "Andr\u00e9") == 0
