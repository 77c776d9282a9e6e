"""Pictures behind URLs: in memory, in files, on a server of this machine."""

import io
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest
from PIL import Image

from figureground.cli import main
from figureground.errors import PictureError
from figureground.jobs.journal import NAME
from figureground.media import remote
from figureground.media.remote import find_remote, is_url, send

Memory = fsspec.AbstractFileSystem


@pytest.fixture
def memory(astronaut: Path) -> Iterator[Memory]:
    """Three small pictures below memory://shop, one of them damaged, and a result of old."""
    files = fsspec.filesystem("memory")
    stream = io.BytesIO()
    with Image.open(astronaut) as image:
        image.resize((64, 64)).save(stream, "JPEG")
    files.pipe({
        "/shop/a.jpg": stream.getvalue(), "/shop/more/b c.jpg": stream.getvalue(),
        "/shop/bad.jpg": b"nothing", "/shop/a.cutout.png": b"old", "/shop/.hidden/d.jpg": b"",
    })  # fmt: skip
    yield files
    files.store.clear()
    files.pseudo_dirs[:] = [""]


@pytest.fixture
def server(astronaut: Path, tmp_path: Path) -> Iterator[str]:
    """Where a server of this machine shows the astronaut."""
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "photo.jpg").write_bytes(astronaut.read_bytes())

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    handler = partial(Quiet, directory=str(tmp_path / "web"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{web.server_port}"
        web.shutdown()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("s3://a/b.jpg", True), ("https://a/b", True), ("c:/a.jpg", False), ("a/b.jpg", False),
     ("c://a.jpg", False), ("-", False)],
)  # fmt: skip
def test_urls_are_told_from_paths(text: str, expected: bool) -> None:
    assert is_url(text) is expected


def test_a_folder_is_worked_on_and_what_is_done_is_not_done_again(memory: Memory, capsys) -> None:
    command = ["remove", "memory://shop", "-o", "memory://out"]
    assert main(command) == 1
    streams = capsys.readouterr()
    assert "memory://shop/bad.jpg" in streams.err and "figureground-" not in streams.err
    assert set(streams.out.split("\n")[:-1]) == {
        "memory://out/a.cutout.png",
        "memory://out/more/b c.cutout.png",
    }
    with Image.open(io.BytesIO(memory.cat("/out/more/b c.cutout.png"))) as image:
        assert image.mode == "RGBA" and image.size == (64, 64)
    assert set(memory.find("/out")) == {
        "/out/a.cutout.png", "/out/more/b c.cutout.png", f"/out/{NAME}", "/out/failures.csv",
    }  # fmt: skip
    assert b"memory://shop/bad.jpg" in memory.cat("/out/failures.csv")
    memory.pipe("/shop/bad.jpg", memory.cat("/shop/a.jpg"))
    memory.rm("/out/a.cutout.png")
    assert main(command) == 0
    streams = capsys.readouterr()
    assert "1 of 3 pictures are done already" in streams.err
    assert set(streams.out.split()) == {"memory://out/a.cutout.png", "memory://out/bad.cutout.png"}


def test_a_picture_from_a_server_becomes_a_local_file(server: str, tmp_path: Path) -> None:
    target = tmp_path / "made" / "person.png"
    assert main(["remove", f"{server}/photo.jpg?width=9", "-o", str(target), "-q"]) == 0
    with Image.open(target) as image:
        assert image.mode == "RGBA"
    assert main(["remove", f"{server}/none.jpg", "-o", str(target), "-q"]) == 1


def test_a_local_folder_is_sent_to_a_url(astronaut: Path, tmp_path: Path, memory: Memory) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "x.jpg").write_bytes(memory.cat("/shop/a.jpg"))
    assert main(["remove", str(tmp_path / "in"), "-o", f"file://{tmp_path}/out", "-q"]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"x.cutout.png", NAME}


def test_nothing_half_written_is_left_where_a_file_shows_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "a.png", tmp_path / "out" / "a.png"
    source.write_bytes(b"new")
    target.parent.mkdir()
    target.write_bytes(b"old")

    def fail(*_: object, **__: object) -> None:
        raise OSError("the line is dead")

    monkeypatch.setattr(type(remote.open_place("file://")), "mv", fail)
    with pytest.raises(PictureError, match="the line is dead"):
        send(source, f"file://{target}")
    assert [path.name for path in target.parent.iterdir()] == ["a.png"]
    assert target.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["memory://shop", "-o", "http://127.0.0.1/out"], "the web can only be read"),
        (["memory://shop"], "say where"),
        (["memory://shop", "-o", "-"], "a pipe"),
        (["memory://shop", "-o", "memory://out", "--watch"], "--watch"),
        (["memory://shop/clip.mp4", "-o", "memory://out"], "video"),
        (["memory://shop/a.jpg", "-o", "memory://shop/a.jpg", "--output", "mask"], "replaced"),
        (["memory://empty", "-o", "memory://out"], "no pictures"),
        (["nowhere://a.jpg", "-o", "memory://out"], "nowhere"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    memory: Memory, capsys, words: list[str], reason: str
) -> None:
    assert main(["remove", *words]) == 1
    told = capsys.readouterr().err
    assert reason in told and "Traceback" not in told


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    remote._file_system.cache_clear()
    monkeypatch.setitem(sys.modules, "fsspec", None)
    assert main(["remove", "memory://shop", "-o", "memory://out"]) == 1
    assert "pip install 'figureground[remote]'" in capsys.readouterr().err


def test_names_that_would_leave_their_folder_are_passed_over(memory: Memory) -> None:
    memory.store["/shop/../../evil.jpg"] = memory.store["/shop/a.jpg"]
    names = {found.name for found in find_remote("memory://shop", kinds={"cutout"})}
    assert names == {"a.jpg", "bad.jpg", "more/b c.jpg"}
