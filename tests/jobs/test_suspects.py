"""Files that end the process are found, and left out; no healthy file is."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from videos import make_video

from figureground.jobs.journal import NAME
from figureground.jobs.summary import FAILURES

COMMAND = [sys.executable, "-m", "figureground", "remove"]
# As a native library that aborts would: the process ends in the middle of writing a result.
DEADLY = """
import os
import figureground.jobs.outputs as outputs
import figureground.jobs.video as video

def encode(cutout, targets, look, encoding, whole=outputs.encode_outputs):
    if any("deadly" in path.name for path in targets.values()):
        os._exit(86)
    return whole(cutout, targets, look, encoding)

def convert(task, *rest, whole=video.convert_video):
    if "deadly" in task.source.name:
        os._exit(86)
    return whole(task, *rest)

outputs.encode_outputs = encode
video.convert_video = convert
"""


@pytest.fixture
def folder(tmp_path: Path, astronaut: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    with Image.open(astronaut) as image:
        for number in range(6):
            image.crop((number, 0, 300, 300)).resize((64, 64)).save(made / f"{number}.png")
    return made


@pytest.fixture
def deadly(tmp_path: Path) -> dict[str, str]:
    """An environment in which files of that name end every process that works on them."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(DEADLY)
    paths = os.pathsep.join([str(tmp_path / "site"), *filter(None, sys.path)])
    return {**os.environ, "PYTHONPATH": paths}


def remove(*words: object, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, *map(str, words)]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)


def names(out: Path) -> list[str]:
    return sorted(path.name for path in out.glob("*.png"))


def test_an_image_that_ends_the_process_is_found_and_left_out(
    folder: Path, tmp_path: Path, deadly: dict[str, str]
) -> None:
    shutil.copy(folder / "0.png", folder / "3-deadly.png")
    out = tmp_path / "out"
    assert remove(folder, "-o", out, env=deadly).returncode == 86  # the whole job died

    second = remove(folder, "-o", out, env=deadly)
    assert second.returncode == 1
    assert "ended the process that worked on it (exit code 86)" in second.stderr
    assert names(out) == [f"{number}.cutout.png" for number in range(6)]
    assert (out / FAILURES).read_text().count("3-deadly.png") >= 1

    third = remove(folder, "-o", out, env=deadly)
    assert third.returncode == 1 and "--overwrite tries it again" in third.stderr
    assert "6 of 7 images are done already" in third.stderr
    assert third.stderr.count("3-deadly.png' is left out") == 1

    mended = {**deadly, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    assert remove(folder, "-o", out, env=mended).returncode == 1  # nobody has said to try it
    assert remove(folder, "-o", out, "--overwrite", env=mended).returncode == 0
    assert len(names(out)) == 7 and not (out / FAILURES).exists()


def test_an_image_that_was_changed_is_tried_again(
    folder: Path, tmp_path: Path, deadly: dict[str, str]
) -> None:
    bad, out = folder / "deadly.png", tmp_path / "out"
    shutil.copy(folder / "0.png", bad)
    for _ in range(2):
        remove(folder, "-o", out, env=deadly)
    os.utime(bad, (1, 1))
    mended = {**deadly, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    assert remove(folder, "-o", out, env=mended).returncode == 0


def test_a_video_that_ends_the_process_is_found_and_left_out(
    tmp_path: Path, deadly: dict[str, str]
) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a", "deadly", "z"):
        make_video(tmp_path / "in" / f"{name}.mp4", times=[0])
    out = tmp_path / "out"
    assert remove(tmp_path / "in", "-o", out, env=deadly).returncode == 86
    second = remove(tmp_path / "in", "-o", out, env=deadly)
    assert second.returncode == 1 and "deadly.mp4' ended the process" in second.stderr
    assert sorted(path.name for path in out.glob("*.webm")) == ["a.cutout.webm", "z.cutout.webm"]
    third = remove(tmp_path / "in", "-o", out, env=deadly)
    assert third.returncode == 1 and "deadly.mp4' is left out" in third.stderr


@pytest.mark.parametrize("kill", [signal.SIGKILL, signal.SIGTERM])
def test_somebody_who_ends_the_process_makes_no_file_suspect_for_long(
    folder: Path, tmp_path: Path, kill: signal.Signals
) -> None:
    out = tmp_path / "out"
    random.seed(int(kill))
    killed = 0
    for _ in range(6):
        process = subprocess.Popen([*COMMAND, str(folder), "-o", str(out), "-q"])
        before, end = len(names(out)), time.monotonic() + 60
        while len(names(out)) == before and process.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.002)
        time.sleep(random.uniform(0, 0.05))
        process.send_signal(kill)
        killed += process.wait() == -kill
    assert killed >= 2
    assert subprocess.run([*COMMAND, str(folder), "-o", str(out), "-q"]).returncode == 0
    assert len(names(out)) == 6
    lines = [json.loads(line) for line in (out / NAME).read_text().splitlines()]
    assert not any("died" in line for line in lines)
