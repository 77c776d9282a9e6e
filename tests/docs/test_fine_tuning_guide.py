"""The commands of docs/fine-tuning.md, in its order, on a small scale."""

import json
import shlex
import shutil
from pathlib import Path

import pytest
from shown import ROOT, blocks

from figureground.cli import main
from figureground.datasets.pairs import find_pairs

SMALL = {
    "train": "--image-size 64 --batch-size 2 --epochs 8 --learning-rate 0.002 "
    "--set frozen_epochs=0 --set ema_momentum=0",
    "export": "--size 64",
}


def commands() -> list[list[str]]:
    lines = "".join(blocks(ROOT / "docs" / "fine-tuning.md", "sh")).splitlines()
    return [shlex.split(line)[1:] for line in lines if line.startswith("figureground ")]


@pytest.fixture
def desk(people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nine images of a new kind, three more that are kept apart, and a photograph."""
    monkeypatch.chdir(tmp_path)
    for number, pair in enumerate(find_pairs(people)):
        for room, file in (("images", pair.image), ("masks", pair.mask)):
            place = tmp_path / ("apart" if number % 4 == 0 else "puppets") / room
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)
    shutil.copy(people / "images" / "0.jpg", "photo.jpg")
    return tmp_path


def iou(model: str, capsys: pytest.CaptureFixture) -> float:
    capsys.readouterr()
    assert main(["evaluate", "--data", "apart", "--model", model, "--json", "--quiet"]) == 0
    return float(json.loads(capsys.readouterr().out)["apart"]["iou"]["value"])


@pytest.mark.slow
def test_the_tutorial_ends_with_a_network_that_is_better_at_the_new_kind(
    desk: Path, capsys: pytest.CaptureFixture
) -> None:
    shown = commands()
    assert [words[0] for words in shown] == [
        "remove", "data", "evaluate", "train", "export", "evaluate", "compare", "remove",
    ]  # fmt: skip
    for words in shown:
        assert main([*words, *SMALL.get(words[0], "").split(), "--quiet"]) == 0, words
    assert len(list(Path("puppets/drafts").glob("*.mask.png"))) == 9
    assert Path("puppets.png").is_file() and Path("photo.cutout.png").is_file()
    assert Path("runs/puppets/report.html").is_file()
    before, after = iou("lite", capsys), iou("runs/puppets/lite.tflite", capsys)
    assert after > before + 0.1
