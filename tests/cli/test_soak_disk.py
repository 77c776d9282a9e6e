"""Every writer on a full disk: one line that names what was asked for, and nothing half-written."""

import subprocess
from pathlib import Path

import pytest
from writers import WRITERS, alone, can_mount, check_said, make_inputs, run

pytestmark = pytest.mark.skipif(not can_mount(), reason="mounting is not permitted")
soak = pytest.mark.soak
CHEAP = ("png", "mp4", "copied")
# Mounts a small disk, fills all of it but some bytes, runs a command, and lists what that left.
SCRIPT = """
mount -t tmpfs -o size=1M tmpfs "$1" || exit 77
head -c "$2" /dev/zero > "$1/filling"
place="$1"; left="$3"; shift 3
"$@"
code=$?
cd "$place" && find . -mindepth 1 ! -name filling > "$left"
exit $code
"""
SIZE = 1 << 20


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, astronaut: Path, people: Path) -> dict:
    return make_inputs(tmp_path_factory.mktemp("inputs"), astronaut, people, run=False)


@pytest.fixture(scope="module")
def known_and_trained(
    tmp_path_factory: pytest.TempPathFactory, astronaut: Path, people: Path
) -> dict:
    return make_inputs(tmp_path_factory.mktemp("inputs"), astronaut, people, run=True)


def fill(
    name: str, free: int, folder: Path, known: dict[str, Path]
) -> "tuple[subprocess.CompletedProcess[str], list[str]]":
    """Run a command on a disk that has so many bytes left; returns what it left there, too."""
    place, left, temporary = folder / "disk", folder / "left", folder / "tmp"
    place.mkdir()
    temporary.mkdir()
    command = WRITERS[name].at(place / WRITERS[name].name, known)
    before = [*alone(), "sh", "-c", SCRIPT, "sh", str(place), str(SIZE - free), str(left)]
    done = run([*before, *command], seconds=300)
    return done, left.read_text().splitlines()


def check(name: str, free: int, folder: Path, known: dict[str, Path]) -> None:
    """See that a command fails in a line, or leaves something whole."""
    done, left = fill(name, free, folder, known)
    check_said(done)
    assert not [path for path in left if "unfinished" in path]
    asked = WRITERS[name].name
    if done.returncode == 0:
        assert not asked or f"./{asked}" in left
        return
    lines = [line for line in done.stderr.splitlines() if "No space left" in line]
    assert lines and str(folder / "disk" / asked) in lines[0], done.stderr
    assert not asked or name.startswith("resumed") or f"./{asked}" not in left


@pytest.mark.parametrize("name", CHEAP)
def test_a_full_disk_is_one_line(tmp_path: Path, name: str, known: dict[str, Path]) -> None:
    check(name, 0, tmp_path, known)


@soak
@pytest.mark.parametrize("free", [0, 4_096, 20_480])
@pytest.mark.parametrize("name", [name for name, one in WRITERS.items() if not one.heavy])
def test_every_writer_on_a_full_disk(
    tmp_path: Path, name: str, free: int, known: dict[str, Path]
) -> None:
    check(name, free, tmp_path, known)


@soak
@pytest.mark.parametrize(
    ("name", "free"),
    [*((name, 0) for name, one in WRITERS.items() if one.heavy), ("train", 40_960)],
)
def test_every_writer_of_networks_on_a_full_disk(
    tmp_path: Path, name: str, free: int, known_and_trained: dict[str, Path]
) -> None:
    check(name, free, tmp_path, known_and_trained)
