"""Damaged lists, journals, manifests, recipes and annotations: read, or refused in one line."""

import contextlib
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))  # as pytest does, when run as a script
from damaged import (
    complaint_of,
    limit_memory,
    mutate,
    run_apart,
    tell,
    used_megabytes,
    watch_for_hanging,
)
from datafiles import SQUARE, coco

from figureground.datasets.coco import read_coco
from figureground.datasets.items import Wanted
from figureground.datasets.labelme import read_labelme
from figureground.datasets.manifest import read_manifest
from figureground.datasets.via import read_via
from figureground.jobs.journal import Journal
from figureground.media.paths import read_list
from figureground.training.recipe_file import make_recipe

FEW, MANY = 60, 600
MEGABYTES = 1_500  # that the process may take, TensorFlow's libraries among them
LINE = {"source": "a.png", "stamp": [1, 2], "results": ["a.cutout.png"], "settings": "x"}
RECIPE = b"""data = ["people"]
epochs = 3
learning_rate = 0.001
[losses]
dice = 0.5
"""
LABELME = {"imagePath": "a.jpg", "imageHeight": 4, "imageWidth": 6, "version": "5",
           "shapes": [{"label": "person", "shape_type": "polygon", "group_id": None,
                       "points": [[1, 1], [4, 1], [4, 3]]}]}  # fmt: skip
VIA = {"a.jpg1": {"filename": "a.jpg", "size": 1, "file_attributes": {}, "regions": [
    {"shape_attributes": {"name": "polygon", "all_points_x": [1, 4, 4], "all_points_y": [1, 1, 3]},
     "region_attributes": {"label": "person"}}]}}  # fmt: skip


def read_items(read: Callable) -> Callable[[Path], object]:
    return lambda path: [item.draw() for item in read(path, Wanted(empty=True))]


# By name of the file: what is sound, and what reads it.
KINDS: dict[str, tuple[bytes, Callable[[Path], object]]] = {
    "list.txt": (b"a.png\nfolder/b.png\n\xc3\xa9.png\n", read_list),
    "journal": (json.dumps(LINE).encode() + b"\n" + json.dumps(LINE).encode() + b"\n",
                lambda path: Journal(path, settings="x").entries),
    "m.csv": (b"image,mask\na.png,b.png\n\"c, d.png\",e.png\n", read_manifest),
    "m.jsonl": (b'{"image": "a.png", "mask": "b.png"}\n' * 3, read_manifest),
    "recipe.toml": (RECIPE, lambda path: make_recipe(str(path), {}, [])),
    "coco.json": (json.dumps(coco([SQUARE], {"size": [4, 6], "counts": [5, 4, 15]})).encode(),
                  read_items(read_coco)),
    "labelme.json": (json.dumps(LABELME).encode(), read_items(read_labelme)),
    "via.json": (json.dumps(VIA).encode(), read_items(read_via)),
}  # fmt: skip
NASTY = [b"\0", b"\\ud800", b"[" * 20_000, b"9" * 5_000, b"1e999", b"NaN", b"-1", b"null", b'""',
         b"\xff\xfe", b"../" * 50, b"a" * 5_000, b"{}", b"true", b"\xef\xbb\xbf", b"\n" * 3000]  # fmt: skip


def spoil(data: bytes, chance: random.Random) -> bytes:
    """Damage a text as any file, or put something nasty in place of a word."""
    if chance.random() < 0.4:
        return mutate(data, chance)
    begin = chance.randrange(len(data))
    return data[:begin] + chance.choice(NASTY) + data[begin + chance.randrange(12) :]


def read_all(folder: Path, count: int) -> dict:
    """Read every damaged text, and tell what is not as it should be."""
    complaints, sound = [], 0
    for number in range(count):
        chance = random.Random(number)
        name = [*KINDS][number % len(KINDS)]
        data, read = KINDS[name]
        path = folder / name
        path.write_bytes(spoil(data, chance))
        tell(f"{number} {name}")
        watch_for_hanging()
        try:
            read(path)
            sound += 1
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            with contextlib.suppress(AttributeError):
                error.args = (str(error).replace(str(folder), ""),)
            wrong = complaint_of(error)
            complaints += [f"{number} {name}: {wrong}"] if wrong else []
    return {"complaints": complaints, "sound": sound, "megabytes": used_megabytes()}


def check(folder: Path, count: int) -> None:
    """See that nothing is wrong, and that the damage bites: some survive, some do not."""
    (folder / "a.jpg").write_bytes(b"")
    told = run_apart(__file__, folder, count, timeout=120 + count)
    assert not told["complaints"]
    assert told["megabytes"] < MEGABYTES
    assert count // 10 < told["sound"] < count


def test_a_damaged_text_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    check(tmp_path, FEW)


@pytest.mark.soak
def test_hundreds_of_damaged_texts_are_read_or_refused(tmp_path: Path) -> None:
    check(tmp_path, MANY)


if __name__ == "__main__":
    limit_memory(16)
    tell(json.dumps(read_all(Path(sys.argv[1]), int(sys.argv[2]))))
