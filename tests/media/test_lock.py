"""Two who want one place: the second is told who has it."""

import errno
import os
import platform
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from figureground.errors import FileError
from figureground.media import lock
from figureground.media.lock import lock_file, locked

HOLD = """
import sys, time
from pathlib import Path
from figureground.media.lock import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def hold(path: Path) -> subprocess.Popen:
    """Start another process that holds a lock until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


@pytest.mark.parametrize("name", ["", "video.mp4", "x" * 250, "ü\udce9"])
def test_who_comes_second_is_told_who_is_there_and_a_killed_process_holds_nothing(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    process = hold(path)
    try:
        with (
            pytest.raises(FileError, match=f"in use by process {process.pid} on ") as said,
            locked(path),
        ):
            pass
        assert repr(platform.node()) in str(said.value) and "\n" not in str(said.value)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert lock_file(path).exists()  # left behind, and no lock
    with locked(path):
        assert lock_file(path).read_text() == f"{os.getpid()} {platform.node()}\n"
    assert list(tmp_path.iterdir()) == []


def test_files_of_one_folder_and_the_folder_have_locks_of_their_own(tmp_path: Path) -> None:
    with locked(tmp_path), locked(tmp_path / "a.mp4"), locked(tmp_path / "b.mp4"):
        assert len(list(tmp_path.iterdir())) == 3
        with (
            pytest.raises(FileError, match="another job of this process"),
            locked(tmp_path / "a.mp4"),
        ):
            pass
    assert list(tmp_path.iterdir()) == []


def test_of_many_who_ask_at_once_one_is_there_at_a_time(tmp_path: Path) -> None:
    inside, most, refused = [], [], []

    def ask() -> None:
        for _ in range(50):
            try:
                with locked(tmp_path):
                    inside.append(1)
                    most.append(len(inside))
                    inside.pop()
            except FileError:
                refused.append(1)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1} and len(most) + len(refused) == 200
    assert list(tmp_path.iterdir()) == []


def test_an_error_or_a_reader_inside_gives_the_lock_back(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), locked(tmp_path):
        raise KeyboardInterrupt
    with locked(tmp_path):
        pass


def test_a_link_or_a_folder_in_place_of_the_lock_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    lock_file(tmp_path).symlink_to(tmp_path / "precious")
    with pytest.raises(FileError, match="is a symbolic link and is left alone"), locked(tmp_path):
        pass
    assert (tmp_path / "precious").read_text() == "mine"


def test_what_a_lock_file_says_is_not_believed_where_it_is_odd(tmp_path: Path) -> None:
    process = hold(tmp_path)
    try:
        lock_file(tmp_path).write_bytes(b"\xff\0" * 5000)
        with (
            pytest.raises(FileError, match="in use by another process; wait") as said,
            locked(tmp_path),
        ):
            pass
        assert len(str(said.value)) < 300 + len(str(tmp_path))
    finally:
        process.kill()
        process.communicate()


def test_a_drive_that_knows_no_locks_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock.fcntl, "flock", unknown)
    with locked(tmp_path), locked(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []
