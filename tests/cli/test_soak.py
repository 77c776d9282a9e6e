"""What is broken by the hundred in `make soak`, and a tenth of it each time.

Each of these runs the command in a process of its own: it ends in time, without a signal, without a
traceback, and with nothing half-written.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from damaged import copies, run
from onnx import TensorProto, helper
from PIL import Image

from figureground.cli import main
from figureground.engines import open_engine
from figureground.errors import FiguregroundError
from figureground.models.shipped import find_model

LONGEST = 300  # characters of a message
soak = pytest.mark.soak


def amount(few: int, many: int) -> list:
    """A cheap number of tries, and the whole of them for `make soak`."""
    return [few, pytest.param(many, marks=soak)]


def decent(done: "subprocess.CompletedProcess[str]") -> None:
    """See that a command ended as commands do."""
    assert done.returncode in (0, 1, 2), done
    assert "Traceback" not in done.stderr and "Traceback" not in done.stdout
    assert all(len(line) <= LONGEST + 20 for line in done.stderr.splitlines())


def make_device(path: Path, minor: int) -> Path:
    """A device as /dev/null (3) or /dev/full (7), where that is permitted."""
    os.mknod(path, 0o600 | 0o020000, os.makedev(1, minor))
    path.open("wb").close()
    return path


def make_below_a_file(path: Path) -> Path:
    """A path below a file."""
    path.with_name("file").write_text("mine")
    return path.with_name("file") / path.name


# Outputs that are no plain files, or lie where none can be.
ODD = {
    "device": lambda path: make_device(path, 3),
    "full": lambda path: make_device(path, 7),
    "pipe": lambda path: os.mkfifo(path) or path,
    "folder": lambda path: path.mkdir() or path,
    "loop": lambda path: path.symlink_to(path) or path,
    "dangling": lambda path: path.symlink_to(path.parent / "nowhere" / "a.png") or path,
    "below a file": make_below_a_file,
    "long": lambda path: path.with_name("n" * 300 + ".png"),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_outputs_are_written_into_or_told(tmp_path: Path, kind: str, astronaut: Path) -> None:
    try:
        path = ODD[kind](tmp_path / "out.png")
    except PermissionError:
        pytest.skip("making devices is not permitted")
    before = path.lstat().st_mode if os.path.lexists(path) else None
    got = tmp_path / "got"
    reader = None
    if kind == "pipe":
        reader = subprocess.Popen(["sh", "-c", f"cat '{path}' > '{got}'"])
    done = run("remove", str(astronaut), "-o", str(path))
    decent(done)
    if reader is not None:
        reader.wait(timeout=20)
        assert got.read_bytes().startswith(b"\x89PNG")
    assert before is None or path.lstat().st_mode == before
    assert (tmp_path / "file").exists() == (kind == "below a file")
    assert not [path for path in tmp_path.iterdir() if "unfinished" in path.name]
    if done.returncode:
        assert done.stderr.count("\n") == 1


COMMANDS = {
    "remove": ["remove", "IN", "-o", "OUT"],
    "video": ["remove", "VIDEO", "--frames", "2", "-o", "OUT/a.mp4"],
    "check": ["data", "check", "DATA"],
    "split": ["data", "split", "DATA", "-o", "OUT"],
    "evaluate": ["evaluate", "--data", "DATA", "--model", "lite"],
    "models": ["models"],
}
CLOSED = ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full"]


@pytest.mark.parametrize("command", [*COMMANDS])
@pytest.mark.parametrize(
    "closed",
    ["<&- >&- 2>&-", *(pytest.param(one, marks=soak) for one in CLOSED if one.count("&") < 3)],
)
def test_streams_that_are_closed_or_full_stop_no_command(
    tmp_path: Path, command: str, closed: str, astronaut: Path, people: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    known = {"IN": str(astronaut), "OUT": str(out), "DATA": str(people),
             "VIDEO": str(astronaut.with_suffix(".mp4"))}  # fmt: skip
    words = []
    for word in COMMANDS[command]:
        for name, place in known.items():
            word = word.replace(name, place) if word.isupper() or "/" in word else word
        words.append(f"'{word}'")
    call = f"'{sys.executable}' -m figureground {' '.join(words)} {closed}"
    done = subprocess.run(["sh", "-c", call], capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr
    if command in ("remove", "video", "split"):
        assert any(out.iterdir())


@pytest.mark.parametrize("times", amount(1, 20))
def test_of_two_jobs_at_once_the_results_are_whole(
    tmp_path: Path, people: Path, times: int
) -> None:
    for number in range(times):
        out = tmp_path / f"{number}"
        command = [sys.executable, "-m", "figureground", "remove", str(people / "images"), "-o",
                   str(out), "-q"]  # fmt: skip
        jobs = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        said = [job.communicate(timeout=120)[1] for job in jobs]
        assert 0 in {job.returncode for job in jobs} and not any("Traceback" in s for s in said)
        for job, text in zip(jobs, said, strict=True):
            assert job.returncode == 0 or "in use by" in text
        assert main(command[3:]) == 0
        images = list(out.glob("*.png"))
        for path in images:
            with Image.open(path) as image:
                image.load()
        assert len(images) == 12 and len(list(out.iterdir())) == 13


@pytest.mark.parametrize("times", amount(2, 40))
def test_a_killed_job_leaves_nothing_that_the_next_does_not_mend(
    tmp_path: Path, people: Path, times: int
) -> None:
    out, chance = tmp_path / "out", random.Random(3)
    command = [sys.executable, "-m", "figureground", "remove", str(people / "images"), "-o",
               str(out), "-q", "--overwrite"]  # fmt: skip
    for _ in range(times):
        job = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 2.0))
        job.send_signal(signal.SIGKILL)
        job.wait(timeout=30)
    assert main(command[3:]) == 0
    for path in out.glob("*.png"):
        with Image.open(path) as image:
            image.load()
    assert len(list(out.iterdir())) == 13


def save_onnx(path: Path) -> Path:
    shape = [1, 16, 16, 3]
    graph = helper.make_graph(
        [helper.make_node("Sigmoid", ["image"], ["alphas"])],
        "g",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("alphas", TensorProto.FLOAT, shape)],
    )
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=9), path)
    return path


@soak
@pytest.mark.parametrize("ending", [".tflite", ".onnx"])
def test_three_hundred_damaged_networks_of_each_kind(tmp_path: Path, ending: str) -> None:
    sound = tmp_path / f"sound{ending}"
    if ending == ".onnx":
        save_onnx(sound)
    else:
        sound.write_bytes(find_model("lite-int8").read_bytes())
    for path in copies(sound, tmp_path, 300, seed=5):
        try:
            engine = open_engine(path)
            engine(np.full((*engine.size, 3), 0.5, np.float32))
        except FiguregroundError as error:
            line = str(error)
            assert line and "\n" not in line and len(line.replace(str(path), "")) <= LONGEST
