"""Folders are walked once, and each is resolved once."""

import os
from collections import Counter
from pathlib import Path

import pytest

from figureground.cli import main
from figureground.jobs.journal import NAME
from figureground.media.walk import Search, find_inputs


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Sixty files that bear the names of images, in three folders."""
    made = tmp_path / "in"
    for folder in ("", "more", "more/still"):
        (made / folder).mkdir(parents=True, exist_ok=True)
        for number in range(20):
            (made / folder / f"{number:02}.jpg").write_bytes(b"an image")
    return made


def counted(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, calls: Counter[str]) -> None:
    whole = getattr(owner, name)

    def count(path: object = ".", *rest: object, **named: object) -> object:
        calls[os.fspath(path)] += 1  # type: ignore[call-overload]
        return whole(path, *rest, **named)

    monkeypatch.setattr(owner, name, count)


def test_a_dry_run_lists_each_folder_once_and_resolves_no_file(
    many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    scans, resolved, looked = Counter[str](), Counter[str](), Counter[str]()
    counted(monkeypatch, os, "scandir", scans)
    counted(monkeypatch, os.path, "realpath", resolved)
    counted(monkeypatch, os, "stat", looked)
    assert main(["remove", str(many), "-o", str(tmp_path / "out"), "--dry-run"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 60
    folders = [many, many / "more", many / "more" / "still"]
    assert all(scans[str(folder)] == 1 for folder in folders)
    assert sum(resolved.values()) < 20  # of folders; there are sixty files
    assert max(looked[str(path)] for path in many.rglob("*.jpg")) <= 1


def test_a_second_run_resolves_at_most_once_a_file(
    many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for number in range(20):
        (out / f"{number:02}.cutout.png").write_bytes(b"a result")
    resolved = Counter[str]()
    counted(monkeypatch, os.path, "realpath", resolved)
    assert main(["remove", str(many), "-o", str(out), "--dry-run"]) == 0
    assert sum(resolved.values()) < 20


def test_images_and_videos_come_out_of_one_walk(many: Path) -> None:
    (many / "clip.mp4").write_bytes(b"a video")
    found = find_inputs([many], Search(video_kinds=["cutout"]))
    assert len(found.images) == 60 and [one.inside for one in found.videos] == ["clip.mp4"]


def test_links_are_followed_to_files_and_not_to_folders(many: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "far.jpg").write_bytes(b"an image")
    (many / "link.jpg").symlink_to(other / "far.jpg")
    (many / "folder").symlink_to(other)
    (many / "nowhere.jpg").symlink_to(tmp_path / "none.jpg")
    names = [one.inside for one in find_inputs([many], Search()).images]
    assert "link.jpg" in names and "nowhere.jpg" not in names
    assert not any("far" in name for name in names)


def test_results_that_a_journal_knows_are_not_taken_for_images(
    astronaut: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.jpg", "sub/b.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(astronaut.read_bytes())
    assert main(["remove", str(tmp_path), "-q"]) == 0
    (tmp_path / "sub" / "b.cutout.png").rename(tmp_path / "sub" / "person.png")
    journal = tmp_path / NAME
    journal.write_text(journal.read_text().replace("b.cutout.png", "person.png"))
    capsys.readouterr()
    for inputs in (tmp_path, tmp_path / "sub", tmp_path / "**" / "*.*"):
        assert main(["remove", str(inputs), "--dry-run", "--overwrite"]) == 0
        assert "person" not in capsys.readouterr().out
    assert main(["remove", str(tmp_path / "sub" / "person.png"), "--dry-run"]) == 0  # it is named
    assert "person.cutout.png" in capsys.readouterr().out
