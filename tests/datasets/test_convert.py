"""Each layout becomes ours, with masks that were worked out by hand."""

import base64
import io
import json
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from figureground.cli import main
from figureground.datasets.items import safe_name
from figureground.datasets.layouts import guess_layout
from figureground.datasets.masks import read_mask
from figureground.datasets.pairs import find_pairs
from figureground.errors import DataError


def image(path: Path, size: tuple[int, int] = (4, 6), level: int = 100, **options) -> Path:
    """A grey image of (rows, columns)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size[::-1], (level,) * 3).save(path, **options)
    return path


def grey(path: Path, levels: list | np.ndarray, dtype: type = np.uint8) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.array(levels, dtype)).save(path)
    return path


def rows(text: str) -> np.ndarray:
    """A mask from rows of dots and hashes."""
    return np.array([[255 * (c == "#") for c in line] for line in text.split()], np.uint8)


def masks(out: Path) -> dict[str, np.ndarray]:
    return {pair.name: read_mask(pair.mask) for pair in find_pairs(out)}


def convert(source: Path, out: Path, *options: str) -> int:
    return main(["data", "convert", str(source), "-o", str(out), "-q", *options])


# ---- COCO

SQUARE = [1, 1, 4, 1, 4, 3, 1, 3]  # x from 1 to 4, y from 1 to 3
RUNS = {"counts": [5, 2, 17], "size": [4, 6]}  # down the columns: (1, 1), (2, 1)
PACKED = {"counts": "52a0", "size": [4, 6]}  # 5, 2, 17: 17 is 1 with more to come, then 1


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    for name in ("a.jpg", "sub/b.jpg", "c.jpg"):
        image(tmp_path / "coco" / "train2017" / name)
    content = {
        "categories": [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}],
        "images": [
            {"id": n, "file_name": name, "height": 4, "width": 6}
            for n, name in enumerate(("a.jpg", "sub/b.jpg", "c.jpg"))
        ],
        "annotations": [
            {"image_id": 0, "category_id": 1, "iscrowd": 0, "segmentation": [SQUARE]},
            {"image_id": 0, "category_id": 1, "iscrowd": 1, "segmentation": PACKED},
            {"image_id": 0, "category_id": 18, "segmentation": [[0, 0, 6, 0, 6, 4, 0, 4]]},
            {"image_id": 1, "category_id": 1, "iscrowd": 1, "segmentation": RUNS},
            {"image_id": 2, "category_id": 18, "segmentation": [SQUARE]},
        ],
    }
    path = tmp_path / "coco" / "annotations" / "instances_train2017.json"
    path.parent.mkdir()
    path.write_text(json.dumps(content))
    return path


def test_coco_people_are_drawn_and_others_not(coco: Path, tmp_path: Path) -> None:
    assert convert(coco, tmp_path / "out") == 0
    found = masks(tmp_path / "out")
    assert list(found) == ["a", "sub/b"]
    np.testing.assert_array_equal(found["a"], rows("...... .###.. .###.. ......"))
    np.testing.assert_array_equal(found["sub/b"], rows("...... .#.... .#.... ......"))
    copied = tmp_path / "out" / "images" / "a.jpg"
    assert copied.read_bytes() == (coco.parent.parent / "train2017" / "a.jpg").read_bytes()


def test_coco_other_classes_and_images_without_people_can_be_taken(
    coco: Path, tmp_path: Path
) -> None:
    assert convert(coco.parent.parent, tmp_path / "dogs", "--class", "dog") == 0
    assert list(masks(tmp_path / "dogs")) == ["a", "c"]
    assert convert(coco, tmp_path / "all", "--empty") == 0
    assert not masks(tmp_path / "all")["c"].any()


# ---- Supervisely


def packed(figure: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(figure).save(file, "PNG")
    return base64.b64encode(zlib.compress(file.getvalue())).decode()


def test_supervisely_polygons_and_bitmaps_are_drawn(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "day" / "ann").mkdir(parents=True)
    image(project / "day" / "img" / "a.png", (5, 6))
    bitmap = np.zeros((2, 2, 4), np.uint8)
    bitmap[[0, 1], [0, 1], 3] = 255
    ring = {"exterior": [[0, 0], [3, 0], [3, 3], [0, 3]], "interior": [[[1, 1], [2, 1], [1, 2]]]}
    objects = [
        {"classTitle": "person_poly", "points": ring},
        {"classTitle": "Person", "points": {"exterior": [], "interior": []},
         "bitmap": {"data": packed(bitmap), "origin": [4, 3]}},
        {"classTitle": "neutral", "points": ring | {"interior": []}},
    ]  # fmt: skip
    content = {"size": {"height": 5, "width": 6}, "objects": objects}
    (project / "day" / "ann" / "a.png.json").write_text(json.dumps(content))
    (project / "meta.json").write_text("{}")
    assert convert(project, tmp_path / "out") == 0
    np.testing.assert_array_equal(
        masks(tmp_path / "out")["day/a"], rows("####.. #..#.. #.##.. #####. .....#")
    )


def test_supervisely_alpha_masks_stay_soft(tmp_path: Path) -> None:
    (tmp_path / "set" / "ann").mkdir(parents=True)
    image(tmp_path / "set" / "img" / "[1].png", (2, 3))
    figure = {
        "classTitle": "person", "geometryType": "alpha_mask",
        "bitmap": {"data": packed(np.dstack([SOFT] * 4)), "origin": [0, 0]},
    }  # fmt: skip
    content = {"size": {"height": 2, "width": 3}, "objects": [figure]}
    (tmp_path / "set" / "ann" / "[1].json").write_text(json.dumps(content))
    assert convert(tmp_path / "set", tmp_path / "out") == 0
    np.testing.assert_array_equal(masks(tmp_path / "out")["[1]"], SOFT)


# ---- VOC


def test_voc_palette_masks_part_the_band_in_its_middle(tmp_path: Path) -> None:
    place = tmp_path / "VOC2012"
    levels = np.array([[0, 255, 255, 255, 255, 15, 15], [9, 9, 9, 9, 255, 15, 15]], np.uint8)
    for name, array in (("a", levels), ("b", levels * 0)):
        image(place / "JPEGImages" / f"{name}.jpg", (2, 7))
        (place / "SegmentationClass").mkdir(exist_ok=True)
        opened = Image.fromarray(array)
        opened.putpalette(np.random.default_rng(0).integers(0, 255, 768, np.uint8).tobytes())
        opened.save(place / "SegmentationClass" / f"{name}.png")
    assert convert(place, tmp_path / "out") == 0
    found = masks(tmp_path / "out")
    assert list(found) == ["a"]
    np.testing.assert_array_equal(found["a"], rows("....### .....##"))
    assert convert(place, tmp_path / "sheep", "--class", "horse") == 1


@pytest.mark.parametrize("fault", ["no image", "no mask", "colours", "other size", "empty file"])
def test_one_bad_voc_mask_stops_only_itself(tmp_path: Path, fault: str, capsys) -> None:
    place = tmp_path / "VOC2012"
    for name in ("a", "b"):
        image(place / "JPEGImages" / f"{name}.jpg", (2, 3))
        grey(place / "SegmentationClass" / f"{name}.png", [[0, 15, 15], [0, 15, 15]])
    bad = place / "SegmentationClass" / "b.png"
    if fault == "no image":
        (place / "JPEGImages" / "b.jpg").unlink()
    elif fault == "no mask":
        bad.write_text("no image")
    elif fault == "colours":
        Image.new("RGB", (3, 2), (255, 0, 0)).save(bad)
    elif fault == "other size":
        Image.new("L", (7000, 7000)).save(bad)
    else:
        bad.write_bytes(b"")
    assert convert(place, tmp_path / "out") == 1
    assert list(masks(tmp_path / "out")) == ["a"]
    told = capsys.readouterr().err
    assert "SegmentationClass/b.png" in told and len(told) <= 310


# ---- cutouts and mattes

SOFT = np.array([[0, 64, 128], [192, 255, 1]], np.uint8)


def cutout(path: Path, level: int = 200) -> Path:
    return grey(path, np.dstack([np.full((2, 3, 3), level, np.uint8), SOFT]))


def test_cutouts_are_laid_over_a_colour_and_stay_soft(tmp_path: Path) -> None:
    cutout(tmp_path / "cut" / "a.png")
    assert convert(tmp_path / "cut", tmp_path / "out", "--color", "black") == 0
    (pair,) = find_pairs(tmp_path / "out")
    np.testing.assert_array_equal(read_mask(pair.mask), SOFT)
    shown = np.asarray(Image.open(pair.image), int)[..., 0]
    assert np.abs(shown - 200.0 * SOFT / 255).max() < 12  # JPEG


def test_cutouts_are_laid_over_images_the_same_one_each_time(tmp_path: Path) -> None:
    for number in range(8):
        cutout(tmp_path / "cut" / f"{number}.png")
    image(tmp_path / "bg" / "dark.png", level=10)
    image(tmp_path / "bg" / "bright.png", level=250)
    for out in ("one", "two"):
        options = ("--backgrounds", str(tmp_path / "bg"))
        assert convert(tmp_path / "cut", tmp_path / out, *options) == 0
    corners = [np.asarray(Image.open(p.image))[0, 0, 0] for p in find_pairs(tmp_path / "one")]
    again = [np.asarray(Image.open(p.image))[0, 0, 0] for p in find_pairs(tmp_path / "two")]
    assert corners == again and min(corners) < 60 and max(corners) > 200


@pytest.mark.parametrize("deep", [False, True])
def test_mattes_stay_soft(tmp_path: Path, deep: bool) -> None:
    image(tmp_path / "set" / "Image" / "a.jpg", (2, 3))
    levels = SOFT.astype(np.uint16) * 257 if deep else SOFT
    grey(tmp_path / "set" / "Alpha" / "a.png", levels, levels.dtype)
    assert convert(tmp_path / "set", tmp_path / "out") == 0
    np.testing.assert_array_equal(masks(tmp_path / "out")["a"], SOFT)


def test_foregrounds_are_laid_over_the_backgrounds_beside_them(tmp_path: Path) -> None:
    place = tmp_path / "set"
    image(place / "fg" / "a.png", (2, 3), level=200)
    grey(place / "alpha" / "a.png", SOFT)
    image(place / "bg" / "room.png", level=0)
    assert convert(place, tmp_path / "out") == 0
    (pair,) = find_pairs(tmp_path / "out")
    shown = np.asarray(Image.open(pair.image), int)[..., 0]
    assert np.abs(shown - 200.0 * SOFT / 255).max() < 12
    np.testing.assert_array_equal(read_mask(pair.mask), SOFT)


def test_a_mask_drawn_on_the_stored_pixels_is_turned_with_its_image(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right
    image(tmp_path / "set" / "image" / "a.jpg", (2, 3), exif=exif)
    grey(tmp_path / "set" / "alpha" / "a.png", [[255, 0, 0], [0, 0, 0]])
    assert convert(tmp_path / "set", tmp_path / "out") == 0
    np.testing.assert_array_equal(masks(tmp_path / "out")["a"], rows(".# .. .."))


# ---- what goes wrong


def test_what_fails_is_named_and_the_rest_is_written_and_not_again(
    coco: Path, tmp_path: Path, capsys
) -> None:
    (coco.parent.parent / "train2017" / "a.jpg").write_bytes(b"no image")
    assert convert(coco, tmp_path / "out") == 1
    assert "a.jpg" in capsys.readouterr().err
    assert list(masks(tmp_path / "out")) == ["sub/b"]
    image(coco.parent.parent / "train2017" / "a.jpg")
    before = (tmp_path / "out/masks/sub/b.png").stat().st_mtime_ns
    words = ["data", "convert", str(coco), "-o", str(tmp_path / "out"), "--json"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"format": "coco", "written": 1, "there_already": 1, "failed": {}}
    assert (tmp_path / "out/masks/sub/b.png").stat().st_mtime_ns == before


def test_half_a_pair_is_done_again(coco: Path, tmp_path: Path) -> None:
    assert convert(coco, tmp_path / "out") == 0
    (tmp_path / "out/masks/a.png").unlink()
    assert convert(coco, tmp_path / "out") == 0
    assert list(masks(tmp_path / "out")) == ["a", "sub/b"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"segmentation": [["x"] * 6]}, "no pairs of numbers"),
        ({"segmentation": {"counts": [99], "size": [4, 6]}}, "run lengths"),
        ({"segmentation": {"counts": "é", "size": [4, 6]}}, "damaged"),
        ({"segmentation": 3}, "neither polygons nor run lengths"),
    ],
)
def test_damaged_annotations_are_told(
    coco: Path, tmp_path: Path, capsys, change: dict, message: str
) -> None:
    content = json.loads(coco.read_text())
    content["annotations"][0] |= change
    coco.write_text(json.dumps(content))
    assert convert(coco, tmp_path / "out") == 1
    error = capsys.readouterr().err
    assert message in error and "instances_train2017.json, id 0, 'a.jpg'" in error


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/a.jpg", "x/../../a.jpg", "..\\a.jpg", ".a.jpg"])
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(DataError, match="leads elsewhere"):
        safe_name(name)


def test_unknown_and_ambiguous_layouts_ask_for_a_format(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="--format"):
        guess_layout(tmp_path / "empty")
    both = tmp_path / "both"
    for room in ("ann", "img", "alpha"):
        (both / room).mkdir(parents=True)
    with pytest.raises(DataError, match="supervisely or matting"):
        guess_layout(both)
    with pytest.raises(DataError, match="there is no"):
        guess_layout(tmp_path / "nowhere")


def test_missing_classes_and_images_say_how_to_mend(coco: Path, tmp_path: Path, capsys) -> None:
    assert convert(coco, tmp_path / "out", "--class", "pirson") == 1
    assert "--class dog or person" in capsys.readouterr().err
    (coco.parent.parent / "train2017").rename(tmp_path / "elsewhere")
    assert convert(coco, tmp_path / "out") == 1
    assert "--images DIR" in capsys.readouterr().err
    assert convert(coco, tmp_path / "out", "--images", str(tmp_path / "elsewhere")) == 0


def test_opaque_cutouts_and_missing_partners_are_told(tmp_path: Path, capsys) -> None:
    image(tmp_path / "cut" / "a.png")
    assert convert(tmp_path / "cut", tmp_path / "out", "--format", "rgba") == 1
    assert "no transparency" in capsys.readouterr().err
    image(tmp_path / "set" / "image" / "a.jpg")
    grey(tmp_path / "set" / "alpha" / "b.png", SOFT)
    assert convert(tmp_path / "set", tmp_path / "out2") == 1
    told = capsys.readouterr().err
    assert "no partner for 'a'" in told and "no partner for 'b'" in told
