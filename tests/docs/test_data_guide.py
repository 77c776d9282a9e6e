"""The data commands that the guides show work, and every help text says what is what."""

import argparse
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from labelled import add, person, scene
from PIL import Image
from shown import after, commands

from figureground.cli import build_parser, main
from figureground.cli.data import TOOLS
from figureground.datasets.pairs import find_pairs
from figureground.media.remote import is_there

SHOWN = [words for words in commands() if words[0] == "data"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds what the page speaks of."""
    monkeypatch.chdir(tmp_path)
    for number in range(10):
        add(Path("people"), f"{'ab'[number % 2]}{number}_1", scene(number), person())
        add(Path("studio"), f"{number}", scene(100 + number), person())
        add(Path("puppets"), f"{number}", scene(400 + number), person())
        add(Path("val"), f"{number}", scene(200 + number), person())
    add(Path("people"), "nobody", scene(600), person((0, 0)))  # on which a network agrees
    add(Path("picsart"), "1", scene(500), person())
    Path("rooms").mkdir()
    Image.fromarray(scene(300)).save("rooms/room.jpg")
    Path("cutouts").mkdir()
    Image.fromarray(np.dstack([scene(1), person()])).save("cutouts/a.png")
    for room, array in (("fg", scene(2)), ("alpha", cv2.blur(person(), (5, 5)))):
        Path("mattes", room).mkdir(parents=True)
        Image.fromarray(array).save(f"mattes/{room}/a.png")
    for room, array in (("JPEGImages", scene(3)), ("SegmentationClass", person((0, 15)))):
        Path("VOC2012", room).mkdir(parents=True)
        Image.fromarray(array).save(f"VOC2012/{room}/a.png")
    add(Path("coco"), "1", scene(4), person())
    content = {
        "categories": [{"id": 1, "name": "person"}],
        "images": [{"id": 1, "file_name": "1.png", "height": 60, "width": 48}],
        "annotations": [{"image_id": 1, "category_id": 1, "segmentation": [[0, 0, 9, 0, 9, 9]]}],
    }
    Path("coco/annotations").mkdir()
    Path("coco/annotations/instances_val2017.json").write_text(json.dumps(content))
    lay_labelled()
    return tmp_path


def lay_labelled() -> None:
    """What labelling tools write, each with an image of its own."""
    ring = [[1, 1], [30, 1], [30, 40]]
    flat = [number for corner in ring for number in corner]
    sides = {"imageHeight": 60, "imageWidth": 48}
    shape = {"label": "person", "points": ring, "shape_type": "polygon"}
    region = {"original_height": 60, "original_width": 48, "type": "polygonlabels",
              "value": {"points": ring, "polygonlabels": ["person"]}}  # fmt: skip
    outline = {"name": "polygon", "all_points_x": flat[::2], "all_points_y": flat[1::2]}
    via = {"shape_attributes": outline, "region_attributes": {"type": "person"}}
    coco = {
        "categories": [{"id": 1, "name": "person"}],
        "images": [{"id": 1, "file_name": "r.png", "height": 60, "width": 48}],
        "annotations": [{"image_id": 1, "category_id": 1, "segmentation": [flat]}],
    }
    images = ("c.png", "labelme/l.png", "s.png", "yolo/images/y.png", "v.png",
                "roboflow/train/r.png")  # fmt: skip
    texts = {
        "labelme/l.json": json.dumps({"shapes": [shape], "imagePath": "l.png", **sides}),
        "export.json": json.dumps([{"id": 1, "data": {"image": "s.png"},
                                    "annotations": [{"result": [region]}]}]),
        "yolo/labels/y.txt": "0 0.1 0.1 0.9 0.1 0.9 0.9",
        "yolo/data.yaml": "names: [person]",
        "via_project.json": json.dumps({"v": {"filename": "v.png", "regions": [via]}}),
        "roboflow/train/_annotations.coco.json": json.dumps(coco),
        "annotations.xml": '<annotations><image id="0" name="c.png" width="48" height="60">'
        '<polygon label="person" points="1,1;30,1;30,40"/></image></annotations>',
    }  # fmt: skip
    for number, name in enumerate(images):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(scene(700 + number)).save(name)
    for name, content in texts.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(content)


def test_every_tool_is_shown() -> None:
    assert {words[1] for words in SHOWN} == set(TOOLS)


@pytest.mark.parametrize("words", SHOWN, ids=" ".join)
def test_every_command_works(words: list[str], desk: Path) -> None:
    if words[1] == "preview":
        words = [*words, "--set", "image_size=32", "--images", "2"]
    if words[1] == "pack":
        shutil.copytree("people", "street")
        words = [word.replace("s3://", "memory://") for word in words]
    if words[1] == "convert":
        assert main([*words, "--quiet"]) == 0
        assert find_pairs(Path(after(words, "-o") or ""))
        return
    assert main(words) == 0
    for option in ("-o", "--sheet", "--sound", "--doubted"):
        if option in words:
            made = Path(after(words, option) or "")
            if "://" in str(after(words, option)):
                assert is_there(f"{after(words, option)}/manifest.json")
                continue
            assert any(made.rglob("*")) if made.is_dir() else made.stat().st_size > 0


def options_of(tool: str) -> list[argparse.Action]:
    """Return all arguments and options of one tool."""
    parser = build_parser("data")
    for name in ("data", tool):
        below = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
        parser = below.choices[name]
    return parser._actions


@pytest.mark.parametrize("tool", TOOLS)
def test_help_explains_every_option(tool: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["data", tool, "--help"])
    assert done.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for action in options_of(tool):
        assert action.help, action.dest
        for name in action.option_strings:
            assert name in text
    assert "None" not in text and "%(" not in text


def test_a_tool_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as done:
        main(["data"])
    assert done.value.code == 2
    assert "TOOL" in capsys.readouterr().err
