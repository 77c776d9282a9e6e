"""A job goes on where a clock was set back between its parts."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from videos import make_video

from figureground.cli import main
from figureground.media.atomic import process_name
from figureground.media.lock import lock_file

LATER = 4_000_000_000  # seconds since 1970: files of before the clock was set back


def date(folder: Path, seconds: int = LATER) -> None:
    """Give all files below a folder a time."""
    for path in folder.rglob("*"):
        os.utime(path, (seconds, seconds))


def name_of_dead() -> str:
    """What `process_name` is of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return process_name().replace(f"-{os.getpid()}", f"-{ended.pid}")


@pytest.mark.parametrize("kind", ["images", "videos"])
def test_what_is_done_stays_done_and_the_rest_is_done(
    kind: str, people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for number in range(3):
        if kind == "images":
            shutil.copy(people / "images" / f"{number}.jpg", folder)
        else:
            make_video(folder / f"{number}.mp4", times=[0, 1])
    date(folder)
    command = ["remove", str(folder), "-o", str(out)]
    command += [] if kind == "images" else ["--resume"]
    assert main(command) == 0
    first = capsys.readouterr().out.splitlines()
    assert len(first) == 3
    Path(first[0]).unlink()
    lock = lock_file(next(out.glob(".figureground-journal*")))
    lock.write_text("1 elsewhere")  # as a killed job leaves it
    half = out / f".0000abcd-{name_of_dead()}.unfinished.png"
    half.touch()
    date(out)
    changed = next(path for path in folder.iterdir() if path.stem in Path(first[2]).name)
    os.utime(changed, (LATER - 10**6, LATER - 10**6))  # after the clock was set back

    monkeypatch.setattr(time, "time", lambda: 1e9)
    monkeypatch.setattr(time, "time_ns", lambda: 10**18)
    assert main(command) == 0
    again = capsys.readouterr()
    assert sorted(again.out.splitlines()) == sorted([first[0], first[2]]), again.err
    assert not half.exists() and not lock.exists()
