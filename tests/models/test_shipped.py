"""Networks by what they are called."""

import os
from pathlib import Path

import pytest

from figureground.cli import main
from figureground.errors import UsageError
from figureground.models.shipped import FOLDER, find_exported, find_model


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A training run that is called as a network that ships."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "lite"
    folder.mkdir()
    (folder / "recipe.toml").write_text('data = ["people"]')
    (folder / "best.weights.h5").write_bytes(b"weights")
    return folder


def touch(path: Path, seconds: int) -> Path:
    path.write_bytes(b"network")
    os.utime(path, (seconds, seconds))
    return path


def test_a_run_is_removed_with_by_what_export_wrote_of_it(run: Path) -> None:
    os.utime(run / "best.weights.h5", (1000, 1000))
    older, newer = touch(run / "lite.tflite", 2000), touch(run / "lite-int8.tflite", 3000)
    assert find_model(run) == newer and find_exported("lite") == "lite/lite-int8.tflite"
    os.utime(older, (4000, 4000))
    assert find_model(run) == older


def test_a_run_that_was_not_exported_since_it_learnt_says_what_to_do(
    run: Path, astronaut: Path, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(UsageError, match=r"export it first: figureground export .*lite"):
        find_model(run)
    assert main(["remove", str(astronaut), "--model", "lite", "-o", "a.png"]) == 2
    assert capsys.readouterr().err == (
        "figureground: 'lite' is the folder of a training run; export it first: "
        "figureground export lite\n"
    )
    touch(run / "lite.tflite", 1000)
    with pytest.raises(UsageError, match="has learnt since it was exported, export it again"):
        find_model(run)


def test_a_run_takes_no_network_s_place_where_none_was_named(run: Path) -> None:
    assert find_model("lite") == FOLDER / "lite.tflite"
