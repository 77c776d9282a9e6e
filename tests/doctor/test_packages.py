"""Packages and extras: what is there, what is missing, and the command that brings it."""

import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from figureground.doctor import packages
from figureground.doctor.finding import ABSENT, BROKEN, GOOD, NOTE
from figureground.doctor.packages import Requirement, find_extras, find_packages, parse_requirement

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))[
    "project"
]


@pytest.mark.parametrize(
    ("line", "requirement"),
    [
        ("numpy>=2.0", Requirement("numpy", "2.0", "")),
        ("fsspec[http]>=2024.6; extra == 'remote'", Requirement("fsspec", "2024.6", "remote")),
        ("model==0.1.0 ; extra == 'train'", Requirement("model", "", "train")),
        ("mkdocs<2,>=1.6.1; extra == \"docs\"", Requirement("mkdocs", "1.6.1", "docs")),
        ("Pillow", Requirement("pillow", "", "")),
    ],
)  # fmt: skip
def test_a_line_of_metadata_is_read(line: str, requirement: Requirement) -> None:
    assert parse_requirement(line) == requirement


def test_each_package_that_is_always_needed_is_looked_at() -> None:
    needed = {parse_requirement(line).name for line in PROJECT["dependencies"]}
    assert set(packages.MODULES) == needed
    found = {finding.name: finding for finding in find_packages()}
    assert needed < set(found)
    assert [name for name in found if found[name].state != GOOD] == []
    assert found["numpy"].value == __import__("numpy").__version__


def test_a_package_that_cannot_be_imported_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(packages.MODULES, "numpy", "numpy.nothing")
    found = {finding.name: finding for finding in find_packages()}
    assert found["numpy"].state == BROKEN and "numpy.nothing" in found["numpy"].value
    assert "--force-reinstall numpy" in found["numpy"].advice


def test_a_package_older_than_its_floor_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "requirements", lambda: [Requirement("numpy", "99.0", "")])
    found = {finding.name: finding for finding in find_packages()}
    assert found["numpy"].state == BROKEN and "is older than 99.0" in found["numpy"].value


class Metadata:
    def get_all(self, name: str) -> list[str]:
        return ["heif", "yolo", "dev"] if name == "Provides-Extra" else []


def test_an_extra_says_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        "pytest; extra == 'dev'",
        "nothing-like-it>=1; extra == 'heif'",
        "numpy; extra == 'yolo'",
    ]
    monkeypatch.setattr(packages, "requires", lambda name: lines)
    monkeypatch.setattr(packages, "metadata", lambda name: Metadata())
    heif, yolo = find_extras()
    assert (heif.name, heif.state, heif.value) == ("heif", ABSENT, "without nothing-like-it")
    assert heif.advice == "python -m pip install 'figureground[heif]'"
    assert (yolo.name, yolo.state) == ("yolo", GOOD) and yolo.value.startswith("numpy ")


def test_a_folder_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> list[str]:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(packages, "requires", missing)
    (finding,) = find_extras()
    assert finding.state == NOTE and "python -m pip install ." in finding.advice
