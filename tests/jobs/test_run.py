"""A job run from Python does what the command does, and tells what becomes of it."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image
from videos import make_video

from figureground import ImageJob, VideoEncoding, VideoJob, run
from figureground.cli import main
from figureground.errors import UsageError
from figureground.jobs import events, image_batch
from figureground.jobs.journal import NAME
from figureground.jobs.style import Style
from figureground.jobs.summary import FAILURES
from figureground.media.formats import Encoding
from figureground.media.video_part import Part


@pytest.fixture
def folder(tmp_path: Path, astronaut: Path) -> Path:
    """Three small images with a person, one that is none, and a video."""
    made = tmp_path / "in"
    (made / "more").mkdir(parents=True)
    with Image.open(astronaut) as image:
        for name in ("a.jpg", "b.png", "more/c.webp"):
            image.crop((len(name), 0, 300, 300)).resize((64, 64)).save(made / name)
    (made / "bad.jpg").write_bytes(b"no image")
    make_video(made / "clip.mp4", times=[0, 3600])
    return made


def content(out: Path) -> dict[str, bytes]:
    """All files of a folder but the journal."""
    files = (path for path in out.rglob("*") if path.is_file() and path.name != NAME)
    return {str(path.relative_to(out)): path.read_bytes() for path in files}


def done_lines(out: Path) -> list[str]:
    """The lines of a journal that say what is done."""
    lines = map(json.loads, (out / NAME).read_text().splitlines())
    return sorted(json.dumps(line) for line in lines if "settings" in line)


def test_a_job_makes_the_same_files_and_journal_as_the_command(
    folder: Path, tmp_path: Path
) -> None:
    shell, python = tmp_path / "shell", tmp_path / "python"
    words = ["--kind", "composite", "--background", "skyblue", "--feather", "1", "--format", "webp",
             "--quality", "80", "--on-empty", "skip", "--frames", "1", "--crf", "30"]  # fmt: skip
    assert main(["remove", str(folder), "-o", str(shell), "-q", *words]) == 1
    images = ImageJob(
        inputs=folder, output=python, background="skyblue", kinds=("composite",), format="webp",
        style=Style(feather=1.0), encoding=Encoding(quality=80), on_empty="skip",
    )  # fmt: skip
    videos = VideoJob(
        inputs=folder, output=python, background="skyblue", kind="composite", format="webp",
        style=Style(feather=1.0), encoding=VideoEncoding(crf=30), part=Part(frames=1),
    )  # fmt: skip
    summary = run([images, videos])
    assert [Path(source).name for source, _ in summary.failures] == ["bad.jpg"]
    assert content(python) == content(shell)
    assert set(content(python)) == {
        "a.composite.webp", "b.composite.webp", "more/c.composite.webp", "clip.composite.mp4",
        FAILURES,
    }  # fmt: skip
    assert done_lines(python) == done_lines(shell)
    assert len(done_lines(python)) == 4
    again = run([images, videos])
    assert len(again.done_before) == 4 and [Path(name).name for name in again.tried] == ["bad.jpg"]


def test_events_tell_what_becomes_of_each(folder: Path, tmp_path: Path) -> None:
    told: list[events.Event] = []
    job = ImageJob(inputs=folder, output=tmp_path / "out")
    run(job, told.append)
    kinds = [type(event) for event in told]
    assert kinds[:2] == [events.PassedOver, events.Begun]  # a video, which it is not about
    assert kinds[-2:] == [events.Ended, events.Finished]
    assert kinds.count(events.ImageDone) == 3 and kinds.count(events.ImageFailed) == 1
    (failed,) = (event for event in told if isinstance(event, events.ImageFailed))
    assert failed.task.source == folder / "bad.jpg" and "is not an image" in failed.error
    told.clear()
    run(job, told.append)
    assert [type(event) for event in told].count(events.AlreadyDone) == 3


def test_a_video_tells_how_far_it_is(folder: Path, tmp_path: Path) -> None:
    told: list[events.Event] = []
    run(VideoJob(inputs=folder / "clip.mp4", output=tmp_path / "out"), told.append)
    kinds = [type(event) for event in told]
    assert kinds == [
        events.Begun, events.VideoBegun, *[events.VideoProgress] * 2, events.VideoDone,
        events.Ended, events.Finished,
    ]  # fmt: skip


def test_a_dry_run_tells_all_and_writes_nothing(folder: Path, tmp_path: Path) -> None:
    told: list[events.Event] = []
    run(ImageJob(inputs=folder, output=tmp_path / "out", dry_run=True), told.append)
    names = [event.task.source.name for event in told if isinstance(event, events.Planned)]
    assert names == ["a.jpg", "b.png", "bad.jpg", "c.webp"]
    assert not (tmp_path / "out").exists()


def test_an_interrupted_job_says_so_and_goes_on(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "bad.jpg").unlink()
    told: list[events.Event] = []
    job = ImageJob(inputs=folder, output=tmp_path / "out")

    def press(event: events.Event) -> None:
        told.append(event)
        if isinstance(event, events.ImageDone):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(job, press)
    (last,) = (event for event in told if isinstance(event, events.Interrupted))
    assert told[-1] is last and last.total == 3
    assert last.done == len(done_lines(tmp_path / "out")) >= 1  # also what was not told any more
    monkeypatch.setattr(image_batch, "load_removers", image_batch.load_removers)
    summary = run(job)
    assert len(summary.done_before) == last.done and not summary.failures
    lines = map(json.loads, (tmp_path / "out" / NAME).read_text().splitlines())
    begun = {line["source"] for line in lines if "begun" in line}
    assert begun <= {line["source"] for line in map(json.loads, done_lines(tmp_path / "out"))}


def test_a_job_on_videos_takes_what_is_named_whatever_its_ending(
    folder: Path, tmp_path: Path
) -> None:
    odd = Path(shutil.copy(folder / "clip.mp4", tmp_path / "clip.dat"))
    summary = run(VideoJob(inputs=odd, output=tmp_path / "a.mp4"))
    assert not summary.failures and (tmp_path / "a.mp4").is_file()
    with pytest.raises(UsageError, match="there are no videos"):
        run(VideoJob(inputs=folder / "more", output=tmp_path / "out"))
