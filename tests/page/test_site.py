"""The static site: whole, checked, replaced when it is older, and never over other files."""

import hashlib
import shutil
from pathlib import Path

import pytest

from figureground.cli import main
from figureground.errors import FileError, UsageError
from figureground.page import site


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page") / "site"
    assert main(["page", str(folder), "-q"]) == 0
    return folder


def test_every_file_of_the_page_is_written_and_right(written: Path) -> None:
    names = {str(p.relative_to(written).as_posix()) for p in written.rglob("*") if p.is_file()}
    sums = site.page_files(written)
    assert names == {*sums, site.CONFIG, site.SUMS}
    for name, digest in sums.items():
        assert hashlib.sha256((written / name).read_bytes()).hexdigest() == digest
    assert (written / site.CONFIG).read_bytes() == site.config(server=False)


def test_the_page_names_every_file_of_its_folder() -> None:
    there = {
        str(p.relative_to(site.STATIC).as_posix()) for p in site.STATIC.rglob("*") if p.is_file()
    }
    assert there == {*site.page_files(), site.CONFIG, site.SUMS} - {site.NETWORK}


def test_the_network_is_not_kept_twice() -> None:
    assert not list(site.STATIC.rglob("*.tflite"))
    assert site.find_file(site.NETWORK).is_file()


def test_a_name_outside_the_page_is_none_of_its_files() -> None:
    assert site.find_file("../site.py") is None and site.find_file("") is None


def test_an_older_page_is_replaced(written: Path, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    shutil.copytree(written, folder)
    (folder / "chunk-OLD.js").write_text("1")
    (folder / "mine.txt").write_text("2")
    (folder / "app.js").write_text("3")
    with (folder / site.SUMS).open("a") as sums:
        sums.write(f"{'0' * 64}  chunk-OLD.js\n{'0' * 64}  ../kept\n")
    (tmp_path / "kept").write_text("4")
    site.write_page(folder)
    assert not (folder / "chunk-OLD.js").exists()
    assert (folder / "mine.txt").exists() and (tmp_path / "kept").exists()
    assert (folder / "app.js").read_bytes() == (written / "app.js").read_bytes()


def test_a_folder_of_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(UsageError, match="holds other files"):
        site.write_page(tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        site.write_page(tmp_path / "index.html")
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


def test_a_damaged_file_of_the_package_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / site.SUMS).write_text(f"{'0' * 64}  app.js\n")
    monkeypatch.setattr(site, "STATIC", tmp_path / "static")
    with pytest.raises(FileError, match=r"'app\.js' of the page is damaged"):
        site.write_page(tmp_path / "site")
