"""Files of a folder are sorted by ending or first bytes; what is neither is counted."""

from collections import Counter
from pathlib import Path

import pytest

from figureground.media import sorting
from figureground.media.sorting import passed_over, sort_files
from figureground.media.walk import Search, find_inputs

JPEG, STREAM = b"\xff\xd8\xff\xe0", (b"G" + bytes(187)) * 3
FILES = {
    "a.jfif": JPEG, "b.JPE": JPEG, "c.HIF": JPEG, "d.apng": JPEG, "photo": JPEG,
    "00001.MTS": STREAM, "clip.ts": STREAM, "old.3gp": b"", "clip": STREAM, "x.mxf": b"",
    "index.ts": b"export const a = 1\n" * 40, "notes.txt": b"", "more.txt": b"", "README": b"Read",
    "a.cutout.png": JPEG, "old.mask.mp4": b"", ".hidden.txt": b"", "figureground-failures.csv": b"",
}  # fmt: skip


def fill(folder: Path) -> Path:
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


def names(found: list) -> list[str]:
    return [one.path.name for one in found]


def test_endings_and_first_bytes_sort_files_and_the_rest_is_counted(tmp_path: Path) -> None:
    search = Search(image_kinds=["cutout"], video_kinds=["mask"])
    found = find_inputs([fill(tmp_path)], search)
    assert names(found.images) == ["a.jfif", "b.JPE", "c.HIF", "d.apng", "photo"]
    assert names(found.videos) == ["00001.MTS", "clip", "clip.ts", "old.3gp", "x.mxf"]
    assert found.passed == {".txt": 2, ".ts": 1, "": 1}


def test_who_wants_no_videos_has_them_passed_over(tmp_path: Path) -> None:
    found = find_inputs([fill(tmp_path)], Search(image_kinds=["cutout"]))
    assert not found.videos and names(found.images)[-1] == "photo"
    assert found.passed[".ts"] == 2 and found.passed[".mxf"] == 1 and found.passed[""] == 2


def test_named_files_are_told_by_their_first_bytes(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "clip.download").write_bytes(STREAM)
    asked = [tmp_path / name for name in ("clip", "photo", "00001.MTS", "clip.download", "none")]
    found = find_inputs(asked, Search(video_kinds=[]))
    assert names(found.videos) == ["clip", "00001.MTS", "clip.download"]
    assert names(found.images) == ["photo", "none"] and not found.passed


def test_only_files_whose_ending_does_not_tell_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(sorting, "kind_of", lambda path, named: opened.append(path.name))
    find_inputs([fill(tmp_path)], Search(video_kinds=[]))
    assert sorted(opened) == ["00001.MTS", "README", "clip", "clip.ts", "index.ts", "photo"]


def test_nothing_is_sorted_of_nothing() -> None:
    found = sort_files([], image_kinds=[], video_kinds=[])
    assert not (found.images or found.videos or found.passed)


def test_what_is_passed_over_is_said_in_a_line() -> None:
    assert passed_over(Counter({".txt": 1})) == ("1 file is not read and passed over: 1 .txt")
    many = passed_over(Counter({".a": 9, ".b": 8, "": 7, ".c": 3, ".d": 2, ".e": 1}))
    assert many.startswith("30 files are not read and passed over") and many.endswith("2 .d, …")
    assert "7 without an ending" in many
