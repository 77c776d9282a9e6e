"""Names in two Unicode forms are one name, in folders, manifests and annotations."""

import json
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from labelled import add, found_in, kinds, person, scene
from PIL import Image

from figureground.datasets.locate import Locator, StoredNames
from figureground.datasets.pairs import find_pairs

COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "Andr\u00e9 \u00fc") for form in ("NFC", "NFD"))


@pytest.mark.parametrize(
    ("image", "mask"),
    [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED), (f"{DECOMPOSED}/a", f"{COMPOSED}/a"),
     (f"{DECOMPOSED}/\uac00", f"{COMPOSED}/\u1100\u1161")],
)  # fmt: skip
def test_images_and_masks_pair_up_in_any_form(tmp_path: Path, image: str, mask: str) -> None:
    add(tmp_path, "x", scene(0), person())
    for room, name in (("images", image), ("masks", mask)):
        target = tmp_path / room / f"{name}.png"
        target.parent.mkdir(exist_ok=True)
        shutil.move(tmp_path / room / "x.png", target)
    (pair,) = find_pairs(tmp_path)
    assert pair.name == unicodedata.normalize("NFC", image)
    assert pair.image.is_file() and pair.mask.is_file()
    assert found_in(tmp_path)["findings"] == []


def test_two_files_of_one_name_in_two_forms_are_told(tmp_path: Path) -> None:
    add(tmp_path, COMPOSED, scene(0), person())
    Image.fromarray(scene(1)).save(tmp_path / "images" / f"{DECOMPOSED}.png")
    found = kinds(found_in(tmp_path))
    assert list(found) == ["two-files"]
    assert "two Unicode forms" in found["two-files"][0]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_manifests_name_files_in_any_form(tmp_path: Path, ending: str) -> None:
    add(tmp_path, DECOMPOSED, scene(0), person())
    names = [f"images/{COMPOSED}.png", f"masks/{COMPOSED}.png"]
    rows = {"csv": f"image,mask\n{','.join(names)}\n",
            "jsonl": json.dumps(dict(zip(("image", "mask"), names, strict=True)))}  # fmt: skip
    path = tmp_path / f"list.{ending}"
    path.write_text(rows[ending], "utf-8")
    (pair,) = find_pairs(path)
    assert pair.image.is_file() and pair.mask.is_file()


def test_a_file_of_that_very_name_goes_before_one_in_another_form(tmp_path: Path) -> None:
    for name in (COMPOSED, DECOMPOSED):
        (tmp_path / name).write_text(name)
    stored = StoredNames()
    assert [stored.find(tmp_path / n).read_text() for n in (COMPOSED, DECOMPOSED)] == [
        COMPOSED, DECOMPOSED,
    ]  # fmt: skip
    missing = tmp_path / "n\u00f3" / "where"
    assert stored.find(missing) == missing


def test_paths_of_any_depth_and_name_are_looked_for(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("")
    locator = Locator([tmp_path])
    assert locator.find("\u00e9/" * 3000 + "a.jpg") == (tmp_path / "a.jpg", "a.jpg")
    for odd in ("", "..", "/", "a\0.jpg", "\ud800.jpg", "x" * 20_000, "../" * 9):
        assert locator.find(odd) is None
    assert np.array_equal([locator.find("C:/a.jpg")], [(tmp_path / "a.jpg", "a.jpg")])
