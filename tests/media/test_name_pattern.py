"""Results are named by a pattern, which is checked before anything is done."""

import json
import shutil
from pathlib import Path

import pytest
from PIL import Image
from videos import make_video

from figureground import ImageJob, VideoJob, run
from figureground.cli import main
from figureground.errors import UsageError
from figureground.jobs.journal import NAME
from figureground.media.name_pattern import name_by


@pytest.fixture
def shop(tmp_path: Path, astronaut: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "sub").mkdir(parents=True)
    with Image.open(astronaut) as image:
        for name in ("a.jpg", "b.jpg", "sub/c.png"):
            image.crop((len(name), 0, 300, 300)).resize((48, 48)).save(folder / name)
    return folder


def names(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.name != NAME
    )


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{stem}.jpg", "boat.jpg"),
        ("{kind}-{stem}.{ending}", "mask-boat.webp"),
        ("{{{number:04}}}.png", "{0007}.png"),
    ],
)
def test_fields_are_filled(pattern: str, name: str) -> None:
    assert name_by(pattern, stem="boat", kind="mask", number=7, ending="webp") == name


@pytest.mark.parametrize("sort", [ImageJob, VideoJob])
@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("{name}.jpg", "there is no field {name}"),
        ("{}.jpg", "there is no field {}"),
        ("{stem.real}.jpg", "there is no field {stem.real}"),
        ("{stem", "a brace itself is written twice"),
        ("{stem}", "it ends in no format"),
        ("a/{stem}.jpg", "it is a name, not a path"),
        ("{stem!r}.jpg", "only a number has a width"),
        ("{stem:9}.jpg", "only a number has a width"),
        ("{number:0999999999}.jpg", "only a number has a width"),
    ],
)
def test_what_names_nothing_is_refused_and_names_the_fields(
    sort: type[ImageJob], pattern: str, said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        sort(name=pattern)
    assert said in str(refused.value)
    assert "fields are {stem}, {kind}, {number}, {ending}" in str(refused.value)


def test_a_shop_keeps_its_names_and_a_rerun_does_nothing(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["remove", str(shop), "-o", str(out), "--background", "white", "--name", "{stem}.jpg"]
    assert main(words) == 0
    assert names(out) == ["a.jpg", "b.jpg", "sub/c.jpg"]
    assert main([*words, "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["status"] for line in lines[-3:]] == ["exists"] * 3
    assert main(["remove", str(out), "-o", str(out), "-q"]) == 1  # no result is an input


def test_results_beside_their_images_are_no_inputs_of_the_next_run(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["remove", str(shop), "--name", "{stem}-{number}.webp"]
    assert main(words) == 0
    made = names(shop)
    assert {"a-1.webp", "b-2.webp", "sub/c-3.webp"} < set(made)
    capsys.readouterr()
    assert main(words) == 0
    said = capsys.readouterr().err
    assert "3 earlier results are passed over" in said
    assert "3 of 3 images are done already" in said and names(shop) == made


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--name", "a.png"], "work on them one after the other"),
        (["--kind", "mask,cutout", "--name", "{stem}.png"], "several kinds need {kind}"),
        (["--name", "{stem}.gif", "--format", "webp"], "says the format already"),
        (["--name", "{stem}.jpg"], "JPEG knows no transparency"),
        (["--name", "{stem}.doc"], "cannot write"),
    ],
)
def test_names_that_cannot_be_are_told_before_anything_is_written(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    out = tmp_path / "out"
    assert main(["remove", str(shop), "-o", f"{out}/", *words]) == 2
    assert said in capsys.readouterr().err and not out.exists()


def test_a_file_that_is_no_result_is_not_replaced(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = shop / "a.webp"
    mine.write_bytes(b"mine")
    words = ["remove", str(shop / "a.jpg"), "--name", "{stem}.webp"]
    assert main(words) == 2
    assert "no journal knows it" in capsys.readouterr().err and mine.read_bytes() == b"mine"
    assert main([*words, "--overwrite", "-q"]) == 0
    assert mine.read_bytes() != b"mine"


def test_a_result_that_was_written_and_not_noted_is_ours(shop: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    job = ImageJob(inputs=shop, output=out, name="{stem}.png")
    assert not run(job).failures
    lines = (out / NAME).read_text().splitlines()  # as if it had been killed in between
    (out / NAME).write_text("".join(f"{line}\n" for line in lines if "begun" in line))
    assert not run(job).failures and len(run(job).done_before) == 3


def test_a_name_and_a_file_that_is_named_are_one_too_many(shop: Path) -> None:
    for words in (["-o", "x.png", "--name", "{stem}.png"], ["--watch", "--name", "{number}.png"]):
        assert main(["remove", str(shop / "a.jpg"), *words]) == 2


def test_videos_are_named_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    first = make_video(folder / "a.mp4", times=[0])
    shutil.copy(first, folder / "b.mp4")
    words = ["remove", str(folder), "-o", str(out), "--frames", "1", "-q", "--name"]
    assert main([*words, "v{number:02}-{stem}.webm"]) == 0
    assert main([*words, "{stem}-{kind}.{ending}", "--kind", "mask"]) == 0
    assert names(out) == ["a-mask.mp4", "b-mask.mp4", "v01-a.webm", "v02-b.webm"]
    assert main([*words, "{stem}.jpg"]) == 2
    assert main([*words, "{stem}.mp4", "--container", "mov"]) == 2
    assert "so does --container" in capsys.readouterr().err
