"""TensorFlow as commands load it: silent, or missing in one line."""

import os
import subprocess
import sys

import pytest

from figureground.cli import main
from figureground.cli.loading import LEVEL

LOAD = """
from figureground.cli.loading import loading
with loading("a test"):
    import tensorflow
tensorflow.config.list_physical_devices()
import sys
print("ours", file=sys.stderr)
"""


def said(environment: dict[str, str]) -> str:
    command = [sys.executable, "-c", LOAD]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stderr


def test_tensorflow_says_nothing_unless_asked() -> None:
    quiet = {name: value for name, value in os.environ.items() if name != LEVEL}
    assert said(quiet) == "ours\n"
    assert said({**quiet, LEVEL: "0"}) != "ours\n"


@pytest.mark.parametrize(
    "words", [["export", "lite"], ["train", "--data", "people", "--out", "run"]]
)
def test_without_tensorflow_the_extra_is_named(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("figureground.training")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    assert main(words) == 1
    error = capsys.readouterr().err
    assert "figureground[train]" in error and error.count("\n") == 1
