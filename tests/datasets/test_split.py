"""Splits are repeatable and keep groups together; manifests stand for folders."""

import json
import random
import shutil
from pathlib import Path

import pytest
from labelled import add, person, scene
from PIL import Image
from tiny import TINY

from figureground.cli import main
from figureground.datasets.manifest import read_manifest, write_manifest
from figureground.datasets.near_duplicates import NearDuplicate
from figureground.datasets.pairs import Pair, find_pairs
from figureground.datasets.split import split_pairs
from figureground.errors import DataError, UsageError

PAIRS = [
    Pair(name=f"{who}_{number}", image=Path(f"i/{who}_{number}"), mask=Path(f"m/{who}_{number}"))
    for who in "abcdefghij"
    for number in range(5)
]


def names(pairs: list[Pair]) -> list[str]:
    return [pair.name for pair in pairs]


def test_a_split_loses_nothing_and_depends_on_names_and_seed_alone() -> None:
    kept, held = split_pairs(PAIRS, share=0.2, seed=42)
    assert len(held) == 10 and sorted(names(kept) + names(held)) == names(PAIRS)
    shuffled = random.Random(0).sample(PAIRS, len(PAIRS))
    assert split_pairs(shuffled, share=0.2, seed=42) == (kept, held)
    assert split_pairs(PAIRS, share=0.2, seed=43)[1] != held


def test_nearly_all_that_is_held_back_stays_so_when_others_join() -> None:
    for seed in range(10):
        kept, held = split_pairs(PAIRS[::2], share=0.4, seed=seed)
        more_kept, more_held = split_pairs(PAIRS, share=0.4, seed=seed)
        moved = ({*held} & {*more_kept}) | ({*kept} & {*more_held})
        assert len(moved) <= 3  # by chance alone 12 of 25


def test_one_of_few_is_held_back_and_one_is_left() -> None:
    for share in (0.01, 0.99):
        kept, held = split_pairs(PAIRS[:2], share=share, seed=0)
        assert len(kept) == len(held) == 1


@pytest.mark.parametrize("group", ["^.", "^(.)_"])
def test_names_of_one_group_stay_together(group: str) -> None:
    kept, held = split_pairs(PAIRS, share=0.3, seed=1, group=group)
    assert len(held) == 15
    assert not {name[0] for name in names(kept)} & {name[0] for name in names(held)}


def test_images_that_are_alike_stay_together_in_any_order() -> None:
    for seed in range(20):
        ties = [NearDuplicate(first=n, second=n + 25, exact=False) for n in range(25)]
        _, held = split_pairs(PAIRS, ties, share=0.5, seed=seed)
        there = {PAIRS.index(pair) for pair in held}
        assert there == {(n + 25) % 50 for n in there}


@pytest.mark.parametrize(
    ("group", "message"), [("(", "no regular"), ("^x", "fits no name"), ("_", "cannot be parted")]
)
def test_groups_that_cannot_be_are_refused(group: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        split_pairs(PAIRS, share=0.2, seed=42, group=group)


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Ten scenes, each twice, the second a little darker."""
    folder = tmp_path / "shots"
    for number in range(10):
        add(folder, f"day/{number}", scene(number), person())
        add(folder, f"night/{number}", (scene(number) * 0.8).astype("uint8"), person())
    return folder


def test_the_command_writes_manifests_that_keep_scenes_together(shots: Path, capsys) -> None:
    out = shots.parent / "parts"
    assert main(["data", "split", str(shots), "-o", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["train"]["pairs"], told["val"]["pairs"]) == (16, 4)
    train, val = find_pairs(out / "train.csv"), find_pairs(out / "val.csv")
    assert {pair.image for pair in (*train, *val)} == {p.image for p in find_pairs(shots)}
    scenes = [{Path(pair.name).name for pair in part} for part in (train, val)]
    assert len(scenes[1]) == 2 and not scenes[0] & scenes[1]
    before = (out / "val.csv").read_bytes()
    assert main(["data", "split", str(shots), "-o", str(out), "-q"]) == 0
    assert (out / "val.csv").read_bytes() == before


def test_manifests_are_relative_so_that_all_can_move(shots: Path) -> None:
    assert main(["data", "split", str(shots), "-o", str(shots / "parts"), "-q"]) == 0
    moved = shots.with_name("moved")
    shots.rename(moved)
    assert len(find_pairs(moved / "parts" / "train.csv")) == 16


@pytest.mark.parametrize("how", ["--copy", "--link"])
def test_files_are_copied_or_linked_once(shots: Path, how: str) -> None:
    out = shots.parent / "parts"
    assert main(["data", "split", str(shots), "-o", str(out), how, "-q"]) == 0
    pairs = find_pairs(out / "val")
    assert len(pairs) == 4 and all(pair.mask.is_symlink() == (how == "--link") for pair in pairs)
    for pair in pairs:
        assert pair.image.read_bytes() == (shots / "images" / f"{pair.name}.png").read_bytes()
    pairs[0].image.unlink()
    pairs[0].image.write_bytes(b"mine")
    assert main(["data", "split", str(shots), "-o", str(out), how, "-q"]) == 0
    assert pairs[0].image.read_bytes() == b"mine"


def test_another_split_is_not_mixed_in(shots: Path, capsys) -> None:
    out = shots.parent / "parts"
    command = ["data", "split", str(shots), "-o", str(out), "--copy", "-q"]
    assert main(command) == 0
    before = sorted(out.rglob("*"))
    assert main([*command, "--seed", "7"]) == 1
    assert "another split" in capsys.readouterr().err
    assert sorted(out.rglob("*")) == before


def test_a_seed_below_0_is_refused(shots: Path, capsys) -> None:
    with pytest.raises(SystemExit):
        main(["data", "split", str(shots), "-o", str(shots / "out"), "--seed", "-1"])
    assert "-1 is not 0 or more" in capsys.readouterr().err


def test_an_unreadable_image_stops_the_split_and_is_named(shots: Path, capsys) -> None:
    (shots / "images" / "day" / "3.png").write_bytes(b"no")
    assert main(["data", "split", str(shots), "-o", str(shots / "out")]) == 1
    assert "day/3.png" in capsys.readouterr().err


def test_json_lines_are_a_manifest_too(shots: Path) -> None:
    lines = [
        json.dumps({"image": f"images/day/{n}.png", "mask": f"masks/day/{n}.png", "by": "hand"})
        for n in range(3)
    ]
    (shots / "list.jsonl").write_text("\n".join(lines) + "\n\n")
    assert names(find_pairs(shots / "list.jsonl")) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("photo,mask\na,b\n", "no image in"),
        ("image,mask\nx.png,\n", "line 2"),
        ("image,mask\n", "lists no pairs"),
        ("image,mask\nx.png,y.png\n", "no mask for 'x'; no image for 'x'"),
    ],
)
def test_manifests_with_faults_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "list.csv").write_text(text)
    with pytest.raises(DataError, match=message):
        find_pairs(tmp_path / "list.csv")
    (tmp_path / "list.jsonl").write_text("{")
    with pytest.raises(DataError, match="is no JSON"):
        read_manifest(tmp_path / "list.jsonl")


def test_names_that_are_no_utf8_go_into_json_lines_only(tmp_path: Path) -> None:
    pair = (tmp_path / "a\udcff.png", tmp_path / "é.png")
    write_manifest([pair], tmp_path / "list.jsonl")
    assert read_manifest(tmp_path / "list.jsonl") == [pair]
    with pytest.raises(DataError, match="no UTF-8"):
        write_manifest([pair], tmp_path / "list.csv")
    with pytest.raises(UsageError):
        write_manifest([pair], tmp_path / "list.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["list.jsonl"]


def test_a_file_listed_twice_is_refused(shots: Path) -> None:
    line = "images/day/0.png,masks/day/0.png\n"
    (shots / "list.csv").write_text(f"image,mask\n{line}{line}")
    with pytest.raises(DataError, match="one name for two"):
        find_pairs(shots / "list.csv")


def test_training_and_evaluation_take_manifests(people: Path, tmp_path: Path, capsys) -> None:
    assert main(["data", "split", str(people), "-o", str(tmp_path), "--share", "0.3", "-q"]) == 0
    train, val = (str(tmp_path / f"{part}.csv") for part in ("train", "val"))
    run = str(tmp_path / "run")
    assert TINY.size == 32
    assert main([
        "train", "--data", f"{train}:2", "--val", val, "--preset", "tiny", "--image-size", "32",
        "--epochs", "1", "--batch-size", "4", "--output", run, "-q",
    ]) == 0  # fmt: skip
    noted = json.loads((tmp_path / "run" / "run.json").read_text())["data"]
    assert [part["pairs"] for part in noted] == [8, 4]
    assert main(["evaluate", "--data", val, "--json", "-q"]) == 0
    assert "iou" in capsys.readouterr().out


def test_names_from_several_folders_stay_apart(shots: Path, tmp_path: Path) -> None:
    shutil.copytree(shots, tmp_path / "other")
    Image.new("L", (2, 2)).save(tmp_path / "m.png")
    (tmp_path / "list.csv").write_text(
        "image,mask\nshots/images/day/0.png,m.png\nother/images/day/0.png,m.png\n"
    )
    assert names(find_pairs(tmp_path / "list.csv")) == [
        "other/images/day/0", "shots/images/day/0",
    ]  # fmt: skip
