"""Images from URLs and object stores, and results to them."""

import functools
import json
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import fsspec
import pytest

from figureground import remove
from figureground.cli import main
from figureground.errors import ExtraError, ImageError
from figureground.media.remote import fetch, is_remote, spell, write_bytes


@pytest.fixture
def store(astronaut: Path) -> Iterator[fsspec.AbstractFileSystem]:
    """A store in memory: two images, one broken, something else."""
    system = fsspec.filesystem("memory")
    image = astronaut.read_bytes()
    for name, data in {"a.jpg": image, "more/b.jpg": image, "c.txt": b"-"}.items():
        system.pipe_file(f"/shop/{name}", data)
    yield system
    system.store.clear()


@pytest.fixture
def server(astronaut: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    serve = functools.partial(Quiet, directory=str(astronaut.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def names(system: fsspec.AbstractFileSystem, folder: str) -> list[str]:
    return sorted(name.removeprefix(f"{folder}/") for name in system.find(folder))


@pytest.mark.parametrize(
    "url", ["s3://bucket/a b/c.jpg", "https://host:80/x.png?sign=1", "file:///tmp/a.jpg"]
)
def test_urls_survive_being_paths(url: str) -> None:
    assert is_remote(Path(url))
    assert spell(Path(url)) == url


@pytest.mark.parametrize("path", ["a.jpg", "/a/b.jpg", "C:/images/a.jpg", "a:b/c.jpg", "x:/"])
def test_paths_of_this_machine_are_not_remote(path: str) -> None:
    assert not is_remote(path)
    assert spell(path) == path


def test_a_folder_of_a_store_is_mirrored_into_another(store, capsys) -> None:
    command = ["remove", "memory://shop", "-o", "memory://out", "--json", "-q"]
    assert main(command) == 0
    assert names(store, "/out") == ["a.cutout.png", "more/b.cutout.png"]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line["source"] for line in lines} == {"memory://shop/a.jpg", "memory://shop/more/b.jpg"}
    assert lines[0]["outputs"]["cutout"].startswith("memory://out/")
    store.rm("/out/more/b.cutout.png")
    assert main(command) == 0  # only what is missing
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["status"] for line in lines] == ["exists", "done"]
    assert lines[0]["outputs"] == {"cutout": "memory://out/a.cutout.png"}


def test_one_bad_image_of_a_store_stops_no_other(store, tmp_path: Path, capsys) -> None:
    store.pipe_file("/shop/bad.jpg", b"no image")
    assert main(["remove", "memory://shop", "-o", str(tmp_path / "out")]) == 1
    assert "cannot read 'memory://shop/bad.jpg': it is not an image" in capsys.readouterr().err
    assert (tmp_path / "out" / "more" / "b.cutout.png").is_file()
    assert "memory://shop/bad.jpg" in (tmp_path / "out" / "figureground-failures.csv").read_text()


def test_an_image_is_read_from_a_web_server(server: str, tmp_path: Path) -> None:
    target = tmp_path / "person.png"
    assert main(["remove", f"{server}/astronaut.jpg", "-o", str(target), "-q"]) == 0
    assert target.is_file()
    assert remove(f"{server}/astronaut.jpg").alpha.shape == (512, 512)


def test_what_is_not_there_is_one_clear_line(server: str, tmp_path: Path, capsys) -> None:
    assert main(["remove", f"{server}/gone.jpg", "-o", str(tmp_path / "x.png")]) == 1
    said = capsys.readouterr().err
    assert f"cannot read '{server}/gone.jpg': there is no such file" in said
    assert len(said.splitlines()) == 1
    with pytest.raises(ImageError, match="cannot write 'http"):
        write_bytes(Path(f"{server}/a.png"), b"data")


def test_a_result_that_cannot_be_finished_leaves_nothing(store, monkeypatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("the line is dead")

    monkeypatch.setattr(type(store), "mv", fail)
    with pytest.raises(ImageError, match="the line is dead"):
        write_bytes(Path("memory://out/a.png"), b"data")
    assert not store.find("/out")


def test_the_missing_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ExtraError, match=r"figureground\[remote\]"):
        fetch("s3://bucket/a.jpg")


@pytest.mark.parametrize("argument", ["memory://shop/clip.mp4", "memory://empty"])
def test_what_cannot_be_done_is_said(store, argument: str, capsys) -> None:
    store.makedirs("/empty", exist_ok=True)
    assert main(["remove", argument, "-o", "memory://out"]) in (1, 2)
    assert argument in capsys.readouterr().err
