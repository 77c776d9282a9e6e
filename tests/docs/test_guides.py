"""What the documents show is what the program does."""

import doctest
import re
import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from shown import NOTES, PAGES, ROOT, after, blocks, commands, prose
from videos import make_video

from figureground.cli import VERBS, build_parser, main
from figureground.jobs import remover

# Names of files, containers and codecs, and a real video's negatives, are no prose about videos.
BANNED = re.compile(r"(?<![\w/.-])([Ff]ilms?|[Cc]lips?)(?![\w.-])")
LONGEST_LINE = 120
LONGEST_GUIDE = 150
LONGEST_CHANGELOG = 40


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
        group = Image.new("RGB", (800, 400), (230, 230, 230))
        group.paste(image.resize((400, 400)), (0, 0))
        group.paste(image.resize((250, 250)), (540, 150))
        small = image.resize((64, 64))
        small.save(tmp_path / "dance.gif", save_all=True, append_images=[small.rotate(9)])
    group.save(tmp_path / "group.jpg")
    scribble = Image.new("L", group.size)
    scribble.paste(255, (160, 80, 180, 100))
    scribble.save(tmp_path / "scribble.png")
    with Image.open(astronaut) as image:
        frame = np.asarray(image.convert("RGB").resize((128, 128)))
    make_video(
        tmp_path / "clip.mp4",
        size=frame.shape[:2],
        drawing=lambda number, size: np.roll(frame, number, axis=1),
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_documents_show_commands() -> None:
    assert {words[0] for words in commands()} == set(VERBS)


def once(shown: list[list[str]]) -> list[list[str]]:
    """Commands that several pages show count once."""
    return [list(words) for words in dict.fromkeys(map(tuple, shown))]


@pytest.mark.parametrize("words", once(commands()), ids=" ".join)
def test_every_command_is_understood(words: list[str]) -> None:
    build_parser(words[0]).parse_args(words)


# Networks of one's own are not there; pipes and watching, which need a shell or never end, and dry
# runs, which leave nothing, are run in test_batch.py; clusters in tests/cluster.
ELSEWHERE = {"--model", "-", "--watch", "--dry-run", "--cluster"}


@pytest.mark.parametrize(
    "words",
    once([w for w in commands() if w[0] == "remove" and not ELSEWHERE & set(w)]),
    ids=" ".join,
)
def test_every_removal_works(words: list[str], desk: Path) -> None:
    before = {path for path in desk.rglob("*") if path.is_file()}
    assert main([*words, "--quiet"]) == 0
    made = {path for path in desk.rglob("*") if path.is_file()} - before
    results = {path for path in made if not path.name.startswith((".", "figureground-"))}
    named = after(words, "-o")
    if named is not None and Path(named).suffix and not named.endswith("/"):
        assert desk / named in results
    assert results
    for path in results:
        check_result(path, words)


def check_result(path: Path, words: list[str]) -> None:
    """Make sure that a result holds pixels, some of them seen and, of a cutout, some not."""
    assert path.stat().st_size > 0
    if path.suffix in {".mp4", ".webm", ".mov", ".mkv"}:
        with av.open(str(path)) as video:
            assert sum(1 for _ in video.decode(video=0)) > 0
        return
    with Image.open(path) as image:
        low, high = image.convert("L").getextrema()
        if "cutout" in path.name and "--background" not in words:
            assert image.convert("RGBA").getchannel("A").getextrema() == (0, 255)
        assert low < high


def test_the_python_examples_run(desk: Path) -> None:
    for block in blocks(ROOT / "README.md", "python"):
        exec(compile(block, "README.md", "exec"), {})
    assert (desk / "photo.png").is_file()


@pytest.mark.parametrize(
    ("page", "result"),
    [("images.md", "person.png"), ("index.md", "photo.png"), ("readers/engineer.md", None)],
)
def test_the_python_examples_of_guides_run(page: str, result: str | None, desk: Path) -> None:
    for block in blocks(ROOT / "docs" / page, "python"):
        names: dict[str, Any] = {}
        exec(compile(block, page, "exec"), names)
    if result is None:
        assert bytes(names["answer"]).startswith(b"\x89PNG")
    else:
        assert (desk / result).is_file()


def test_the_examples_in_the_interface_tell_the_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    tried = doctest.testmod(remover)
    assert tried.attempted >= 6 and not tried.failed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_and_images_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} points to {target}"


@pytest.mark.parametrize("page", NOTES, ids=lambda page: page.name)
def test_links_of_notes_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} points to {target}"


def test_every_note_is_in_the_index_with_its_question_and_answer() -> None:
    index = (ROOT / "docs" / "lab" / "README.md").read_text("utf-8")
    notes = [page for page in NOTES if page.name != "README.md"]
    assert [page.name for page in notes if f"({page.name})" not in index] == []
    for page in notes:
        text = page.read_text("utf-8")
        assert re.match(r"\d{4}-\d\d-\d\d-", page.name)
        assert "**Question.**" in text and "**Answer.**" in text


def test_lines_and_guides_are_short() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    long = [
        f"{page.name}:{number}"
        for page in pages
        for number, line in enumerate(page.read_text("utf-8").splitlines(), 1)
        if len(line) > LONGEST_LINE
    ]
    assert long == []
    assert len((ROOT / "CHANGELOG.md").read_text("utf-8").splitlines()) <= LONGEST_CHANGELOG
    assert [p.name for p in PAGES if len(p.read_text("utf-8").splitlines()) > LONGEST_GUIDE] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_video_is_called_video(page: Path) -> None:
    assert BANNED.findall(prose(page)) == []
