"""Each reader's walk: the commands of their page, typed by a shell, in a folder with what they have."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import av
import pytest
from PIL import Image
from shown import DOCS, ROOT, blocks

SHIM = f'#!/bin/sh\nexec {sys.executable} -m figureground "$@"\n'
INSTALL, TRAINING = "python -m pip install", ("figureground train", "figureground compare")


@dataclass(frozen=True, kw_only=True)
class Walk:
    """A page, and what has to be there once its commands have run."""

    page: Path
    made: tuple[str, ...]
    language: str = "sh"
    prints_json: bool = False


WALKS = {
    "one photo": Walk(
        page=DOCS / "readers" / "one-photo.md",
        made=("photo.cutout.png", "blurred.jpg", "beached.jpg", "person.png"),
    ),
    "shop": Walk(
        page=DOCS / "readers" / "shop.md", made=("catalogue/a.jpg", "catalogue/more/b.jpg")
    ),
    "video editor": Walk(
        page=DOCS / "readers" / "video-editor.md",
        made=("green.mp4", "cutout.mov", "matte.mp4", "part.mov"),
    ),
    "researcher": Walk(page=DOCS / "readers" / "researcher.md", made=(), prints_json=True),
    "engineer": Walk(page=DOCS / "readers" / "engineer.md", made=("photo.jpg",), language="python"),
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, astronaut: Path, people: Path) -> Path:
    """What readers have before they begin, and `figureground` where a shell looks for programs."""
    for name in ("photo.jpg", "beach.jpg", "shop/a.jpg", "shop/more/b.jpg"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(astronaut, tmp_path / name)
    shutil.copy(astronaut.with_suffix(".mp4"), tmp_path / "clip.mp4")
    shutil.copytree(people, tmp_path / "val")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "figureground").write_text(SHIM)
    (tmp_path / "bin" / "figureground").chmod(0o755)
    return tmp_path


def script_of(walk: Walk) -> str:
    """The page's commands; what installs is done already, and a training takes hours."""
    lines = "".join(blocks(walk.page, walk.language)).replace("\\\n", " ").splitlines()
    left_out = (INSTALL, *TRAINING, "figureground serve")
    return "\n".join(line for line in lines if not line.startswith(left_out)) + "\n"


@pytest.mark.parametrize("reader", WALKS)
def test_a_page_of_a_reader_shows_something_to_do(reader: str) -> None:
    walk = WALKS[reader]
    script = script_of(walk)
    assert "figureground" in script
    assert all(Path(name).suffix in script or "{stem}" in script for name in walk.made)


@pytest.mark.soak
@pytest.mark.skipif(sys.platform == "win32", reason="types into a POSIX shell")
@pytest.mark.parametrize("reader", WALKS)
def test_a_reader_gets_what_the_page_promises(reader: str, home: Path) -> None:
    walk = WALKS[reader]
    program = ["sh", "-eu", "-c"] if walk.language == "sh" else [sys.executable, "-c"]
    paths = {"PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [*program, script_of(walk)], cwd=home, env={**os.environ, **paths}, timeout=900,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for name in walk.made:
        look_at(home / name)
    if walk.prints_json:
        assert "iou" in str(json.loads(done.stdout))


@pytest.mark.soak
def test_a_visitor_gets_a_page_that_a_file_server_can_serve(home: Path) -> None:
    command = [sys.executable, "-m", "figureground", "page", "site/"]
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0 and (home / "site" / "index.html").is_file(), done.stderr
    assert "figureground page site/" in (ROOT / "README.md").read_text("utf-8")


def look_at(path: Path) -> None:
    """Read all of a result."""
    if path.suffix in (".mp4", ".mov"):
        with av.open(str(path)) as video:
            assert sum(1 for _ in video.decode(video=0))
        return
    with Image.open(path) as image:
        image.load()
        assert path.suffix != ".png" or image.mode == "RGBA"
