"""Files appear whole or not at all."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from figureground.errors import FileError
from figureground.media.atomic import sweep, write_whole
from figureground.media.video_folder import write_folder


def write_text(path: Path) -> None:
    path.write_text("whole")


def test_an_interrupted_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"before")

    def interrupted(temporary: Path) -> None:
        temporary.write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_whole(path, interrupted)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_nobody_sees_a_half_written_file(tmp_path: Path) -> None:
    path = tmp_path / "a.png"

    def look(temporary: Path) -> None:
        write_text(temporary)
        assert not path.exists()
        assert temporary.parent == path.parent and temporary.name.startswith(".")

    write_whole(path, look)
    assert [item.name for item in tmp_path.iterdir()] == ["a.png"]


def test_missing_folders_are_made(tmp_path: Path) -> None:
    write_whole(tmp_path / "x" / "y" / "a.png", write_text)
    assert (tmp_path / "x" / "y" / "a.png").read_text() == "whole"


def test_a_folder_or_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(FileError, match=r"a\.png.*in the way"):
        write_whole(tmp_path / "a.png", write_text)
    (tmp_path / "b").write_bytes(b"")
    with pytest.raises(FileError, match="cannot write"):
        write_whole(tmp_path / "b" / "a.png", write_text)


def test_a_name_can_be_as_long_as_the_file_system_allows_and_no_longer(tmp_path: Path) -> None:
    write_whole(tmp_path / ("a" * 251 + ".png"), write_text)
    with pytest.raises(FileError, match="choose a shorter name"):
        write_whole(tmp_path / ("a" * 300 + ".png"), write_text)


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "free some space"), (errno.EACCES, "allow writing"), (errno.EIO, "choose")],
)
def test_an_error_says_what_where_and_how_to_mend_it(
    tmp_path: Path, number: int, remedy: str
) -> None:
    def fail(temporary: Path) -> None:
        raise OSError(number, os.strerror(number))

    with pytest.raises(FileError, match=remedy) as caught:
        write_whole(tmp_path / "a.png", fail)
    assert "a.png" in str(caught.value) and os.strerror(number) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link.png").symlink_to(tmp_path / "real.png")
    write_whole(tmp_path / "link.png", write_text)
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real.png").read_text() == "whole"


def test_what_is_unfinished_of_a_folder_is_swept_too(tmp_path: Path) -> None:
    def killed(temporary: Path) -> None:
        (temporary / "000000.png").write_bytes(b"")
        shutil.copytree(temporary, Path(str(temporary).replace(f"-{os.getpid()}.", "-4194999.")))

    write_folder(tmp_path / "frames", killed)
    assert len(list(tmp_path.iterdir())) == 2
    assert sweep(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["frames"]
