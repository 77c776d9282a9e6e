"""Packed data sets: written, read again, refused."""

import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from figureground.cli import main
from figureground.datasets.pack import pack
from figureground.datasets.pairs import find_pairs
from figureground.datasets.read import read_pair
from figureground.datasets.shards import MANIFEST, OpenShard, is_packed, open_shards
from figureground.errors import DataError
from figureground.media.images import read_image


@pytest.fixture
def packed(people: Path, tmp_path: Path) -> Path:
    """Twelve pairs in several shards."""
    out = tmp_path / "packed"
    pack(find_pairs(people), out, shard_bytes=20_000)
    return out


def content(place: Path) -> dict[str, tuple[bytes, bytes]]:
    """Image and mask of every pair by its key."""
    found = {}
    for shard in open_shards(place).shards:
        opened = OpenShard(shard)
        for number in range(shard.pairs):
            key, image, mask = opened.read(number)
            found[key] = (image, mask)
    return found


def test_a_packed_set_holds_all_pairs_unchanged(people: Path, packed: Path) -> None:
    shards = open_shards(packed)
    assert shards.pairs == 12 and len(shards.shards) > 2
    found = content(packed)
    for pair in find_pairs(people):
        image, mask = found[pair.name]
        rgb, truth = read_pair(pair.image, pair.mask)
        assert image == pair.image.read_bytes()
        np.testing.assert_array_equal(read_image(image).rgb, rgb)
        levels = cv2.imdecode(np.frombuffer(mask, np.uint8), cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(levels, truth)


READER = """
import hashlib, json, sys, webdataset
pairs = webdataset.WebDataset(sys.argv[1:], shardshuffle=False)
hashed = lambda data: hashlib.sha256(data).hexdigest()
print(json.dumps({p["__key__"]: [hashed(p["jpg"]), hashed(p["png"])] for p in pairs}))
"""


def test_the_package_webdataset_reads_every_pair(packed: Path) -> None:
    """In a process of its own, as it leaves shards open."""
    shards = [str(path) for path in sorted(packed.glob("*.tar"))]
    read = subprocess.run(
        [sys.executable, "-c", READER, *shards], stdout=subprocess.PIPE, check=True
    )
    hashes = {
        key: [hashlib.sha256(data).hexdigest() for data in pair]
        for key, pair in content(packed).items()
    }
    assert json.loads(read.stdout) == hashes and len(hashes) == 12


def test_the_same_seed_packs_the_same_bytes(people: Path, packed: Path, tmp_path: Path) -> None:
    for seed, same in ((42, True), (43, False)):
        again = tmp_path / str(seed)
        pack(find_pairs(people), again, shard_bytes=20_000, seed=seed)
        assert (open_shards(again).sha256 == open_shards(packed).sha256) == same


def test_odd_names_and_other_formats_keep_their_pairs_together(
    people: Path, tmp_path: Path
) -> None:
    data = tmp_path / "odd"
    shutil.copytree(people, data)
    for kind, ending in (("images", "jpg"), ("masks", "png")):
        (data / kind / f"1.{ending}").rename(data / kind / f"a.b.{ending}")
        (data / kind / f"2.{ending}").rename(data / kind / f"a_b.{ending}")
    (data / "images" / "3.jpg").unlink()
    drawn = np.random.default_rng(1).integers(0, 255, (80, 64, 3)).astype(np.uint8)
    cv2.imwrite(str(data / "images" / "3.png"), drawn)
    pack(find_pairs(data), tmp_path / "out")
    found = content(tmp_path / "out")
    assert len(found) == 12 and {"a_b", "a_b-2"} <= set(found)
    assert not any("." in key for key in found)
    near = read_image(found["3"][0]).rgb.astype(int)[..., ::-1]
    assert np.abs(near - drawn).mean() < 6


def test_what_cannot_be_read_is_named_and_left_out(
    people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "some"
    shutil.copytree(people, data)
    (data / "images" / "5.jpg").write_bytes(b"no image")
    out = tmp_path / "out"
    assert main(["data", "pack", str(data), "-o", str(out), "--json"]) == 0
    said = capsys.readouterr()
    told = json.loads(said.out)
    assert (told["pairs"], told["shards"]) == (11, 1)
    assert len(told["left_out"]) == 1 and "5.jpg" in said.err
    assert "5" not in content(out)


def test_nothing_is_packed_over_a_packed_set(people: Path, packed: Path) -> None:
    with pytest.raises(DataError, match=r"there is a packed set in .* already; give another -o"):
        pack(find_pairs(people), packed)


def test_a_shard_that_has_changed_is_refused(packed: Path) -> None:
    shard = open_shards(packed).shards[0]
    whole = bytearray(shard.place.read_bytes())
    whole[len(whole) // 2] ^= 1
    shard.place.write_bytes(whole)
    with pytest.raises(DataError, match=r"shard-000000\.tar' is not what was packed"):
        OpenShard(shard)
    shard.place.unlink()
    with pytest.raises(DataError, match=r"cannot read .*shard-000000\.tar"):
        OpenShard(shard)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is damaged"),
        ("[]", "is damaged"),
        ('{"format": "other", "version": 1}', "of another format"),
        ('{"format": "figureground shards", "version": 1, "shards": []}', "lists no pairs"),
        (
            '{"format": "figureground shards", "version": 1, "shards": '
            '[{"name": "../a.tar", "pairs": 1, "bytes": 1, "sha256": ""}]}',
            "an odd shard",
        ),
    ],
)
def test_a_manifest_that_makes_no_sense_is_one_line(packed: Path, text: str, said: str) -> None:
    (packed / MANIFEST).write_text(text)
    with pytest.raises(DataError, match=said):
        open_shards(packed)


def test_a_folder_without_a_manifest_is_not_packed(people: Path, packed: Path) -> None:
    assert is_packed(str(packed)) and is_packed("s3://shop/people")
    assert not is_packed(str(people)) and not is_packed(f"{people}:2")


def test_a_pack_is_written_whole_or_has_no_manifest(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []

    def write(path: Path, data: bytes) -> None:
        written.append(path)
        if len(written) == 2:
            raise KeyboardInterrupt
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)

    with monkeypatch.context() as patch:
        patch.setattr("figureground.datasets.pack.write_bytes", write)
        with pytest.raises(KeyboardInterrupt):
            pack(find_pairs(people), tmp_path / "out", shard_bytes=20_000)
    assert not is_packed(str(tmp_path / "out"))
    pack(find_pairs(people), tmp_path / "out", shard_bytes=20_000)
    assert len(content(tmp_path / "out")) == 12


def test_a_tar_file_of_other_members_is_told_from_a_shard(packed: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("alone.jpg"))
    listed = json.loads((packed / MANIFEST).read_text())
    listed["shards"][0]["sha256"] = hashlib.sha256(buffer.getvalue()).hexdigest()
    (packed / listed["shards"][0]["name"]).write_bytes(buffer.getvalue())
    (packed / MANIFEST).write_text(json.dumps(listed))
    with pytest.raises(DataError, match="holds 0 pairs, not"):
        OpenShard(open_shards(packed).shards[0])
