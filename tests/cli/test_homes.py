"""Commands work where the home folder cannot be written, and where there is none, not even a user.

So it is for a service's account, and in a container that runs with a number nobody has a name for.
"""

import os
from pathlib import Path

import pytest
from writers import WRITERS, make_inputs, program, run

NOBODY = """
import pwd

def unknown(number):
    raise KeyError(f"getpwuid(): uid not found: {number}")

pwd.getpwuid = unknown
"""  # as the system answers for a number that has no name
HOMES = ["none", "closed"]
LIGHT = ["png", "resumed"]
REST = ["folder", "frames", "live", "sheet", "split", "convert", "plain", "polish", "page", "csv"]
HEAVY = ["train", "export onnx", "export keras", "export saved-model"]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="it has no such accounts")


def at(home: str, folder: Path) -> dict[str, str]:
    """The environment of a command without a home, or with one where nothing can be made."""
    unset = {"HOME", "USER", "LOGNAME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "KERAS_HOME"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    if home == "closed":
        return {**environment, "HOME": f"{os.devnull}/home"}
    (folder / "nobody").mkdir()
    (folder / "nobody" / "sitecustomize.py").write_text(NOBODY)
    path = [str(folder / "nobody"), environment.get("PYTHONPATH", "")]
    return {**environment, "PYTHONPATH": os.pathsep.join(filter(None, path))}


def work(name: str, home: str, folder: Path, known: dict[str, Path]) -> None:
    """Run a command, and see that it writes what it should, and nothing beside that."""
    (folder / "desk").mkdir()
    command = WRITERS[name].at(folder / "out" / WRITERS[name].name, known)
    done = run(command, env=at(home, folder), cwd=folder / "desk", seconds=300)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    assert any((folder / "out").iterdir()) and not any((folder / "desk").iterdir())


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("name", [*LIGHT, *(pytest.param(n, marks=pytest.mark.soak) for n in REST)])
def test_a_command_needs_no_home(
    name: str, home: str, tmp_path: Path, astronaut: Path, people: Path
) -> None:
    work(name, home, tmp_path, make_inputs(tmp_path, astronaut, people, run=False))


@pytest.mark.soak
@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("name", HEAVY)
def test_a_command_of_networks_needs_no_home(
    name: str, home: str, tmp_path: Path, astronaut: Path, people: Path
) -> None:
    work(name, home, tmp_path, make_inputs(tmp_path, astronaut, people, run=name != "train"))


def test_a_tilde_where_there_is_no_home_is_a_name(tmp_path: Path) -> None:
    done = run(program(["remove", "~/a.jpg"]), env=at("none", tmp_path), cwd=tmp_path)
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert "~/a.jpg" in done.stderr and len(done.stderr.splitlines()) == 1


def test_tensorflow_is_loaded_where_there_is_no_home(tmp_path: Path) -> None:
    script = (
        "from figureground.engines.traces import without_traces\n"
        "import os\n"
        "with without_traces(): print(os.environ['KERAS_HOME'])"
    )
    command = [program([])[0], "-c", script]
    done = run(command, env=at("none", tmp_path), cwd=tmp_path)
    assert done.stdout.strip() == f"{os.devnull}/keras", done.stderr
