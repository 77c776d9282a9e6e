"""No command opens a socket, starts a process or writes outside its output and a temporary folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def seen(script: str, words: list[str], place: Path) -> list[str]:
    """What a command does outside `place`/out and its temporary folder, a line each."""
    report, out, temporary = (place / name for name in ("report", "out", "tmp"))
    temporary.mkdir()
    (place / "home").mkdir()
    environment = {
        **{name: value for name, value in os.environ.items() if name != "KERAS_HOME"},
        "HOME": str(place / "home"), "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    allowed = os.pathsep.join(map(str, (out, temporary)))
    command = [sys.executable, str(TESTS / "watched.py"), script, str(report), allowed, *words]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert out.exists() and not list((place / "home").iterdir())
    return report.read_text().splitlines()


@pytest.mark.parametrize("job", ["image", "folder", "video", "evaluation", "check"])
def test_a_command_writes_its_output_and_nothing_else(
    job: str, tmp_path: Path, astronaut: Path, people: Path
) -> None:
    video, out = astronaut.with_suffix(".mp4"), tmp_path / "out"
    words = {
        "image": ["remove", str(astronaut), "-o", str(out / "a.png")],
        "folder": ["remove", str(people / "images"), "-o", str(out), "--background", "blur:4"],
        "video": ["remove", str(video), "--frames", "3", "-o", str(out / "a.mp4"), "--resume"],
        "evaluation": ["evaluate", "--data", str(people), "--model", "lite", "-q", "--report",
                       str(out / "page.html")],
        "check": ["data", "check", str(people), "--sheet", str(out)],
    }  # fmt: skip
    if job == "check":
        out.mkdir()
        words[job] = ["data", "split", str(people), "-o", str(out)]
    assert seen("figureground", words[job], tmp_path) == []


@pytest.mark.slow
def test_a_training_writes_its_run_and_nothing_else(tmp_path: Path, people: Path) -> None:
    words = ["train", "--data", str(people), "--image-size", "32", "--backbone-weights", "none",
             "--epochs", "1", "--batch-size", "4", "-q", "-o", str(tmp_path / "out")]  # fmt: skip
    assert seen("figureground", words, tmp_path) == []


def test_the_watch_sees_what_it_should(tmp_path: Path) -> None:
    script = tmp_path / "rogue.py"
    script.write_text(
        "import socket, subprocess, sys\n"
        "open(sys.argv[1] + '/outside', 'w').close()\n"
        "socket.socket().close()\n"
        "subprocess.run([sys.executable, '-c', ''])\n"
        "import os; os.mkdir(sys.argv[1] + '/out')\n"
    )
    events = [line.split()[0] for line in seen(str(script), [str(tmp_path)], tmp_path)]
    assert events == ["open", "socket.__new__", "subprocess.Popen"]
