"""Files appear whole or not at all."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from figureground.errors import FileError
from figureground.media.atomic import atomic, sweep, telling_of_libraries
from figureground.media.video_folder import atomic_folder


def write_text(path: Path) -> None:
    path.write_text("whole")


def test_an_interrupted_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"before")

    def interrupted(temporary: Path) -> None:
        temporary.write_bytes(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), atomic(path) as part:
        interrupted(part)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_nobody_sees_a_half_written_file(tmp_path: Path) -> None:
    path = tmp_path / "a.png"

    def look(temporary: Path) -> None:
        write_text(temporary)
        assert not path.exists()
        assert temporary.parent == path.parent and temporary.name.startswith(".")

    with atomic(path) as part:
        look(part)
    assert [item.name for item in tmp_path.iterdir()] == ["a.png"]


def test_missing_folders_are_made(tmp_path: Path) -> None:
    with atomic(tmp_path / "x" / "y" / "a.png") as part:
        write_text(part)
    assert (tmp_path / "x" / "y" / "a.png").read_text() == "whole"


def test_a_folder_or_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(FileError, match=r"a\.png.*in the way"), atomic(tmp_path / "a.png") as part:
        write_text(part)
    (tmp_path / "b").write_bytes(b"")
    with pytest.raises(FileError, match="cannot write"), atomic(tmp_path / "b" / "a.png") as part:
        write_text(part)


def test_a_name_can_be_as_long_as_the_file_system_allows_and_no_longer(tmp_path: Path) -> None:
    with atomic(tmp_path / ("a" * 251 + ".png")) as part:
        write_text(part)
    with (
        pytest.raises(FileError, match="choose a shorter name"),
        atomic(tmp_path / ("a" * 300 + ".png")) as part,
    ):
        write_text(part)


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "free some space"), (errno.EACCES, "allow writing"), (errno.EIO, "choose")],
)
def test_an_error_says_what_where_and_how_to_mend_it(
    tmp_path: Path, number: int, remedy: str
) -> None:
    def fail(temporary: Path) -> None:
        raise OSError(number, os.strerror(number))

    with pytest.raises(FileError, match=remedy) as caught, atomic(tmp_path / "a.png") as part:
        fail(part)
    assert "a.png" in str(caught.value) and os.strerror(number) in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link.png").symlink_to(tmp_path / "real.png")
    with atomic(tmp_path / "link.png") as part:
        write_text(part)
    assert (tmp_path / "link.png").is_symlink()
    assert (tmp_path / "real.png").read_text() == "whole"


def test_what_is_unfinished_of_a_folder_is_swept_too(tmp_path: Path) -> None:
    def killed(temporary: Path) -> None:
        (temporary / "000000.png").write_bytes(b"")
        shutil.copytree(temporary, Path(str(temporary).replace(f"-{os.getpid()}.", "-4194999.")))

    with atomic_folder(tmp_path / "frames") as part:
        killed(part)
    assert len(list(tmp_path.iterdir())) == 2
    assert sweep(tmp_path) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["frames"]


def test_an_error_of_an_inner_writer_names_what_was_asked_for(tmp_path: Path) -> None:
    with pytest.raises(FileError) as said, atomic(tmp_path / "a.gif") as part:
        raise FileError(f"cannot write {str(part / '0.png')!r}: no space; see {part.name}")
    asked = tmp_path / "a.gif"
    assert str(said.value) == f"cannot write {str(asked / '0.png')!r}: no space; see a.gif"


def test_a_full_disk_that_a_library_tells_of_is_one_line(tmp_path: Path) -> None:
    full = "{{node SaveV2}} x/part-00000: No space left on device\n[Op:SaveV2]"
    with pytest.raises(FileError) as said, telling_of_libraries(tmp_path / "n"):
        raise RuntimeError(full)
    assert str(said.value).startswith(f"cannot write {str(tmp_path / 'n')!r}: No space left")
    with pytest.raises(RuntimeError, match="something else"), telling_of_libraries(tmp_path):
        raise RuntimeError("something else")
