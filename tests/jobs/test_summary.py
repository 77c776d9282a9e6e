"""What failed of a job: told once, listed once, and kept until it is mended."""

import csv
import shutil
from pathlib import Path

import pytest
from videos import make_video

from figureground.cli import main
from figureground.jobs import video_batch
from figureground.jobs.summary import FAILURES


def listed(folder: Path) -> dict[str, str]:
    with (folder / FAILURES).open(encoding="utf-8", newline="") as file:
        return {Path(row["source"]).name: row["error"] for row in csv.DictReader(file)}


def test_images_and_videos_share_one_list(
    astronaut: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    make_video(folder / "good.mp4", times=[0])
    shutil.copy(astronaut, folder / "good.jpg")
    for name in ("bad.mp4", "bad.jpg"):
        (folder / name).write_bytes(b"neither")
    command = ["remove", str(folder), "-o", str(out), "-q", "--kind", "composite"]
    assert main(command) == 1
    assert set(listed(out)) == {"bad.mp4", "bad.jpg"}
    said = capsys.readouterr().err
    assert f"2 of 4 videos and images failed; '{out / FAILURES}' lists them" in said
    make_video(folder / "bad.mp4", times=[0])
    assert main(command) == 1
    assert set(listed(out)) == {"bad.jpg"}
    (folder / "bad.jpg").unlink()
    assert main(command) == 0
    assert not (out / FAILURES).exists()


def test_what_failed_elsewhere_stays_listed(astronaut: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for name in ("a/1.jpg", "a/2.jpg", "b/3.jpg", "b/4.jpg"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(astronaut, tmp_path / "in" / name)
    for name in ("a/1.jpg", "b/3.jpg"):
        (tmp_path / "in" / name).write_bytes(b"no image")
    assert main(["remove", str(tmp_path / "in" / "a"), "-o", str(out), "-q"]) == 1
    assert main(["remove", str(tmp_path / "in" / "b"), "-o", str(out), "-q"]) == 1
    assert set(listed(out)) == {"1.jpg", "3.jpg"}
    shutil.copy(astronaut, tmp_path / "in" / "b" / "3.jpg")
    assert main(["remove", str(tmp_path / "in" / "b"), "-o", str(out), "-q"]) == 0
    assert set(listed(out)) == {"1.jpg"}


def test_after_the_first_failure_what_was_not_tried_stays_listed(
    astronaut: Path, tmp_path: Path
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    for name in "123456789":
        (folder / f"{name}.jpg").write_bytes(b"no image")
    command = ["remove", str(folder), "-o", str(out), "-q"]
    assert main(command) == 1
    assert main([*command, "--fail-fast"]) == 1
    assert set(listed(out)) == {f"{name}.jpg" for name in "123456789"}


def test_a_table_of_somebody_else_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    for name in "12":
        (folder / f"{name}.jpg").write_bytes(b"no image")
    (out / FAILURES).write_bytes(b"\xff\xfe;\nonly one column\n")
    assert main(["remove", str(folder), "-o", str(out), "-q"]) == 1
    assert (out / FAILURES).read_bytes() == b"\xff\xfe;\nonly one column\n"
    assert "no list of ours and is left alone" in capsys.readouterr().err


def test_whatever_goes_wrong_with_a_video_stops_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    videos = [make_video(tmp_path / name, times=[0]) for name in ("a.mp4", "b.mp4")]
    whole = video_batch.convert_video

    def fails(video_job, engine, progress):
        if video_job.source == videos[0]:
            raise MemoryError("no room")
        return whole(video_job, engine, progress)

    monkeypatch.setattr(video_batch, "convert_video", fails)
    assert main(["remove", *map(str, videos), "-o", str(tmp_path / "out")]) == 1
    said = capsys.readouterr()
    assert said.out.strip() == str(tmp_path / "out" / "b.cutout.webm")
    assert f"{videos[0]}: MemoryError: no room" in said.err
    assert "1 of 2 videos failed" in said.err and set(listed(tmp_path / "out")) == {"a.mp4"}


def test_what_a_killed_run_has_mended_goes_from_the_list(astronaut: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    sources = [make_video(folder / f"{name}.mp4", times=[0]) for name in "ab"]
    sources += [Path(shutil.copy(astronaut, folder / f"{name}.jpg")) for name in "cd"]
    command = ["remove", str(folder), "-o", str(out), "-q", "--kind", "composite"]
    assert main(command) == 0
    rows = "".join(f"{source},why\n" for source in sources)
    (out / FAILURES).write_text(f"source,error\n{rows}")
    assert main(command) == 0
    assert not (out / FAILURES).exists()
