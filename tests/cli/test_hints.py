"""Commands as a new user types them first."""

from pathlib import Path

import pytest

from figureground.cli import build_parser, main
from figureground.cli.hints import OPTIONS, with_defaults, with_verb
from figureground.jobs.backgrounds import BLUR, Blur, read_background

VERBS = ["remove", "train", "models"]


@pytest.mark.parametrize(
    "words",
    [["photo.jpg"], ["PHOTO.JPEG", "-q"], ["clip.mp4"], ["*.jpg"], ["https://x.org/a"],
     ["-o", "a.png", "photo.jpg"], ["-", "-o", "-"], ["."]],
)  # fmt: skip
def test_what_can_be_read_is_removed(words: list[str]) -> None:
    assert with_verb(words, VERBS) == ["remove", *words]


@pytest.mark.parametrize(
    "words", [[], ["models"], ["--help"], ["--version"], ["rmeove", "a.jpg"], ["-q", "models"]]
)
def test_nothing_else_is(words: list[str]) -> None:
    assert with_verb(words, VERBS) == words


def test_an_image_alone_is_planned_as_by_remove(
    tmp_path: Path, astronaut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["remove", str(astronaut), "-o", str(tmp_path / "o.png"), "--dry-run"]) == 0
    told = capsys.readouterr().out
    assert main([str(astronaut), "-o", str(tmp_path / "o.png"), "--dry-run"]) == 0
    assert told == capsys.readouterr().out == f"{tmp_path / 'o.png'}\n"


@pytest.mark.parametrize("verb", [[], ["remove"]])
def test_a_second_name_that_is_not_there_is_meant_to_be_written(
    verb: list[str], tmp_path: Path, astronaut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo, result = tmp_path / "a.png", tmp_path / "b.png"
    photo.write_bytes(astronaut.read_bytes())
    assert main([*verb, str(photo), str(result)]) == 2
    assert f"figureground remove {photo} -o {result}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [photo]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["rmeove", "a.jpg"], "did you mean `figureground remove`?"),
        (["i", "a.jpg", "b.png"], "figureground remove photo.jpg -o out.png"),
        (["p", "in", "out"], "figureground remove FOLDER -o FOLDER"),
        (["help"], "figureground --help"),
        (["zzz"], "there are remove, live"),
        (["-i", "a.jpg", "-o", "b.png"], "photo.jpg -o out.png"),
        (["a.jpg", "--bakground", "white"], "did you mean --background?"),
        (["a.jpg", "--out", "b.png"], "did you mean --output?"),
        (["a.jpg", "--bg=white"], "here it is --background"),
        (["a.jpg", "--bgcolor", "white"], "here it is --background"),
        (["a.jpg", "-m", "u2net"], "here it is --model"),
        (["a.jpg", "-om"], "here it is --kind mask"),
        (["a.jpg", "--only-mask"], "here it is --kind mask"),
        (["a.jpg", "-a"], "edges are always refined"),
        (["a.jpg", "--alpha-matting"], "edges are always refined"),
        (["a.jpg", "--gpu"], "run on the processor"),
        (["train", "--lr", "1e-3"], "here it is --learning-rate"),
        (["train", "--batch", "4"], "here it is --batch-size"),
        (["data", "check", "x", "--shet", "y"], "did you mean --sheet?"),
    ],
)
def test_a_wrong_word_names_the_right_one(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    error = capsys.readouterr().err
    assert ended.value.code == 2 and told in error.replace("\n", " ")
    verb = words[0] if words[0] in ("train", "data") else "remove"
    if told.startswith("here"):
        assert error.startswith(f"usage: figureground {verb}")


@pytest.mark.parametrize("verb", OPTIONS)
def test_every_option_that_a_hint_names_is_one(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    named = {to.split()[0] for to in OPTIONS[verb].values() if to.startswith("--")}
    with pytest.raises(SystemExit):
        main([verb, "--help"])
    told = capsys.readouterr().out
    assert named and all(f"{option} " in told for option in named)


@pytest.mark.parametrize(
    ("text", "meant"),
    [("00ff00", (0, 255, 0)), ("0f0", (0, 255, 0)), ("255,254, 253", (255, 254, 253)),
     ("blur", Blur(radius=BLUR)), ("blur:7", Blur(radius=7))],
)  # fmt: skip
def test_backgrounds_as_people_write_them(text: str, meant: object) -> None:
    assert read_background(text) == meant


@pytest.mark.parametrize(
    ("words", "filled"),
    [
        (["--crop", "a.jpg"], ["--crop=0.05", "a.jpg"]),
        (["--crop", "0.2", "a.jpg"], ["--crop", "0.2", "a.jpg"]),
        (["a.jpg", "--crop"], ["a.jpg", "--crop"]),
        (["--crop", "--shadow", "a.jpg"], ["--crop=0.05", "--shadow", "a.jpg"]),
    ],
)
def test_a_crop_does_not_take_the_image(words: list[str], filled: list[str]) -> None:
    assert with_defaults(build_parser("remove"), ["remove", *words]) == ["remove", *filled]


def test_a_run_is_to_be_exported_first(
    tmp_path: Path, astronaut: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "recipe.toml").touch()
    words = [str(astronaut), "-o", str(tmp_path / "o.png"), "--model", str(tmp_path)]
    assert main(words) == 2
    assert f"figureground export {tmp_path}" in capsys.readouterr().err
