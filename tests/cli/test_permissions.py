"""Files and folders that may not be read: one line each, and what may be read is worked on."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from writers import check_said, run, without_rights
from writers import program as figureground

from figureground.models.shipped import find_model


def close(*paths: Path) -> None:
    for path in paths:
        path.chmod(0)


@pytest.fixture
def closed(tmp_path: Path, people: Path) -> Iterator[Path]:
    """A folder with a data set, some of whose files and folders may not be read."""
    home = tmp_path / "home"
    shutil.copytree(people, home / "data")
    shutil.copytree(people / "images", home / "folder" / "closed")
    shutil.copyfile(people / "images" / "0.jpg", home / "folder" / "open.jpg")
    shutil.copyfile(people / "images" / "1.jpg", home / "folder" / "closed.jpg")
    shutil.copyfile(find_model("lite-int8"), home / "n.tflite")
    (home / "list.txt").write_text("folder/open.jpg\n")
    (home / "r.toml").write_text('data = ["data"]\n')
    (home / "coco.json").write_text("{}")
    (home / "m.csv").write_text("image,mask\n")
    close(home / "data" / "images" / "2.jpg", home / "data" / "masks" / "3.png",
          home / "folder" / "closed", home / "folder" / "closed.jpg", home / "n.tflite",
          home / "list.txt", home / "r.toml", home / "coco.json", home / "m.csv")  # fmt: skip
    yield home
    for path in (home / "folder" / "closed", *home.rglob("*")):
        path.chmod(0o700)


# By what may not be read: the command, what its lines say, and its exit code.
COMMANDS = {
    "image": (["remove", "folder/closed.jpg", "-o", "o.png"], "not permitted", 1),
    "folder": (["remove", "folder", "-o", "out"], "not permitted", 1),
    "closed folder": (["remove", "folder/closed", "-o", "out"], "ermi", 1),
    "list": (["remove", "--list", "list.txt", "-o", "out"], "cannot read the list", 1),
    "network": (["remove", "folder/open.jpg", "--model", "n.tflite", "-o", "o.png"], "n.tflite", 1),
    "background": (["remove", "folder/open.jpg", "--background", "folder/closed.jpg", "-o",
                    "o.png"], "not permitted", 1),
    "check": (["data", "check", "data"], "not permitted", 1),
    "evaluate": (["evaluate", "--data", "data", "--model", "lite-int8", "-q"], "not permitted", 1),
    "split": (["data", "split", "data", "-o", "out"], "not permitted", 1),
    "convert": (["data", "convert", "coco.json", "-o", "out"], "coco.json", 1),
    "manifest": (["data", "check", "m.csv"], "m.csv", 1),
}  # fmt: skip


@pytest.mark.parametrize("kind", COMMANDS)
def test_what_may_not_be_read_is_told_in_a_line(closed: Path, kind: str) -> None:
    words, said, code = COMMANDS[kind]
    done = run(figureground(words), before=tuple(without_rights()), cwd=closed)
    check_said(done)
    assert done.returncode == code and said in done.stderr + done.stdout, done
    if kind == "folder":
        assert [path.name for path in (closed / "out").glob("*.png")] == ["open.cutout.png"]
        assert "closed'" in done.stderr, done.stderr  # the folder, too


@pytest.mark.parametrize("megabytes", [180, 220, 250, 290, 340, 400, 480])
def test_too_little_address_space_is_told_in_a_line(
    tmp_path: Path, astronaut: Path, megabytes: int
) -> None:
    limit = ("sh", "-c", f'ulimit -v {megabytes * 1024}; exec "$@"', "sh")
    done = run(
        figureground(["remove", str(astronaut), "-o", str(tmp_path / "o.png")]), before=limit
    )
    if done.returncode and "figureground" not in done.stderr:
        pytest.skip("Python itself does not fit")
    check_said(done)
    assert (done.returncode == 0) == os.path.exists(tmp_path / "o.png")
