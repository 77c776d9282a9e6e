"""Videos on the command line, with the network that ships."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import av
import pytest
from videos import frames_of, make_video

from figureground.cli import main
from figureground.cli.progress import Progress
from figureground.jobs.journal import NAME
from figureground.jobs.values import bits, seconds
from figureground.media.atomic import unfinished


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return make_video(tmp_path / "clip.mp4", times=[0, 3600, 7200])


def test_an_mp4_becomes_a_person_over_green_and_says_so(
    video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["remove", str(video)]) == 0
    said = capsys.readouterr()
    result = video.with_name("clip.composite.mp4")
    assert said.out.strip() == str(result)
    assert "over green" in said.err and ".webm" in said.err
    assert len(frames_of(result)) == 3
    with av.open(str(result)) as out:
        assert out.streams.video[0].codec_context.name == "h264"


def test_a_transparent_name_becomes_a_cutout(video: Path, tmp_path: Path) -> None:
    assert main(["remove", str(video), "-o", str(tmp_path / "a.webm"), "-q", "--frames", "2"]) == 0
    with av.open(str(tmp_path / "a.webm")) as out:
        assert out.streams.video[0].metadata["ALPHA_MODE"] == "1"
    assert main(["remove", str(video), "-o", str(tmp_path / "frames"), "-q", "--end", "0.04"]) == 0
    assert [path.name for path in (tmp_path / "frames").iterdir()] == ["000000.png"]


def test_videos_and_images_go_together(
    video: Path, astronaut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = Path(shutil.copy(astronaut, video.with_name("photo.jpg")))
    assert main(["remove", str(video), str(photo), "--background", "white"]) == 0
    names = capsys.readouterr().out.split()
    results = "clip.composite.mp4", "photo.composite.png"
    assert names == [str(video.with_name(name)) for name in results]


def test_videos_are_found_in_folders_and_lists_beside_images(
    video: Path, astronaut: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    video.rename(tmp_path / "in" / "sub" / "a.mp4")
    shutil.copy(tmp_path / "in" / "sub" / "a.mp4", tmp_path / "b.mp4")
    shutil.copy(astronaut, tmp_path / "in" / "photo.jpg")
    (tmp_path / "list.txt").write_text("b.mp4\n")
    words = ["remove", str(tmp_path / "in"), "--list", str(tmp_path / "list.txt")]
    words += ["-o", str(tmp_path / "out"), "--frames", "1", "--kind", "composite"]
    expected = [
        Path("sub", "a.composite.mp4"),
        Path("b.composite.mp4"),
        Path("photo.composite.png"),
    ]
    assert main([*words, "--dry-run"]) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / "out" / p) for p in expected]
    assert not (tmp_path / "out").exists()
    assert main(words) == 0
    assert all((tmp_path / "out" / path).is_file() for path in expected)
    (tmp_path / "out" / expected[1]).write_text("mine")
    assert main([*words, "--skip-existing", "-q"]) == 0
    assert (tmp_path / "out" / expected[1]).read_text() == "mine"


def test_a_folder_of_videos_alone_makes_files(video: Path, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    video.rename(tmp_path / "in" / "a.mp4")
    out = tmp_path / "out"
    assert main(["remove", str(tmp_path / "in"), "-o", str(out), "-q", "--frames", "1"]) == 0
    assert [path.name for path in out.iterdir() if path.name != NAME] == ["a.cutout.webm"]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["-o", "a.mp4", "--kind", "cutout"], "holds no transparency"),
        (["-o", "a.avi"], "cannot write 'a.avi'"),
        (["-o", "a.mp4", "--kind", "trimap"], "a video becomes one of"),
        (["-o", "a.mp4", "--crop"], "--crop is for images"),
        (["-o", "a.mp4", "--start", "3", "--end", "2"], "ends after it begins"),
        (["-o", "a.mp4", "--crf", "60"], "0 to 51"),
        (["-o", "a.mov", "--crf", "10"], "ProRes"),
        (["-o", "a.mp4", "--fps", "0"], "above 0"),
        (["-o", "-", "--json"], "the video or --json"),
        (["-o", "a.mp4", "--fit", "cover"], "fit is of a size"),
        (["-o", "a.mp4", "--codec", "prores"], "name it .mov"),
        (["-o", "a.webm", "--codec", "prores"], "name it .mov"),
        (["-o", "a.webm", "--quality", "80"], "--quality is for images"),
        (["-o", "a.mp4", "--on-empty", "skip"], "--on-empty is for images"),
        (["-o", "a.mp4", "--model", "nope"], "there is no network 'nope'"),
        (["-o", "a.jpg"], "an animation .png, .apng, .webp, .avif, .gif"),
    ],
)
def test_what_makes_no_sense_is_misuse_and_said_in_one_line(
    video: Path,
    words: list[str],
    reason: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(video.parent)
    assert main(["remove", "clip.mp4", *words]) == 2
    said = capsys.readouterr()
    assert reason in said.err and said.err.count("\n") == 1 and not said.out
    assert [path.name for path in video.parent.iterdir()] == ["clip.mp4"]


@pytest.mark.parametrize("name", ["a.mp4", "a.webp", "frames"])
def test_a_part_that_holds_nothing_fails_in_one_line(
    video: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = video.with_name(name)
    assert main(["remove", str(video), "-o", str(out), "--start", "9"]) == 1
    told = capsys.readouterr().err
    assert "no frames in" in told and "from 9 s on" in told and told.count("\n") == 1
    assert not out.exists()


def test_resuming_leaves_one_whole_file(video: Path) -> None:
    assert main(["remove", str(video), "--resume", "-q", "--frames", "2"]) == 0
    assert len(frames_of(video.with_name("clip.composite.mp4"))) == 2
    assert {path.name for path in video.parent.iterdir()} == {"clip.mp4", "clip.composite.mp4"}


def test_frames_become_images_of_other_formats(video: Path, tmp_path: Path) -> None:
    words = ["remove", str(video), "-o", str(tmp_path / "frames"), "-q", "--format"]
    assert main([*words, "jpg"]) == 2  # holds no transparency
    assert main([*words, "webp", "--frames", "2"]) == 0
    names = sorted(path.name for path in (tmp_path / "frames").iterdir())
    assert names == ["000000.webp", "000001.webp"]


def test_videos_go_through_pipes(video: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "figureground", "remove"]
    matroska = subprocess.run([*command, "-", "-o", "-", "--codec", "h264"],
                              input=video.read_bytes(), capture_output=True, check=True)  # fmt: skip
    (tmp_path / "a.mkv").write_bytes(matroska.stdout)
    assert len(frames_of(tmp_path / "a.mkv")) == 3
    webm = [*command, str(video), "-o", "-", "--kind", "cutout", "--frames", "1"]
    (tmp_path / "a.webm").write_bytes(subprocess.run(webm, capture_output=True, check=True).stdout)
    assert len(frames_of(tmp_path / "a.webm", decoder="libvpx-vp9")) == 1
    quick = [*command, "-", "-o", "-", "--container", "mov", "--frames", "1"]
    clear = subprocess.run(quick, input=video.read_bytes(), capture_output=True, check=True)
    (tmp_path / "a.mov").write_bytes(clear.stdout)
    with av.open(str(tmp_path / "a.mov")) as result:
        assert result.streams.video[0].codec_context.name == "prores"
    named = [*command, "-", "-o", str(tmp_path / "b.mp4"), "-q"]
    subprocess.run(named, input=video.read_bytes(), check=True)
    assert len(frames_of(tmp_path / "b.mp4")) == 3


def test_a_bad_video_does_not_stop_the_next(
    video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = video.with_name("bad.mp4")
    bad.write_text("no video")
    assert main(["remove", str(bad), str(video), "-q", "--frames", "1"]) == 1
    said = capsys.readouterr()
    why, sum_ = said.err.splitlines()
    assert "bad.mp4" in why and "1 of 2 videos failed" in sum_
    assert video.with_name("clip.composite.mp4").is_file()


def test_the_first_failure_stops_if_asked(
    video: Path, astronaut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = video.with_name("bad.mp4")
    bad.write_text("no video")
    photo = Path(shutil.copy(astronaut, video.with_name("photo.jpg")))
    words = [str(bad), str(video), str(photo), "-q", "--fail-fast", "--kind", "composite"]
    assert main(["remove", *words]) == 1
    assert "stopped at the first failure" in capsys.readouterr().err
    assert not list(video.parent.glob("*.composite.*"))


def test_a_folder_of_videos_is_done_but_once(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    first = video.rename(tmp_path / "in" / "1.mp4")
    second = Path(shutil.copy(first, tmp_path / "in" / "2.mp4"))
    out = tmp_path / "out"
    command = ["remove", str(tmp_path / "in"), "-o", str(out), "--frames", "1"]
    assert main(command) == 0
    assert len(capsys.readouterr().out.split()) == 2

    shutil.copy(first, tmp_path / "in" / "3.mp4")
    (out / "2.cutout.webm").unlink()
    assert main([*command, "--dry-run"]) == 0
    left = [str(out / f"{number}.cutout.webm") for number in (2, 3)]
    assert capsys.readouterr().out.split() == left
    assert main(command) == 0
    said = capsys.readouterr()
    assert said.out.split() == left
    assert "1 of 3 videos is done already; --overwrite does all anew" in said.err
    make_video(second, times=[0, 3600])
    for more, again in ((["-q"], 1), (["--overwrite"], 3), (["--frames", "2"], 3)):
        assert main([*command, *more, "--dry-run"]) == 0
        assert len(capsys.readouterr().out.split()) == again


def test_a_result_of_another_video_is_not_replaced(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for day in ("first", "second"):
        (tmp_path / day).mkdir()
        for number in (1, 2):
            shutil.copy(video, tmp_path / day / f"{number}.mp4")
    words = ["-o", str(tmp_path / "out"), "--frames", "1", "-q"]
    assert main(["remove", str(tmp_path / "first"), *words]) == 0
    assert main(["remove", str(tmp_path / "second"), *words]) == 2
    assert "would replace what was made from" in capsys.readouterr().err
    assert main(["remove", str(tmp_path / "second"), *words, "--overwrite", "--dry-run"]) == 0


def test_an_interrupted_video_is_done_anew(
    video: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = Path(shutil.copy(video, tmp_path / "other.mp4"))
    command = ["remove", str(video), str(other), "--kind", "composite"]
    assert main([*command, "-q"]) == 0

    def stop(self: Progress, done: int, total: int | None = None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "reach", stop)
    assert main([*command, "--overwrite"]) == 130
    said = capsys.readouterr()
    assert "ends where it was interrupted" in said.err
    assert main([*command, "--dry-run"]) == 0
    assert capsys.readouterr().out.split() == [str(video.with_name("clip.composite.mp4"))]


def test_a_job_on_videos_says_how_far_it_was(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    others = [Path(shutil.copy(video, tmp_path / f"{name}.mp4")) for name in ("d", "e")]
    command = ["remove", str(video), *map(str, others), "--kind", "composite"]
    reach, ends = Progress.reach, []

    def stop(self: Progress, done: int, total: int | None = None) -> None:
        reach(self, done, total)
        ends.append(done)
        if ends.count(2) == 2:  # in the middle of the second video
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Progress, "reach", stop)
        assert main(command) == 130
    said = capsys.readouterr().err.splitlines()
    assert said[-2].endswith("1 of 3 videos is done; the same command goes on")
    assert main([*command, "--dry-run"]) == 0
    left = [str(one.with_name(f"{one.stem}.composite.mp4")) for one in others]
    assert capsys.readouterr().out.split() == left


def test_videos_are_told_as_json(
    video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, out = video.with_name("bad.mp4"), tmp_path / "out"
    bad.write_text("no video")
    command = ["remove", str(video), str(bad), "-o", str(out), "--json", "--every", "2"]
    assert main([*command, "--dry-run"]) == 0
    planned = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert planned[0] == {"source": str(video), "outputs": {"cutout": f"{out}/clip.cutout.webm"}}
    assert main(command) == 1
    done, failed = map(json.loads, capsys.readouterr().out.splitlines())
    assert done["status"] == "done" and done["outputs"] == planned[0]["outputs"]
    assert done["frames"] == 2 and done["fps"] == 12.5 and done["seconds"] > 0
    assert "opus" in done["notes"][0]
    assert failed["status"] == "failed" and "bad.mp4" in failed["error"]
    assert main(command) == 1
    statuses = {json.loads(line)["status"] for line in capsys.readouterr().out.splitlines()}
    assert statuses == {"exists", "failed"}


def test_what_killed_runs_left_goes(video: Path) -> None:
    dead = unfinished(".mp4").replace(f"-{os.getpid()}.", "-4194999.")
    video.with_name(dead).write_bytes(b"half")
    video.with_name(dead.removesuffix(".mp4")).mkdir()
    video.with_name(dead.removesuffix(".mp4")).joinpath("000000.png").write_bytes(b"half")
    assert main(["remove", str(video), "-q", "--frames", "1"]) == 0
    assert {path.name for path in video.parent.iterdir()} == {"clip.mp4", "clip.composite.mp4"}


def test_times_and_rates_are_read_as_people_write_them() -> None:
    assert seconds("1:02.5") == 62.5 and seconds("1:00:01") == 3601
    assert bits("4M") == 4_000_000 and bits("800k") == 800_000 and bits("1000") == 1000


@pytest.mark.parametrize(
    "words",
    [["--fps", "30/0"], ["--scale", "nan"], ["--start", "nan"], ["--bitrate", "infM"],
     ["--feather", "inf"]],
)  # fmt: skip
def test_numbers_that_are_none_are_misuse(
    video: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["remove", str(video), *words])
    assert words[0] in capsys.readouterr().err.splitlines()[-1]


def test_images_do_not_wait_for_the_video_library(astronaut: Path, tmp_path: Path) -> None:
    code = (
        "import sys\nfrom figureground.cli import main\n"
        f"main(['remove', {str(astronaut)!r}, '-q', '-o', {str(tmp_path / 'a.png')!r}])\n"
        "sys.exit('av' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("there", [False, True])
def test_a_name_with_a_slash_behind_it_is_a_folder_of_frames(tmp_path: Path, there: bool) -> None:
    video, out = make_video(tmp_path / "v.mp4"), tmp_path / "name.webm"
    if there:
        out.mkdir()
    assert main(["remove", str(video), "-o", f"{out}/", "--frames", "2", "-q"]) == 0
    assert sorted(path.name for path in out.glob("*.*")) == ["000000.png", "000001.png"]
