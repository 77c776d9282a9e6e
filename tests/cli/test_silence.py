"""TensorFlow and networks as commands load them: silent, or missing in one line."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from videos import make_video

from figureground.cli.silence import LEVEL
from figureground.jobs.remover import Remover

LOAD = """
from figureground.cli.silence import loading
with loading("a test"):
    import tensorflow
tensorflow.config.list_physical_devices()
import sys
print("ours", file=sys.stderr)
"""

WITHOUT = """
import sys
sys.modules["tensorflow"] = None
from figureground.cli import main
sys.exit(main(sys.argv[1:]))
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
    "words", [["export", "lite"], ["train", "--data", "people", "--output", "run"]]
)
def test_without_tensorflow_the_extra_is_named(words: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-c", WITHOUT, *words]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "figureground[train]" in done.stderr and done.stderr.count("\n") == 1


TRAIN = """
import sys
from figureground.cli.silence import loading
with loading("a test"):
    import tiny
from figureground.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.slow
def test_a_training_shows_nothing_of_tensorflow(people: Path, tmp_path: Path) -> None:
    words = ["train", "--data", str(people), "--preset", "tiny", "--image-size", "32"]
    words += ["--epochs", "1", "--batch-size", "4", "-o", str(tmp_path / "run")]
    tests = str(Path(__file__).parents[1])
    environment = {name: value for name, value in os.environ.items() if name != LEVEL}
    environment["PYTHONPATH"] = os.pathsep.join([tests, environment.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", TRAIN, *words],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert done.stdout.startswith("epoch 1: loss ")


@pytest.mark.parametrize("backend", ["jax", "abacus"])
def test_a_backend_that_is_not_there_is_one_line(backend: str, tmp_path: Path) -> None:
    code = WITHOUT.replace('"tensorflow"', '"jax"')
    done = subprocess.run(
        [sys.executable, "-c", code, "train", "--data", "people", "-o", "run"],
        env={**os.environ, "KERAS_BACKEND": backend}, cwd=tmp_path,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert f"KERAS_BACKEND={backend}: it is tensorflow, jax or torch" in done.stderr


def run(*words: str, **options) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "figureground", *words]
    return subprocess.run(command, capture_output=True, check=True, **options)


def test_commands_do_not_show_what_networks_announce(
    astronaut: Path, people: Path, tmp_path: Path
) -> None:
    video = make_video(tmp_path / "a.mp4", times=[0])
    for words in (
        ["remove", str(astronaut), "-q", "-o", str(tmp_path / "a.png")],
        ["remove", str(video), "-q", "-o", str(tmp_path / "b.mp4"), "--background", "red"],
        ["live", str(video), "-o", str(tmp_path / "c.mp4")],
        ["models"],
        ["evaluate", "--data", str(people), "--model", "lite", "-q"],
    ):
        assert b"INFO" not in run(*words).stderr


@pytest.mark.skipif(os.name == "nt", reason="no process begins without streams by closing them")
def test_a_process_without_standard_streams_works(astronaut: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.png"
    run("remove", str(astronaut), "-o", str(out), preexec_fn=lambda: os.closerange(0, 3))
    assert out.is_file()


def test_programs_keep_their_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*files: int) -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    with monkeypatch.context() as patch:
        patch.setattr(os, "dup", refuse)
        patch.setattr(os, "dup2", refuse)
        assert Remover().engine.size[0] > 0
