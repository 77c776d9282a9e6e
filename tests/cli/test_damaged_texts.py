"""Damaged lists, journals, manifests, recipes, records and annotations: read, or refused in one line."""

import contextlib
import itertools
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

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

from figureground.cluster.journal import ClusterJournal
from figureground.cluster.known import Known
from figureground.cluster.rows import DONE, FAILED, Item, Row
from figureground.datasets.coco import read_coco
from figureground.datasets.convert import convert
from figureground.datasets.items import Wanted
from figureground.datasets.labelme import read_labelme
from figureground.datasets.manifest import read_manifest
from figureground.datasets.shards import open_shards
from figureground.datasets.via import read_via
from figureground.errors import DataError, FileError
from figureground.jobs.journal import Journal
from figureground.media.paths import read_list
from figureground.serve.video_store import Store
from figureground.training.recipe_file import make_recipe

FEW, MANY = 6, 2_000  # of each kind
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
PACKED = {"format": "figureground shards", "version": 1, "pairs": 3, "seed": 0, "shards": [
    {"name": "0.tar", "pairs": 2, "bytes": 10, "sha256": "ab" * 32},
    {"name": "1.tar", "pairs": 1, "bytes": 10, "sha256": "cd" * 32}]}  # fmt: skip
ID = "0" * 22  # of a job of the service


def read_items(read: Callable) -> Callable[[Path], object]:
    """Convert all images of annotations, as `data convert` does."""

    def write(path: Path) -> object:
        out = path.parent / "out" / path.stem
        shutil.rmtree(out, ignore_errors=True)
        found = list(convert(read(path, Wanted(empty=True)), out))
        for outcome in found:
            if outcome.error:
                raise DataError(outcome.error)
        return found

    return write


def parquet() -> bytes:
    """A part of a cluster's journal."""
    with tempfile.TemporaryDirectory() as name:
        journal = ClusterJournal(Path(name), "f" * 64)
        rows = [Row(Item(f"{name}/{n}.png", (f"{name}/{n}.cutout.png",), 10 + n, 10**15),
                    DONE if n % 2 else FAILED, error=None if n % 2 else "it is damaged",
                    share=0.5) for n in range(40)]  # fmt: skip
        journal.add(rows)
        journal.flush()
        return journal.parts()[0].read_bytes()


def read_part(path: Path) -> object:
    """Read a part as the only one of a journal, by all that asks it."""
    journal = ClusterJournal(path.parent / "out", "f" * 64)
    journal.folder.mkdir(parents=True, exist_ok=True)
    (journal.folder / "part-1.parquet").write_bytes(path.read_bytes())
    known = Known(journal)
    item = Item(str(path), (f"{path}.png",), 1, 1)
    return known.is_done(item, skip_empty=True), known.has_other_source(item), len(known)


def read_packed(path: Path) -> object:
    return open_shards(path.parent).pairs


def record() -> bytes:
    """A job of the service, as it lies on the disk."""
    with tempfile.TemporaryDirectory() as name:
        store = Store(Path(name))
        made = store.create(owner="me", fields={"kind": "mask"})
        record = (store.path(made.id) / "job.json").read_bytes()
    return record.replace(made.id.encode(), ID.encode())


def read_record(path: Path) -> object:
    """Start a service's store where such a record lies."""
    place = path.parent / "store"
    job = place / "jobs" / ID
    job.mkdir(parents=True, exist_ok=True)
    (job / "job.json").write_bytes(path.read_bytes())
    (job / "progress.json").write_bytes(path.read_bytes())
    store = Store(place)
    store.progress(ID).get("frames")
    if not list(store.all()):
        raise DataError("it is passed over")
    return store.change(ID, deaths=1), store.expire(1.0)


def read_journal(path: Path) -> object:
    """Its lines; those that are damaged are passed over."""
    if not (entries := Journal(path, settings="x").entries):
        raise DataError("all of it is passed over")
    return entries


# By name of the file: what is sound, and what reads it.
KINDS: dict[str, tuple[bytes, Callable[[Path], object]]] = {
    "list.txt": (b"a.png\nfolder/b.png\n\xc3\xa9.png\n", read_list),
    "journal": (json.dumps(LINE).encode() + b"\n" + json.dumps(LINE).encode() + b"\n",
                read_journal),
    "m.csv": (b"image,mask\na.png,b.png\n\"c, d.png\",e.png\n", read_manifest),
    "m.jsonl": (b'{"image": "a.png", "mask": "b.png"}\n' * 3, read_manifest),
    "recipe.toml": (RECIPE, lambda path: make_recipe(str(path), {}, [])),
    "coco.json": (json.dumps(coco([SQUARE], {"size": [4, 6], "counts": [5, 4, 15]})).encode(),
                  read_items(read_coco)),
    "labelme.json": (json.dumps(LABELME).encode(), read_items(read_labelme)),
    "via.json": (json.dumps(VIA).encode(), read_items(read_via)),
    "manifest.json": (json.dumps(PACKED, indent=1).encode(), read_packed),
    "part.parquet": (parquet(), read_part),
    "job.json": (record(), read_record),
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
    complaints, sound = [], dict.fromkeys(KINDS, 0)
    for number, name in itertools.product(range(count), KINDS):
        chance = random.Random(f"{number} {name}")
        data, read = KINDS[name]
        path = folder / name
        path.write_bytes(spoil(data, chance))
        tell(f"{number} {name}")
        watch_for_hanging()
        try:
            read(path)
            sound[name] += 1
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            with contextlib.suppress(AttributeError):
                error.args = (str(error).replace(str(folder), ""),)
            wrong = complaint_of(error)
            complaints += [f"{number} {name}: {wrong}"] if wrong else []
    return {"complaints": complaints, "sound": sound, "megabytes": used_megabytes()}


def check(folder: Path, count: int) -> None:
    """See that nothing is wrong, and that the damage bites: some survive, some do not."""
    Image.new("RGB", (6, 4), (90, 120, 200)).save(folder / "a.jpg")
    told = run_apart(__file__, folder, count, timeout=120 + count)
    assert not told["complaints"]
    assert told["megabytes"] < MEGABYTES
    assert len(KINDS) * count // 10 < sum(told["sound"].values()) < len(KINDS) * count
    if count == MANY:
        assert all(0 < sound < count for sound in told["sound"].values()), told["sound"]


def test_a_damaged_text_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    check(tmp_path, FEW)


def test_a_part_without_a_column_is_one_line(tmp_path: Path) -> None:
    part = tmp_path / "part.parquet"
    part.write_bytes(parquet().replace(b"modified", b"modifier"))
    with pytest.raises(FileError) as raised:
        read_part(part)
    line = str(raised.value).replace(str(tmp_path), "")
    assert "modified" in line and "\n" not in line and len(line) <= 300


@pytest.mark.soak
def test_thousands_of_damaged_texts_are_read_or_refused(tmp_path: Path) -> None:
    check(tmp_path, MANY)


if __name__ == "__main__":
    limit_memory(16)
    tell(json.dumps(read_all(Path(sys.argv[1]), int(sys.argv[2]))))
