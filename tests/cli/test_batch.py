"""Many images: resumed, watched, counted."""

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from figureground.cli import main
from figureground.jobs import watching as watching_module
from figureground.jobs.journal import NAME
from figureground.jobs.summary import FAILURES
from figureground.media.animation import AnimationInfo, read_animation_info

Draw = Callable[..., Path]
COMMAND = [sys.executable, "-m", "figureground", "remove"]


@pytest.fixture
def folder(tmp_path: Path, astronaut: Path) -> Path:
    """Six small images with a person, and where to put what is made of them: `out` beside it."""
    made = tmp_path / "images"
    (made / "more").mkdir(parents=True)
    with Image.open(astronaut) as image:
        for number in range(6):
            box = (number * 8, 0, number * 8 + 300, 300)
            name = f"more/{number}.jpg" if number % 2 else f"{number}.jpg"
            image.crop(box).resize((96, 96)).save(made / name)
    return made


def results(out: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(out)): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in sorted(out.rglob("*.png"))
        if not path.name.startswith(".")  # unfinished, and perhaps renamed by the next line
    }


def test_what_is_done_is_not_done_again(folder: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    command = ["remove", str(folder), "-o", str(out)]
    assert main(command) == 0
    assert len(capsys.readouterr().out.splitlines()) == 6
    first = results(out)
    (out / "0.cutout.png").unlink()
    changed = folder / "2.jpg"
    os.utime(changed, (1, 1))
    assert main(command) == 0
    streams = capsys.readouterr()
    assert {Path(line).name for line in streams.out.splitlines()} == {
        "0.cutout.png",
        "2.cutout.png",
    }
    assert "4 of 6" in streams.err
    again = results(out)
    assert {name for name in again if again[name] != first[name]} == {
        "0.cutout.png",
        "2.cutout.png",
    }


def test_other_settings_do_all_anew_and_overwrite_too(folder: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    command = ["remove", str(folder), "-o", str(out)]
    assert main(command) == 0
    for more in (["--feather", "2"], ["--feather", "2", "--overwrite"]):
        capsys.readouterr()
        assert main([*command, *more]) == 0
        assert len(capsys.readouterr().out.splitlines()) == 6


def test_existing_results_can_be_left_whoever_made_them(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    mine = out / "0.cutout.png"
    mine.parent.mkdir()
    mine.write_bytes(b"my own work")
    assert main(["remove", str(folder), "-o", str(out), "--skip-existing", "-q"]) == 0
    assert mine.read_bytes() == b"my own work"
    assert len(results(out)) == 6


def test_a_torn_journal_is_read_as_far_as_it_goes(folder: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    command = ["remove", str(folder), "-o", str(out)]
    assert main(command) == 0
    journal = out / NAME
    journal.write_bytes(journal.read_bytes()[:-20] + b'\xff\n[1, 2]\n{"source": 3}\n')
    capsys.readouterr()
    assert main(command) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_dry_run_in_json_names_sources_and_results(folder: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    assert main(["remove", str(folder), "-o", str(out), "--dry-run", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) > 1 and not out.exists()
    for line in lines:
        name = f"{Path(line['source']).stem}.cutout.png"
        assert set(line) == {"source", "outputs"} and Path(line["outputs"]["cutout"]).name == name


def test_a_dry_run_writes_nothing(folder: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    assert main(["remove", str(folder), "-o", str(out), "--dry-run", "--format", "webp"]) == 0
    assert str(out / "more" / "1.cutout.webp") in capsys.readouterr().out.splitlines()
    assert not out.exists()


def test_failures_are_listed_and_the_list_goes_when_they_are_mended(
    folder: Path, tmp_path: Path, capsys
) -> None:
    out = tmp_path / "out"
    whole = (folder / "0.jpg").read_bytes()
    (folder / "0.jpg").write_bytes(whole[:200])
    command = ["remove", str(folder), "-o", str(out), "-q"]
    assert main(command) == 1
    lines = (out / FAILURES).read_text("utf-8").splitlines()
    assert lines[0] == "source,error" and "0.jpg" in lines[1] and len(lines) == 2
    assert "1 of 6 images failed" in capsys.readouterr().err
    (folder / "0.jpg").write_bytes(whole)
    assert main(command) == 0
    assert not (out / FAILURES).exists()
    assert len(results(out)) == 6


def test_folders_and_patterns_without_images_stop_no_others(
    folder: Path, tmp_path: Path, capsys
) -> None:
    bare, out = tmp_path / "bare", tmp_path / "out"
    bare.mkdir()
    assert main(["remove", str(bare), str(folder), str(folder / "*.bmp"), "-o", str(out)]) == 1
    error = capsys.readouterr().err
    assert "bare': it is a folder" in error and "*.bmp': there is no such file" in error
    assert "2 of 8 images failed" in error
    assert len(results(out)) == 6


def test_the_first_failure_can_stop_all(folder: Path, tmp_path: Path, capsys) -> None:
    for path in folder.rglob("*.jpg"):
        path.write_bytes(b"no image")
    assert main(["remove", str(folder), "-o", str(tmp_path / "out"), "--fail-fast"]) == 1
    error = capsys.readouterr().err
    assert error.count("is not an image") == 1 and "--fail-fast" in error


def test_every_image_can_be_told_as_json(folder: Path, tmp_path: Path, capsys) -> None:
    (folder / "bad.png").write_bytes(b"no image")
    assert main(["remove", str(folder), "-o", str(tmp_path / "out"), "--json"]) == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 7
    by_name = {Path(row["source"]).name: row for row in rows}
    assert by_name["bad.png"]["status"] == "failed" and "error" in by_name["bad.png"]
    good = by_name["0.jpg"]
    assert good["status"] == "done" and (good["width"], good["height"]) == (96, 96)
    assert Path(good["outputs"]["cutout"]).is_file()
    assert 0.2 < good["coverage"] < 0.9 and 0.8 < good["confidence"] <= 1


@pytest.mark.parametrize(
    ("what", "code", "written"), [("keep", 0, 1), ("skip", 0, 0), ("fail", 1, 0)]
)
def test_an_image_without_people_is_met_as_asked(
    draw: Draw, tmp_path: Path, capsys, what: str, code: int, written: int
) -> None:
    path = tmp_path / "wall.png"
    Image.fromarray(np.full((64, 64, 3), 120, np.uint8)).save(path)
    out = tmp_path / "out"
    assert main(["remove", str(path), "-o", str(out), "--on-empty", what]) == code
    assert "there is nobody in" in capsys.readouterr().err
    assert len(list(out.glob("*.png"))) == written


@pytest.mark.parametrize("out", ["-", "named.webp"])
def test_an_image_comes_from_a_pipe(astronaut: Path, tmp_path: Path, out: str) -> None:
    done = subprocess.run(
        [*COMMAND, "-", "-o", out], input=astronaut.read_bytes(), capture_output=True,
        check=True, cwd=tmp_path,
    )  # fmt: skip
    data = done.stdout if out == "-" else (tmp_path / out).read_bytes()
    with Image.open(io.BytesIO(data)) as image:
        assert image.size == (512, 512) and image.mode == "RGBA"
        assert image.format == ("PNG" if out == "-" else "WEBP")
    assert done.stderr == b""


def test_an_animation_goes_through_a_pipe_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, poured = io.BytesIO(), io.BytesIO()
    dull, light = (Image.new("RGB", (40, 30), (level, 160, 220)) for level in (90, 130))
    dull.save(stream, "GIF", save_all=True, append_images=[light], duration=80)
    stream.seek(0)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))
    monkeypatch.setattr(sys, "stdout", SimpleNamespace(buffer=poured))
    assert main(["remove", "-", "-o", "-", "--format", "webp", "--kind", "composite"]) == 0
    assert read_animation_info(poured.getvalue()) == AnimationInfo(count=2, plays=1)


def test_an_image_from_a_pipe_is_told_like_any_other(tmp_path: Path) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), (90, 160, 220)).save(stream, "PNG")

    def run(*words: str) -> subprocess.CompletedProcess[bytes]:
        command = [*COMMAND, "-", *words]
        return subprocess.run(command, input=stream.getvalue(), capture_output=True, cwd=tmp_path)

    told = run("-o", "a.png", "--json")
    assert json.loads(told.stdout)["outputs"] == {"cutout": "a.png"}
    skipped = run("-o", "-", "--on-empty", "skip")
    assert not skipped.stdout and b"nobody in '-'; skipped" in skipped.stderr
    both = run("-o", "-", "--json")
    assert both.returncode == 2 and b"not both" in both.stderr


def test_a_pipe_takes_one_image_and_says_so(folder: Path, capsys) -> None:
    assert main(["remove", str(folder / "0.jpg"), str(folder / "2.jpg"), "-o", "-"]) == 2
    assert "a pipe takes one image" in capsys.readouterr().err


@pytest.fixture
def watching(folder: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    out = tmp_path / "out"
    process = subprocess.Popen(
        [*COMMAND, str(folder), "-o", str(out), "--watch", "-q"],
        # As from a terminal; a test run in the background inherits Ctrl-C as ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    yield process, out
    process.kill()
    process.wait()


def test_a_watched_folder_is_worked_on_as_it_fills(
    watching: tuple[subprocess.Popen[bytes], Path], folder: Path
) -> None:
    process, out = watching

    def wait_for(count: int) -> None:
        end = time.monotonic() + 60
        while len(results(out)) < count:
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.1)

    wait_for(6)
    (folder / "late.jpg").write_bytes((folder / "0.jpg").read_bytes())
    wait_for(7)
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 130


def looking(monkeypatch: pytest.MonkeyPatch, *steps: Callable[[], object]) -> None:
    """What happens between the looks at a watched folder; then comes Ctrl-C."""
    left = list(steps)

    def sleep(seconds: float) -> None:
        if not left:
            raise KeyboardInterrupt
        left.pop(0)()

    monkeypatch.setattr(watching_module, "time", SimpleNamespace(sleep=sleep))


def nothing() -> None:
    """Leave the folder as it is."""


def test_a_watched_folder_is_done_anew_once(folder: Path, tmp_path, monkeypatch, capsys) -> None:
    looking(monkeypatch, nothing, nothing, lambda: os.utime(folder / "0.jpg", (1, 1)), nothing)
    command = ["remove", str(folder), "-o", str(tmp_path / "out"), "--watch", "--overwrite"]
    assert main(command) == 130
    names = [Path(line).name for line in capsys.readouterr().out.splitlines()]
    assert len(names) == 7 and names.count("0.cutout.png") == 2


@pytest.mark.parametrize(("words", "code"), [([], 130), (["--fail-fast"], 1)])
def test_what_fails_in_a_watched_folder_is_listed_and_ends_it_if_asked(
    folder: Path, tmp_path: Path, monkeypatch, capsys, words: list[str], code: int
) -> None:
    (folder / "0.jpg").write_bytes(b"no image")
    out = tmp_path / "out"
    looking(monkeypatch, nothing, nothing)
    assert main(["remove", str(folder), "-o", str(out), "--watch", "-q", *words]) == code
    assert "0.jpg" in (out / FAILURES).read_text("utf-8")
    error = capsys.readouterr().err
    assert error.count("is not an image") == 1 and ("--fail-fast" in error) is bool(words)


def test_a_watched_folder_does_not_wait_for_an_empty_one(
    folder: Path, tmp_path: Path, monkeypatch
) -> None:
    other, out = tmp_path / "other", tmp_path / "out"
    other.mkdir()
    first = folder / "0.jpg"
    looking(
        monkeypatch, nothing, lambda: (other / "x.jpg").write_bytes(first.read_bytes()), nothing,
        nothing,
    )  # fmt: skip
    patterns = [str(other), str(folder), str(tmp_path / "*.bmp")]
    assert main(["remove", *patterns, "-o", str(out), "--watch", "-q"]) == 130
    assert (out / "0.cutout.png").is_file() and (out / "x.cutout.png").is_file()


@pytest.mark.parametrize("words", [[], ["-o", "result.png"], ["-o", "s3://bucket/results"]])
def test_watching_needs_a_folder_here(tmp_path: Path, capsys, words: list[str]) -> None:
    assert main(["remove", str(tmp_path), "--watch", *words]) == 2
    assert "--watch needs a folder here" in capsys.readouterr().err


def test_watching_goes_on_after_two_images_of_one_name(
    folder: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    other, out = tmp_path / "other", tmp_path / "out"
    other.mkdir()
    late, same = other / "late.jpg", other / "0.jpg"
    (other / "first.jpg").write_bytes((folder / "4.jpg").read_bytes())
    looking(
        monkeypatch, nothing, lambda: same.write_bytes((folder / "2.jpg").read_bytes()), nothing,
        lambda: same.rename(late), nothing,
    )  # fmt: skip
    command = ["remove", str(folder), str(other), "-o", str(out), "--watch", "-q"]
    assert main(command) == 130
    assert capsys.readouterr().err.count("until then nothing is done") == 1
    assert (out / "late.cutout.png").is_file() and len(results(out)) == 8


def test_watching_replaces_no_result_of_another_image(
    folder: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    out = tmp_path / "out"
    assert main(["remove", str(folder), "-o", str(out), "-q"]) == 0
    before = results(out)
    other = tmp_path / "other" / "0.jpg"
    other.parent.mkdir()
    other.write_bytes((folder / "2.jpg").read_bytes())
    looking(monkeypatch, nothing, nothing)
    assert main(["remove", str(other.parent), "-o", str(out), "--watch", "-q"]) == 130
    assert f"made from '{folder / '0.jpg'}'" in capsys.readouterr().err
    assert results(out) == before


def test_a_job_killed_at_any_moment_is_finished_by_the_next(folder: Path, tmp_path: Path) -> None:
    for path in list(folder.rglob("*.jpg")):
        for copy in range(4):
            (path.parent / f"{path.stem}-{copy}.jpg").write_bytes(path.read_bytes())
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    assert main(["remove", str(folder), "-o", str(calm), "-q"]) == 0
    random.seed(7)
    command = [*COMMAND, str(folder), "-o", str(rough), "-q"]
    killed = 0
    for _ in range(10):
        process = subprocess.Popen(command)
        before = len(results(rough))
        end = time.monotonic() + 60
        while len(results(rough)) == before and process.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.002)
        time.sleep(random.uniform(0, 0.02))
        process.kill()
        killed += process.wait() == -signal.SIGKILL
    assert killed >= 5
    assert main(["remove", str(folder), "-o", str(rough), "-q"]) == 0
    wanted = {path.relative_to(calm): path.read_bytes() for path in calm.rglob("*.png")}
    got = {path.relative_to(rough): path.read_bytes() for path in rough.rglob("*.png")}
    assert got == wanted and len(got) == 30  # nothing missing, torn or left over


def test_images_skipped_as_empty_are_not_looked_at_again(tmp_path: Path, capsys) -> None:
    walls = tmp_path / "walls"
    walls.mkdir()
    for name in ("a.png", "b.png"):
        Image.fromarray(np.full((64, 64, 3), 120, np.uint8)).save(walls / name)
    command = ["remove", str(walls), "-o", str(tmp_path / "out"), "--on-empty"]
    assert main([*command, "skip"]) == 0
    assert capsys.readouterr().err.count("; skipped") == 2
    assert main([*command, "skip"]) == 0
    streams = capsys.readouterr()
    assert "2 of 2 images are done already" in streams.err and "nobody" not in streams.err
    os.utime(walls / "a.png", (1, 1))  # changed: looked at again
    assert main([*command, "skip"]) == 0
    assert capsys.readouterr().err.count("; skipped") == 1
    assert main([*command, "keep"]) == 0  # now they are wanted
    assert len(results(tmp_path / "out")) == 2
