"""`remove --cluster` and `jobs` on the command line."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from clusters import cluster_of_threads, make_images, rows_of, sums
from scenes import make_scenes

from figureground.cli import main


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with cluster_of_threads() as one:
        yield one


def test_jobs_sums_up_what_became_of_a_job_and_does_again_what_failed(
    address: str, tmp_path: Path, astronaut: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    folder = make_images(Path("in"), 3, astronaut)
    (folder / "bad.jpg").write_bytes(b"no image")
    (folder / "worse.jpg").write_bytes(b"no image")
    words = ["remove", "in", "-o", "out", "--cluster", address, "--kind", "mask"]
    assert main(words) == 1
    said = capsys.readouterr()
    assert "2 of 5 images failed; `figureground jobs" in said.err
    assert len(said.out.splitlines()) == 3

    assert main(["jobs", "out"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("3 images done, ") and told[0].endswith("2 failed")
    assert "an hour a core" in told[1]
    assert told[2].startswith("2 failed: cannot read …: it is not an image")
    assert "../in/bad.jpg, ../in/worse.jpg" in told[3]

    shutil.copy(folder / "0000.png", folder / "bad.jpg")
    monkeypatch.chdir("out")
    assert main(["jobs", ".", "--retry"]) == 1
    assert sorted(sums(tmp_path / "out")) == [
        "0000.mask.png", "0001.mask.png", "bad.mask.png", "more/0002.mask.png"
    ]  # fmt: skip
    assert len(rows_of(tmp_path / "out")) == 7
    capsys.readouterr()
    monkeypatch.chdir(tmp_path)
    assert main(["jobs", "out", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["done"], report["statuses"]["failed"]) == (4, 1)
    assert report["reasons"][0]["examples"] == ["../in/worse.jpg"]

    assert main(words) == 1
    assert "4 of 5 images are done already" in capsys.readouterr().err


def test_a_video_beside_images_is_worked_on_too(
    address: str, tmp_path: Path, astronaut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = make_images(tmp_path / "in", 1, astronaut), tmp_path / "out"
    make_scenes(folder / "video.mkv", scenes=1, frames=4, keys=4)
    assert main(["remove", str(folder), "-o", str(out), "--cluster", address]) == 0
    assert sorted(sums(out)) == ["0000.cutout.png", "video.cutout.webm"]
    capsys.readouterr()
    alone = ["remove", str(folder / "video.mkv"), "-o", str(tmp_path / "one.webm"), "-q"]
    assert main([*alone, "--cluster", address]) == 0
    assert (tmp_path / "one.webm").is_file() and capsys.readouterr().out == ""


def test_a_folder_without_a_journal_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["jobs", str(tmp_path)]) == 1
    assert "there is no journal of a cluster" in capsys.readouterr().err
    assert main(["jobs", str(tmp_path), "--cluster", "local:2"]) == 2
