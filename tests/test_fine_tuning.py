"""The steps of docs/fine-tuning.md, in its order, on a small scale."""

from pathlib import Path

import pytest

from figureground.cli import main

RECIPE = Path(__file__).parent.parent / "recipes" / "fine-tune.toml"


def test_the_tutorial_ends_with_a_network_that_can_be_used(
    people: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    run, small = tmp_path / "run", ["--size", "32", "--epochs", "1", "--batch", "4"]
    train = ["train", str(RECIPE), "--data", str(people), "--out", str(run), *small]
    assert main([*train, "--set", "frozen_epochs=1", "--quiet"]) == 0
    assert "best epoch" not in capsys.readouterr().out.lower()
    assert main(["export", str(run), "--size", "64"]) == 0
    model = ["--model", str(run / "lite.tflite")]
    assert main(["evaluate", "--data", str(people), *model]) == 0
    assert "below_0.8" in capsys.readouterr().out
    picture = str(people / "images" / "0.jpg")
    assert main(["remove", picture, *model, "-q", "-o", str(tmp_path / "cut.png")]) == 0
    assert (tmp_path / "cut.png").is_file()
