"""What videos become, before any is read: names, and what none gets."""

import shutil
from pathlib import Path

import pytest
from videos import make_video

from figureground.cli import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files that bear the names of videos, and numbered images."""
    monkeypatch.chdir(tmp_path)
    for name in ("a/clip.mp4", "b/clip.mp4", "x.mp4", "x.mkv", "X.txt", "y.avi", "y.mp4"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(b"a video")
    for name in ("p1/frames", "p2/frames", "s1", "2024.07"):
        Path(name).mkdir(parents=True)
        for number in range(2):
            Path(name, f"{number:04}.png").write_bytes(b"an image")
    return tmp_path


def names(*words: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["remove", *words, "--dry-run"]) == 0
    return capsys.readouterr().out.split()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["x.mp4"], ["x.composite.mp4"]),
        (["x.mp4", "x.mkv"], ["x.composite.mp4", "x.composite.mkv"]),
        (
            ["x.mp4", "x.mkv", "--kind", "cutout"],
            ["x.mp4.cutout.webm", "x.mkv.cutout.webm"],
        ),
        (["x.mkv", "--kind", "cutout"], ["x.mkv.cutout.webm"]),
        (["y.avi", "y.mp4"], ["y.avi.composite.mp4", "y.mp4.composite.mp4"]),
        (
            ["s1/%04d.png", "2024.07/%04d.png", "-o", "out", "--kind", "composite"],
            ["out/s1.composite.mp4", "out/2024.07.composite.mp4"],
        ),
        (["s1", "--sequence"], ["s1.composite.mp4"]),
        (["a/clip.mp4", "p1/frames", "--sequence", "-o", "out", "--kind", "cutout"],
         ["out/clip.cutout.webm", "out/frames.cutout.webm"]),
        (["a/clip.mp4", "--container", "mov"], ["a/clip.cutout.mov"]),
        (["x.mkv", "x.mp4", "--container", "mkv"], ["x.mkv.composite.mkv", "x.mp4.composite.mkv"]),
        (["a", "-o", "out", "--container", "webm"], ["out/clip.cutout.webm"]),
        (["a", "-o", "out", "--container", "mp4"], ["out/clip.composite.mp4"]),
        (["a/clip.mp4", "-o", "out", "--container", "gif"], ["out/clip.cutout.gif"]),
        (["a/clip.mp4", "-o", "out", "--container", "webm", "--background", "red"],
         ["out/clip.composite.webm"]),
        (["s1", "--sequence", "--container", "webm"], ["s1.cutout.webm"]),
    ],
)  # fmt: skip
def test_no_two_results_have_one_name(
    folder: Path, words: list[str], expected: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert names(*words, capsys=capsys) == expected


@pytest.mark.parametrize("where", ["s1", "."])
def test_images_of_the_present_folder_are_named_after_it(
    folder: Path, where: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder / "s1")
    words = ["%04d.png"] if where == "." else [str(folder / where), "--sequence"]
    assert names(*words, capsys=capsys) == [str(folder / "s1.composite.mp4")]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["a/clip.mp4", "b/clip.mp4", "-o", "out"], "would both become"),
        (["p1/frames", "p2/frames", "--sequence", "-o", "out"], "would both become"),
        (["x.mp4", "-o", "x.mp4"], "is an input and would be replaced"),
        (["x.mp4", "--background", "x.mkv", "-o", "x.mkv"], "is an input and would be replaced"),
        (["s1", "--sequence", "-o", "s1/0001.png"], "is an input and would be replaced"),
        (["s1/%04d.png", "-o", "s1/0001.png"], "is an input and would be replaced"),
        (["x.mp4", "--background", "y.mp4", "--flip-background"], "only an image is fitted"),
        (["x.mp4", "--background", "y.mp4", "--background-fit", "tile"], "only an image"),
        (["x.mp4", "-o", "y.webm", "--container", "mov"], "and so does --container"),
        (["a", "--container", "mp4", "--kind", "cutout"], "holds no transparency"),
    ],
)
def test_nothing_is_written_twice_or_over_an_input(
    folder: Path, words: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["remove", *words]) == 2
    said = capsys.readouterr()
    assert reason in said.err and said.err.count("\n") == 1 and not said.out


def test_quality_and_the_like_are_for_the_images_beside_videos(
    tmp_path: Path, astronaut: Path
) -> None:
    make_video(tmp_path / "clip.mp4", times=[0])
    shutil.copy(astronaut, tmp_path / "photo.jpg")
    words = ["--quality", "50", "--format", "webp", "-q"]
    assert main(["remove", str(tmp_path), "-o", str(tmp_path / "out"), *words]) == 0
    assert (tmp_path / "out" / "photo.cutout.webp").is_file()


def test_images_are_numbered_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["remove", "s1/x%02d_%04d.png", "-o", "a.mp4"]) == 1
    said = capsys.readouterr().err
    assert "numbered once" in said and said.count("\n") == 1
