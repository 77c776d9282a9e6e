"""Two jobs on one output: the second is told who is at work, and nothing is mixed."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from videos import Redness, make_video, times_of

from figureground.cli import main
from figureground.errors import FileError
from figureground.jobs.journal import NAME, Journal
from figureground.jobs.video import VideoTask, convert_video
from figureground.jobs.video_style import VideoStyle
from figureground.media.lock import locked

HOLD = """
import sys
from pathlib import Path
from figureground.media.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held(tmp_path: Path):
    """A process that holds the lock of a path for as long as a test needs it."""
    running: list[subprocess.Popen] = []

    def hold(path: Path) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        running.append(process)
        assert process.stdout.readline() == b"held\n"
        return process

    yield hold
    for process in running:
        process.kill()
        process.communicate()


def test_a_second_job_in_a_folder_is_told_of_the_first_and_goes_on_after_it(
    tmp_path: Path, people: Path, held, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    words = ["remove", str(people / "images"), "-o", str(out), "-q"]
    other = held(out / NAME)
    assert main(words) == 1
    said = capsys.readouterr().err
    assert f"in use by process {other.pid}" in said and said.count("\n") == 1
    assert not list(out.glob("*.png"))
    os.kill(other.pid, signal.SIGKILL)  # what it leaves is no lock
    other.wait()
    assert main(words) == 0
    assert (
        len(list(out.glob("*.png"))) == 12
        and len([path for path in out.iterdir() if path.suffix != ".csv"]) == 13
    )


def test_what_another_job_did_in_the_meantime_stays_in_the_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / NAME, settings="")
    entry = {"source": "a", "stamp": [1, 2], "results": ["b"], "settings": ""}
    (tmp_path / NAME).write_text(json.dumps(entry) + "\n")
    journal.refresh()
    journal.begin()
    assert json.loads((tmp_path / NAME).read_text()) == entry


def task(source: Path, target: Path) -> VideoTask:
    return VideoTask(source=source, target=target, look=VideoStyle(), resume="a", segment=2)


def test_a_video_that_is_resumed_belongs_to_one_process(tmp_path: Path, held) -> None:
    video, target = make_video(tmp_path / "video.mp4"), tmp_path / "out.mp4"
    other = held(target)
    with pytest.raises(FileError, match=f"in use by process {other.pid}"):
        convert_video(task(video, target), Redness())
    other.kill(), other.wait()
    assert convert_video(task(video, target), Redness()).frames == 8
    with locked(target):  # which was given back
        pass


def stopped(video: Path, target: Path) -> Path:
    """The parts of a video that was stopped after five frames."""

    def stop(done: int, of: int | None) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        convert_video(task(video, target), Redness(), stop)
    return target.with_name(f".{target.name}.parts")


@pytest.mark.parametrize("clash", ["twice", "gap", "torn", "miscounted"])
def test_parts_that_two_processes_left_are_mended(tmp_path: Path, clash: str) -> None:
    video, target = make_video(tmp_path / "video.mp4"), tmp_path / "out.mp4"
    parts = stopped(video, target)
    first, second, *_ = sorted(parts.glob("[0-9]*-*"))
    if clash == "twice":
        (parts / f"00000001-2{first.suffix}").write_bytes(first.read_bytes())
    elif clash == "gap":
        first.unlink()
    elif clash == "torn":
        second.write_bytes(second.read_bytes()[:40])
    else:
        second.rename(parts / f"00000002-7{second.suffix}")
    outcome = convert_video(task(video, target), Redness())
    assert outcome.resumed + outcome.frames == 8
    assert times_of(target) == pytest.approx(times_of(video), abs=1.1e-3)
    assert not parts.exists()
