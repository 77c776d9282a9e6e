"""Sixty odd places to write to: written into or refused in a line, never replaced.

Each kind of place is tried by commands that write in ways of their own.
"""

import errno
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from writers import (
    WRITERS,
    alone,
    can_mount,
    check_said,
    content_of,
    make_inputs,
    run,
    without_rights,
)

soak = pytest.mark.soak
BY = ("png", "moving.gif", "mp4", "valid", "csv", "live")  # writers
TREASURE = b"mine, and to be kept"


def device(major: int, minor: int, kind: int = 0o020000) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        os.mknod(path, 0o600 | kind, os.makedev(major, minor))
        if kind == 0o020000:
            path.open("rb").close()

    return make


def link_to(name: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(path.with_name(name))


def to_file(path: Path) -> None:
    path.with_name("treasure").write_bytes(b"")
    path.symlink_to(path.with_name("treasure"))


def to_null(path: Path) -> None:
    device(1, 3)(path.with_name("null"))
    path.symlink_to(path.with_name("null"))


def to_folder(path: Path) -> None:
    path.with_name("other").mkdir()
    path.symlink_to(path.with_name("other"))


def full_folder(path: Path) -> None:
    path.mkdir()
    (path / "treasure").write_bytes(TREASURE)


def locked_folder(path: Path) -> None:
    path.parent.chmod(0o500)


def below_a_file(path: Path) -> None:
    path.parent.rmdir()
    path.parent.write_bytes(TREASURE)


def sock(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


# How each place is made, and the words before the command that writes there.
PLACES: dict[str, Callable[[Path], None]] = {
    "null": device(1, 3),
    "full": device(1, 7),
    "block device": device(7, 200, 0o060000),
    "pipe": os.mkfifo,
    "unread pipe": os.mkfifo,
    "socket": sock,
    "folder": full_folder,
    "link to a file": to_file,
    "link to a device": to_null,
    "link to nothing": link_to("nothing"),
    "link to a folder": to_folder,
    "loop of links": lambda path: path.symlink_to(path),
    "below a file": below_a_file,
    "folder without permission": locked_folder,
    "read-only disk": lambda path: None,
}
# What a command may do there: write it, refuse it, or (None) either.
WRITTEN = {"null", "pipe", "link to a file", "link to a device", "link to nothing"}
REFUSED = set(PLACES) - WRITTEN
INTO = {
    ("folder", "png"),
    ("folder", "moving.gif"),
    ("link to a folder", "png"),
    ("link to a folder", "moving.gif"),
    ("link to a folder", "mp4"),  # an empty one: its frames as images
}  # results get names of their own in a folder
CASES = [(place, by) for place in PLACES for by in BY]
FEW = [("null", "png"), ("pipe", "valid"), ("socket", "mp4"), ("link to a file", "csv"),
       ("folder without permission", "png"), ("read-only disk", "live")]  # fmt: skip
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"; shift; exec "$@"'


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, astronaut: Path, people: Path) -> dict:
    return make_inputs(tmp_path_factory.mktemp("inputs"), astronaut, people, run=False)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "place"
    folder.mkdir()
    yield folder
    if folder.is_dir():
        folder.chmod(0o700)


def words_before(kind: str, folder: Path) -> list[str]:
    if kind == "folder without permission":
        return without_rights()
    if kind == "read-only disk":
        return [*alone(), "sh", "-c", READ_ONLY, "sh", str(folder)]
    return []


def prepare(kind: str, path: Path) -> None:
    """Make a place, or skip where that is not permitted."""
    if kind == "read-only disk" and not can_mount():
        pytest.skip("mounting is not permitted")
    try:
        PLACES[kind](path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EACCES, errno.ENXIO):
            raise
        pytest.skip("making devices is not permitted")


def check(kind: str, by: str, folder: Path, known: dict[str, Path]) -> None:
    path = folder / WRITERS[by].name
    prepare(kind, path)
    before = path.lstat().st_mode if os.path.lexists(path) else None
    was, got, reader = content_of(folder.parent), folder.parent / "got", None
    if kind == "pipe":
        reader = subprocess.Popen(["timeout", "60", "cp", str(path), str(got)])
    command = WRITERS[by].at(path, known)
    overwrites = by == "live" and (kind.startswith("link to a file") or kind in ("null", "pipe"))
    words = [*command, "--overwrite"] if overwrites else command
    began = time.monotonic()
    done = run(words, before=tuple(words_before(kind, folder)), seconds=90)
    assert time.monotonic() - began < 60
    check_said(done)
    if reader is not None:
        reader.wait(timeout=70)
        assert got.stat().st_size > 0
        got.unlink()
    now = content_of(folder.parent)
    if done.returncode:
        assert kind in REFUSED or (by == "live" and kind != "pipe"), done.stderr
        assert done.stderr.count("\n") <= 2 and now == was, done.stderr
    else:
        assert kind in WRITTEN or (kind, by) in INTO, done.stdout
        for name in was:
            if not (kind == "link to a file" and name.endswith("treasure")):
                assert now[name] == was[name]
    assert before is None or path.lstat().st_mode == before
    assert not [name for name in now if "unfinished" in name]


@pytest.mark.parametrize(("kind", "by"), FEW)
def test_an_odd_place_is_written_into_or_refused(
    place: Path, kind: str, by: str, known: dict[str, Path]
) -> None:
    check(kind, by, place, known)


def test_there_are_sixty_odd_places() -> None:
    assert len(CASES) >= 60


@soak
@pytest.mark.parametrize(("kind", "by"), CASES)
def test_sixty_odd_places_are_written_into_or_refused(
    place: Path, kind: str, by: str, known: dict[str, Path]
) -> None:
    check(kind, by, place, known)


@pytest.mark.parametrize(
    "name",
    ["n" * 300 + ".png", "a\nb.png", "-a.png", "a b.png", "\udcff.png", "caf\u00e9.png",
     ".png", "CON.png", "~.png", "100%d.png"],
)  # fmt: skip
def test_an_odd_name_is_written_or_told(place: Path, name: str, known: dict[str, Path]) -> None:
    done = run(WRITERS["png"].at(place / name, known))
    check_said(done)
    assert (done.returncode == 0) == os.path.lexists(place / name) or name.startswith("n" * 300)
