"""What the documents show is what the program does."""

import doctest
import re
import shlex
import shutil
from pathlib import Path

import pytest
from films import make_film
from PIL import Image

from figureground.cli import VERBS, build_parser, main
from figureground.jobs import remover

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)


def commands() -> list[list[str]]:
    shown = []
    for page in PAGES:
        for block in blocks(page, "sh"):
            for line in block.replace("\\\n", " ").splitlines():
                words = shlex.split(re.split(" [<>] ", line)[0], comments=True)
                if words and words[0] == "figureground":
                    shown.append(words[1:])
    return shown


@pytest.fixture
def desk(tmp_path: Path, astronaut: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that holds what the examples speak of."""
    (tmp_path / "holiday" / "day 2").mkdir(parents=True)
    (tmp_path / "shop").mkdir()
    (tmp_path / "puppets" / "images").mkdir(parents=True)
    for name in (
        "puppets/images/001.jpg",
        "photo.jpg",
        "beach.jpg",
        "shop/a.jpg",
        "holiday/a.jpg",
        "holiday/day 2/b.jpg",
    ):
        shutil.copy(astronaut, tmp_path / name)
    with Image.open(astronaut) as image:
        small = image.resize((64, 64))
        small.save(tmp_path / "dance.gif", save_all=True, append_images=[small.rotate(9)])
    make_film(tmp_path / "clip.mp4")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_documents_show_commands() -> None:
    assert {words[0] for words in commands()} == set(VERBS)


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_is_understood(words: list[str]) -> None:
    build_parser(words[0]).parse_args(words)


# Networks of one's own are not there; pipes and watching, which need a shell or never end, and dry
# runs, which leave nothing, are run in test_batch.py.
ELSEWHERE = {"--model", "-", "--watch", "--dry-run"}


@pytest.mark.parametrize(
    "words", [w for w in commands() if w[0] == "remove" and not ELSEWHERE & set(w)], ids=" ".join
)
def test_every_removal_works(words: list[str], desk: Path) -> None:
    before = set(desk.rglob("*"))
    assert main([*words, "--quiet"]) == 0
    assert set(desk.rglob("*")) - before


def test_the_python_examples_run(desk: Path) -> None:
    for block in blocks(ROOT / "README.md", "python"):
        exec(compile(block, "README.md", "exec"), {})
    assert (desk / "photo.png").is_file()


def test_the_python_examples_of_pictures_run(desk: Path) -> None:
    for block in blocks(ROOT / "docs" / "pictures.md", "python"):
        exec(compile(block, "pictures.md", "exec"), {})
    assert (desk / "person.png").is_file()


def test_the_examples_in_the_interface_tell_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    tried = doctest.testmod(remover)
    assert tried.attempted >= 6 and not tried.failed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_pictures_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} points to {target}"
