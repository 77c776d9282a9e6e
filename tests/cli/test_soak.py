"""Closed streams, kills, two jobs at once: by the hundred in `make soak`, a tenth of it each time.

Each of these runs the command in a process of its own: it ends in time, without a traceback, and
with nothing half-written.
"""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import h5py
import numpy as np
import pytest
from PIL import Image
from writers import WRITERS, content_of, make_inputs, run

from figureground.cli import main

soak = pytest.mark.soak


def amount(few: int, many: int) -> list:
    """A cheap number of tries, and the whole of them for `make soak`."""
    return [few, pytest.param(many, marks=soak)]


CLOSED = ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", ">/dev/full", "2>/dev/full"]
LIGHT = ["png", "folder", "mp4", "live", "valid", "split", "convert", "csv"]
REST = ["frames", "resumed", "sheet", "plain", "polish", "page"]
HEAVY = [*(("train", closed) for closed in CLOSED), ("export litert", "<&- >&- 2>&-"),
         ("export litert", ">/dev/full"), ("export onnx", "<&- >&- 2>&-"),
         ("preview", "<&- >&- 2>&-")]  # fmt: skip


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, astronaut: Path, people: Path) -> dict:
    return make_inputs(tmp_path_factory.mktemp("inputs"), astronaut, people, run=False)


@pytest.fixture(scope="module")
def known_and_trained(
    tmp_path_factory: pytest.TempPathFactory, astronaut: Path, people: Path
) -> dict:
    return make_inputs(tmp_path_factory.mktemp("inputs"), astronaut, people, run=True)


def work_without(closed: str, name: str, folder: Path, known: dict[str, Path]) -> None:
    """Run a command without some standard streams, and see that it does its work."""
    out = folder / "out"
    out.mkdir()
    command = WRITERS[name].at(out / WRITERS[name].name, known)
    done = run(command, before=("sh", "-c", f'exec "$@" {closed}', "sh"), seconds=300)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    assert any(out.iterdir())


@pytest.mark.parametrize("name", LIGHT)
def test_a_command_without_standard_streams_does_its_work(
    tmp_path: Path, name: str, known: dict[str, Path]
) -> None:
    work_without("<&- >&- 2>&-", name, tmp_path, known)


@soak
@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("name", [*LIGHT, *REST])
def test_closed_and_full_streams_stop_no_command(
    tmp_path: Path, name: str, closed: str, known: dict[str, Path]
) -> None:
    work_without(closed, name, tmp_path, known)


@soak
@pytest.mark.parametrize(("name", "closed"), HEAVY)
def test_closed_and_full_streams_stop_no_command_of_networks(
    tmp_path: Path, name: str, closed: str, known_and_trained: dict[str, Path]
) -> None:
    work_without(closed, name, tmp_path, known_and_trained)


@pytest.mark.parametrize(
    "verb", ["models", "--version", "evaluate", pytest.param("compare", marks=soak)]
)
def test_what_only_prints_ends_well_without_anybody_to_read_it(verb: str, people: Path) -> None:
    words = {"evaluate": ["--data", str(people), "--model", "lite-int8", "--json"],
             "compare": ["lite", "lite-int8", "--data", str(people)]}  # fmt: skip
    command = [sys.executable, "-m", "figureground", verb, *words.get(verb, [])]
    for closed in ("<&- >&- 2>&-", ">/dev/full"):
        done = run(command, before=("sh", "-c", f'exec "$@" {closed}', "sh"))
        assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr


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
        assert (
            len(images) == 12
            and len([path for path in out.iterdir() if path.suffix != ".csv"]) == 13
        )


def kill_often(command: list[str], times: int, *, longest: float, seed: int) -> None:
    """Begin a command so often, and kill it each time after a while."""
    chance = random.Random(seed)
    for _ in range(times):
        job = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.2, longest))
        job.send_signal(signal.SIGKILL)
        job.wait(timeout=30)


@pytest.mark.parametrize("times", amount(2, 110))
def test_a_killed_job_leaves_nothing_that_the_next_does_not_mend(
    tmp_path: Path, people: Path, times: int
) -> None:
    out, before = tmp_path / "out", content_of(people)
    command = [sys.executable, "-m", "figureground", "remove", str(people / "images"), "-o",
               str(out), "-q", "--overwrite"]  # fmt: skip
    kill_often(command, times, longest=2.0, seed=3)
    assert main(command[3:]) == 0
    for path in out.glob("*.png"):
        with Image.open(path) as image:
            image.load()
    assert len([path for path in out.iterdir() if path.suffix != ".csv"]) == 13
    assert content_of(people) == before and [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("times", amount(1, 50))
def test_a_killed_video_goes_on_and_is_whole(tmp_path: Path, astronaut: Path, times: int) -> None:
    out = tmp_path / "out" / "v.mp4"
    command = [sys.executable, "-m", "figureground", "remove", str(astronaut.with_suffix(".mp4")),
               "-o", str(out), "-q", "--resume", "--scale", "0.5"]  # fmt: skip
    kill_often(command, times, longest=2.5, seed=4)
    done = run(command, seconds=120)
    assert done.returncode == 0, done.stderr
    with av.open(str(out)) as made, av.open(str(astronaut.with_suffix(".mp4"))) as source:
        counts = [sum(1 for _ in video.decode(video=0)) for video in (made, source)]
    assert counts[0] == counts[1]
    assert {path.name for path in out.parent.iterdir()} <= {"v.mp4", ".figureground-journal"}


@soak
@pytest.mark.parametrize("name", ["convert", "polish"])
def test_a_killed_conversion_goes_on_and_is_whole(
    tmp_path: Path, name: str, known: dict[str, Path]
) -> None:
    command = WRITERS[name].at(tmp_path / "out", known)
    kill_often(command, 12, longest=2.0, seed=5)
    done = run(command)
    assert done.returncode == 0, done.stderr
    images = list((tmp_path / "out").rglob("*.*"))
    assert len(images) == 24 and not [path for path in images if "unfinished" in path.name]
    for path in images:
        with Image.open(path) as image:
            image.load()


@soak
def test_a_killed_training_goes_on_to_the_same_network(
    tmp_path: Path, known: dict[str, Path]
) -> None:
    runs = [tmp_path / "killed", tmp_path / "whole"]
    words = [WRITERS["train"].at(path, known) for path in runs]
    words = [[*one[: one.index("--epochs")], "--epochs", "6", *one[one.index("--epochs") + 2 :]]
             for one in words]  # fmt: skip
    kill_often(words[0], 16, longest=25.0, seed=6)
    for command in words:
        done = run(command, seconds=300)
        assert done.returncode == 0, done.stderr
    weights = []
    for path in runs:
        with h5py.File(path / "best.weights.h5") as file:
            found: dict[str, np.ndarray] = {}
            file.visititems(
                lambda n, v, f=found: f.update({n: v[()]} if hasattr(v, "shape") else {})
            )
        weights.append(found)
    for name, value in weights[0].items():
        np.testing.assert_array_equal(value, weights[1][name])
