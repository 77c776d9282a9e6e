"""A `Remover` in processes that were forked or spawned works, or says why not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

# Each child ends as programs do, which frees what they have: of a fork's dead threads, for ever.
FORKED = """
import os, sys, threading
from figureground import Remover
from figureground.errors import ModelError

remover = Remover(sys.argv[1], threads=8)
expected = remover.alpha(sys.argv[2])
for uses in (True, False):
    child = os.fork()
    if not child:
        try:
            assert not uses or (remover.alpha(sys.argv[2]) == expected).all()
        except ModelError as error:
            print(error, flush=True)
        sys.exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
assert (remover.alpha(sys.argv[2]) == expected).all()
"""
MANY = """
import multiprocessing, sys
from figureground import Remover

def work(remover, image, answers):
    answers.put(remover.alpha(image))

if __name__ == "__main__":
    remover = Remover("lite-int8", threads=8)
    expected = remover.alpha(sys.argv[1])
    for how in ("fork", "spawn"):
        context = multiprocessing.get_context(how)
        answers = context.Queue()
        process = context.Process(target=work, args=(remover, sys.argv[1], answers))
        process.start()
        assert (answers.get(timeout=100) == expected).all()
        process.join(30)
        print(process.exitcode)
"""
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")


def told(script: str | Path, *words: str | Path) -> list[str]:
    command = [sys.executable, "-W", "ignore", script, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_forked_process_has_the_same_matte_and_ends(astronaut: Path, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(FORKED)
    assert told(tmp_path / "a.py", "lite-int8", astronaut) == ["0", "0"]


def test_processes_that_are_given_a_remover_have_the_same_matte(
    astronaut: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text(MANY)
    assert told(tmp_path / "a.py", astronaut) == ["0", "0"]


@pytest.mark.soak
def test_a_forked_process_is_told_that_tensorflow_cannot_run_there(
    astronaut: Path, tutorial_files: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_text(FORKED)
    why, *ended = told(tmp_path / "a.py", tutorial_files / "keras3" / "model.keras", astronaut)
    assert "cannot run in a process that was forked" in why and ended == ["0", "0"]
