"""Images that show nobody are counted, listed, and have an exit code of their own."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from figureground import ImageJob, run
from figureground.cli import main
from figureground.jobs.lists import EMPTY, FAILURES


@pytest.fixture
def folder(tmp_path: Path, astronaut: Path) -> Path:
    """One image with a person, two without."""
    made = tmp_path / "in"
    made.mkdir()
    with Image.open(astronaut) as image:
        image.crop((0, 0, 300, 300)).resize((64, 64)).save(made / "0.png")
    for name in ("1.png", "2.png"):
        Image.fromarray(np.full((64, 64, 3), 120, np.uint8)).save(made / name)
    return made


def listed(out: Path) -> dict[str, str]:
    with (out / EMPTY).open(newline="") as file:
        return {Path(row["source"]).name: row["status"] for row in csv.DictReader(file)}


@pytest.mark.parametrize(("what", "status"), [("keep", "empty"), ("skip", "skipped")])
def test_empty_images_are_counted_and_listed_again_by_a_rerun(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str, status: str
) -> None:
    out = tmp_path / "out"
    command = ["remove", str(folder), "-o", str(out), "--on-empty", what]
    for more, code in (([], 0), (["--exit-empty"], 3), (["--exit-empty", "--overwrite"], 3)):
        assert main([*command, *more]) == code
        said = capsys.readouterr().err
        assert f"2 images without people; '{out / EMPTY}' lists them" in said
        assert listed(out) == {"1.png": status, "2.png": status}
    assert not (out / FAILURES).exists()
    Image.open(folder / "0.png").save(folder / "1.png")  # somebody has come
    (folder / "2.png").unlink()
    assert main([*command, "--exit-empty"]) == 0
    assert not (out / EMPTY).exists()


def test_a_failure_counts_for_more(folder: Path, tmp_path: Path) -> None:
    (folder / "3.png").write_bytes(b"no image")
    out = str(tmp_path / "out")
    assert main(["remove", str(folder), "-o", out, "-q", "--exit-empty"]) == 1


def test_empty_images_can_be_failures(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["remove", str(folder), "-o", str(out), "-q", "--on-empty", "fail"]) == 1
    assert (out / FAILURES).read_text().count("there is nobody in") == 2
    assert not (out / EMPTY).exists()


def test_beside_a_single_photo_there_is_neither_journal_nor_list(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["remove", str(folder / "1.png"), "--exit-empty"]) == 3
    assert "without people" not in capsys.readouterr().err
    (folder / "bad.png").write_bytes(b"no image")
    assert main(["remove", str(folder / "bad.png")]) == 1
    made = {path.name for path in folder.iterdir()}
    assert made == {"0.png", "1.png", "2.png", "bad.png", "1.cutout.png"}


def test_programs_are_told_which(folder: Path, tmp_path: Path) -> None:
    job = ImageJob(inputs=folder, output=tmp_path / "out")
    for _ in range(2):
        found = run(job).empty
        assert sorted(Path(source).name for source, _ in found) == ["1.png", "2.png"]
