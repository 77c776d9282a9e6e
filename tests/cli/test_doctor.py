"""`figureground doctor` says in lines or in JSON what works, and ends with 1 where something does not."""

import json
import re

import pytest

from figureground import __version__
from figureground.cli import doctor, main
from figureground.doctor.finding import ABSENT, BROKEN, GOOD, NOTE, Finding
from figureground.models.shipped import FOLDER

FOUND = [
    Finding("packages", "numpy", GOOD, "2.4.6"),
    Finding("extras", "heif", ABSENT, "without pillow-heif", "pip install 'figureground[heif]'"),
    Finding("self-test", "decode", NOTE, "256x256 JPEG", "odd", 0.0123),
]


def test_all_of_it_works_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[-1].startswith("All works")
    parts = ["packages", "extras", "weights", "FFmpeg", "machine", "self-test"]
    assert [line for line in said.splitlines() if line in parts] == parts
    assert re.search(r"^  numpy +\d", said, re.MULTILINE)


def test_lines_have_a_sign_a_time_and_an_advice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: iter(FOUND))
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "packages",
        "  numpy                  2.4.6",
        "extras",
        "- heif                   without pillow-heif: pip install 'figureground[heif]'",
        "self-test",
        "! decode                     12 ms  256x256 JPEG: odd",
        "All works; to note: decode",
    ]


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_something_broken_ends_with_one(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = Finding("packages", "av", BROKEN, "cannot be imported", "install it anew")
    monkeypatch.setattr(doctor, "examine", lambda: iter([*FOUND, broken]))
    assert main(["doctor", *words]) == 1
    said = capsys.readouterr().out
    assert json.loads(said)["works"] is False if words else "Does not work: av" in said


def test_json_holds_all_findings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "examine", lambda: iter(FOUND))
    assert main(["doctor", "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert whole["version"] == __version__ and whole["works"] is True
    assert whole["findings"][1] == FOUND[1]._asdict()


def test_the_version_names_the_weights(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    said = capsys.readouterr().out
    lines = (FOLDER / "SHA256SUMS").read_text().splitlines()
    digests = {name: digest for digest, name in map(str.split, lines)}
    assert ended.value.code == 0 and said.startswith(f"figureground {__version__} (")
    for name in ("lite", "lite-int8"):
        assert f"{name} {digests[f'{name}.tflite'][:12]}" in said
