"""No command replaces a file that somebody may still want, or takes one result for another."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from figureground.cli import main
from figureground.jobs.journal import NAME
from figureground.media.naming import plan
from figureground.media.walk import Search, find_inputs

Draw = Callable[..., Path]


@pytest.fixture
def draw(tmp_path: Path, astronaut: Path) -> Draw:
    def save(name: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with Image.open(astronaut) as image:
            image.crop((len(name), 0, 300 + len(name), 300)).resize((48, 48)).save(path)
        return path

    return save


def test_an_image_of_the_same_name_does_not_replace_a_result(draw: Draw, tmp_path, capsys) -> None:
    for day in ("first", "second/"):
        draw(f"{day}/1.jpg"), draw(f"{day}/2.jpg")
    out = tmp_path / "out"
    assert main(["remove", str(tmp_path / "first"), "-o", str(out), "-q"]) == 0
    before = (out / "1.cutout.png").read_bytes()
    for inputs in (tmp_path / "second", tmp_path / "second" / "1.jpg"):
        assert main(["remove", str(inputs), "-o", str(out)]) == 2
        assert f"made from '{tmp_path / 'first' / '1.jpg'}'" in capsys.readouterr().err
        assert (out / "1.cutout.png").read_bytes() == before
    second = ["remove", str(tmp_path / "second"), "-o", str(out)]
    assert main([*second, "--overwrite", "-q"]) == 0
    assert (out / "1.cutout.png").read_bytes() != before
    shutil.rmtree(tmp_path / "second")
    assert main(["remove", str(tmp_path / "first"), "-o", str(out)]) == 0
    assert "done already" not in capsys.readouterr().err
    assert (out / "1.cutout.png").read_bytes() == before


@pytest.mark.parametrize("whole", [False, True])
def test_a_single_image_does_not_replace_a_result(
    draw: Draw, tmp_path: Path, capsys, whole: bool
) -> None:
    first, second = draw("c1/1.jpg"), draw("c22/1.jpg")
    inputs = [path.parent if whole else path for path in (first, second)]
    out = tmp_path / "out"
    assert main(["remove", str(inputs[0]), "-o", f"{out}/", "-q"]) == 0
    before = (out / "1.cutout.png").read_bytes()
    assert main(["remove", str(inputs[1]), "-o", f"{out}/"]) == 2
    assert f"made from '{first}'" in capsys.readouterr().err
    assert (out / "1.cutout.png").read_bytes() == before


def test_results_on_another_drive_are_known_by_their_whole_path(
    draw: Draw, tmp_path: Path, monkeypatch, capsys
) -> None:
    def refuse(*paths: object) -> str:
        raise ValueError("path is on mount 'D:', start on mount 'C:'")

    monkeypatch.setattr(os.path, "relpath", refuse)
    monkeypatch.setattr(os.path, "commonpath", refuse)
    first, second = draw("c1/1.jpg"), draw("c2/1.jpg")
    command = ["remove", str(first), "-o", f"{tmp_path}/out/"]
    assert main([*command, "-q"]) == 0
    assert main(command) == 0
    assert "1 of 1 image is done already" in capsys.readouterr().err
    assert main(["remove", str(second), "-o", f"{tmp_path}/out/"]) == 2
    assert main(["remove", str(first), str(second), "-q"]) == 0  # beside each: no journal


def test_results_of_images_that_are_gone_may_be_replaced(draw: Draw, tmp_path: Path) -> None:
    draw("first/1.jpg"), draw("first/2.jpg")
    out = tmp_path / "out"
    assert main(["remove", str(tmp_path / "first"), "-o", str(out), "-q"]) == 0
    (tmp_path / "first").rename(tmp_path / "renamed")
    assert main(["remove", str(tmp_path / "renamed"), "-o", str(out), "-q"]) == 0


def test_one_of_two_images_of_one_name_keeps_its_ending(draw: Draw, tmp_path: Path) -> None:
    first, _ = draw("a.jpg"), draw("A.PNG")
    (tmp_path / "a.txt").write_text("no image")
    (task,) = plan(find_inputs([first], Search()).images, out=None, suffixes={"mask": ".png"})
    assert task.source == first
    assert task.targets["mask"].name == "a.jpg.mask.png"


def test_a_background_is_not_replaced(draw: Draw, monkeypatch, capsys) -> None:
    photo, beach = draw("photo.jpg"), draw("beach.jpg")
    before = beach.read_bytes()
    assert main(["remove", str(photo), "--background", str(beach), "-o", str(beach)]) == 2
    assert "would be replaced" in capsys.readouterr().err
    assert beach.read_bytes() == before
    with photo.open("rb") as stream:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))
        assert main(["remove", "-", "--background", str(beach), "-o", str(beach)]) == 2
    assert "would be replaced" in capsys.readouterr().err
    assert beach.read_bytes() == before
    behind = draw("photo.composite.png")
    assert main(["remove", str(photo), "--background", str(behind)]) == 2
    assert "would be replaced" in capsys.readouterr().err


def test_a_list_of_failures_of_ones_own_stays(draw: Draw, tmp_path: Path) -> None:
    draw("in/1.jpg"), draw("in/2.jpg")
    own = tmp_path / "in" / "failures.csv"
    own.write_text("mine")
    assert main(["remove", str(tmp_path / "in"), "-q"]) == 0
    (tmp_path / "in" / "3.jpg").write_bytes(b"no image")
    assert main(["remove", str(tmp_path / "in"), "-q"]) == 1
    assert own.read_text() == "mine"


def test_a_new_sub_folder_does_nothing_anew(draw: Draw, tmp_path: Path, capsys) -> None:
    draw("in/2024/1.jpg"), draw("in/2024/2.jpg")
    command = ["remove", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    assert main([*command, "-q"]) == 0
    assert (tmp_path / "out" / NAME).is_file()
    draw("in/2025/1.jpg")
    assert main(command) == 0
    streams = capsys.readouterr()
    assert "2 of 3" in streams.err and len(streams.out.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "many"), [("cut.v2", True), ("2024.07/", False), ("o.png/", True)]
)
def test_a_folder_may_have_a_dot_in_its_name(draw: Draw, tmp_path: Path, name, many) -> None:
    draw("in/1.jpg")
    inputs = tmp_path / "in" if many else tmp_path / "in" / "1.jpg"
    assert main(["remove", str(inputs), "-o", f"{tmp_path}/{name}", "-q"]) == 0
    assert (tmp_path / name / "1.cutout.png").is_file()


def test_one_image_and_an_unknown_ending_is_misuse(draw: Draw, tmp_path: Path, capsys) -> None:
    assert main(["remove", str(draw("1.jpg")), "-o", str(tmp_path / "person.jgp")]) == 2
    assert "ends in .png" in capsys.readouterr().err
    assert main(["remove", str(tmp_path / "1.jpg"), "-o", str(tmp_path / ("x" * 300))]) == 1
    assert "shorter name" in capsys.readouterr().err


@pytest.mark.parametrize("pipe", [False, True])
def test_a_list_comes_through_a_pipe(draw: Draw, tmp_path: Path, monkeypatch, pipe: bool) -> None:
    draw("in/more/1.jpg"), draw("in/2.jpg")
    monkeypatch.chdir(tmp_path)
    text = b"in/more/1.jpg\nin/2.jpg\n"
    read, write = os.pipe()
    os.write(write, text)
    os.close(write)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    names = f"/dev/fd/{read}" if pipe else "-"
    assert main(["remove", "--list", names, "-o", "out", "-q"]) == 0
    os.close(read)
    assert (tmp_path / "out" / "in" / "more" / "1.cutout.png").is_file()


def test_a_dry_run_tells_what_is_left_and_leaves_pipes_alone(
    draw: Draw, tmp_path: Path, capsys
) -> None:
    draw("in/1.jpg"), draw("in/2.jpg")
    command = ["remove", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    assert main([*command, "-q"]) == 0
    draw("in/3.jpg")
    assert main([*command, "--dry-run"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'out' / '3.cutout.png'}\n"
    target = tmp_path / "dry.png"
    assert main(["remove", "-", "-o", str(target), "--dry-run"]) == 0
    assert capsys.readouterr().out == f"{target}\n" and not target.exists()


def test_a_folder_that_is_closed_stops_no_other(
    draw: Draw, tmp_path: Path, monkeypatch, capsys
) -> None:
    draw("in/1.jpg"), draw("in/2.jpg"), draw("in/closed/3.jpg")
    scan = os.scandir

    def refuse(place: os.PathLike[str]) -> object:
        if str(place).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(place))
        return scan(place)

    monkeypatch.setattr(os, "scandir", refuse)
    out = tmp_path / "out"
    assert main(["remove", str(tmp_path / "in"), "-o", str(out)]) == 1
    assert "closed" in capsys.readouterr().err
    assert sorted(path.name for path in out.glob("*.png")) == ["1.cutout.png", "2.cutout.png"]
    assert main(["remove", str(tmp_path / "in" / "closed"), "-o", str(out)]) == 1
    assert "cannot search" in capsys.readouterr().err


def test_a_folder_whose_files_cannot_be_reached_stops_no_other(
    draw: Draw, tmp_path: Path, monkeypatch, capsys
) -> None:
    draw("in/1.jpg"), draw("in/closed/3.jpg")
    access = os.access
    monkeypatch.setattr(os, "access", lambda place, mode: not str(place).endswith("closed")
                        and access(place, mode))  # fmt: skip
    out = tmp_path / "out"
    assert main(["remove", str(tmp_path / "in"), "-o", str(out)]) == 1
    assert "closed': reading it is not permitted" in capsys.readouterr().err
    assert [path.name for path in out.glob("*.png")] == ["1.cutout.png"]
    assert main(["remove", str(tmp_path / "in" / "closed"), "-o", str(out)]) == 1
    assert "cannot search" in capsys.readouterr().err


@pytest.mark.parametrize("name", [f"{'x' * 300}.jpg", f"{'x' * 300}/2.jpg", f"{'x' * 300}/*.jpg"])
def test_a_name_that_is_too_long_stops_no_other(draw: Draw, tmp_path: Path, capsys, name) -> None:
    good, bad = str(draw("1.jpg")), str(tmp_path / name)
    if "*" not in name:
        assert main(["remove", good, bad, "-o", str(tmp_path / "out")]) == 1
        assert (tmp_path / "out" / "1.cutout.png").is_file()
    for words in ([bad, "--background", bad], ["--list", bad], [good, "--model", bad],
                  [bad, "--sequence"], [f"{tmp_path}/{'x' * 300}.mp4"]):  # fmt: skip
        assert main(["remove", *words]) in (1, 2)
    assert "Traceback" not in capsys.readouterr().err


def test_a_result_that_a_power_cut_emptied_is_made_anew(draw: Draw, tmp_path: Path) -> None:
    draw("in/1.jpg"), draw("in/2.jpg")
    command = ["remove", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "-q"]
    assert main(command) == 0
    (tmp_path / "out" / "1.cutout.png").write_bytes(b"")
    assert main(command) == 0
    assert (tmp_path / "out" / "1.cutout.png").stat().st_size


@pytest.mark.parametrize("name", ["photo.png", "video.mp4"])
def test_what_the_shell_reads_is_not_replaced(draw: Draw, tmp_path: Path, name: str) -> None:
    source = draw("photo.png").rename(tmp_path / name)
    before = source.read_bytes()
    command = [sys.executable, "-m", "figureground", "remove", "-", "-o", name, "--overwrite"]
    with source.open("rb") as stream:
        done = subprocess.run(command, stdin=stream, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 2
    assert f"'{name}' is an input and would be replaced" in done.stderr
    assert source.read_bytes() == before


def test_a_device_that_is_standard_input_may_be_written(tmp_path: Path) -> None:
    task = "Task(source=Path('a.jpg'), targets={'mask': Path(os.devnull)})"
    names = "import os; from pathlib import Path; from figureground.media.naming import *"
    command = [sys.executable, "-c", f"{names}; check_targets([{task}])"]
    subprocess.run(command, stdin=subprocess.DEVNULL, check=True, cwd=tmp_path)
