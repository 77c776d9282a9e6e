"""A network's doubts of masks are told, and what is sound is listed."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from imports import HEAVY, loaded_by
from labelled import add, found_in, kinds, person, scene
from PIL import Image

from figureground.cli import data_check, main
from figureground.datasets.check import Finding, Inspected, inspect, judge, suspect_pairs
from figureground.datasets.label_issues import label_issues
from figureground.datasets.manifest import write_manifest
from figureground.datasets.pairs import Pair, find_pairs
from figureground.media.images import read_image

SHAPE = (200, 300)


def drawn(*boxes: tuple[int, int, int, int], level: float = 1) -> np.ndarray:
    """A matte of boxes: top, left, rows, columns."""
    alpha = np.zeros(SHAPE, np.float32)
    for top, left, rows, columns in boxes:
        alpha[top : top + rows, left : left + columns] = level
    return alpha


def told(mask: np.ndarray, alpha: np.ndarray) -> dict[str, str]:
    return {kind: words for kind, (_, words) in label_issues(mask, alpha).items()}


def as_mask(alpha: np.ndarray) -> np.ndarray:
    return np.rint(255 * alpha).astype(np.uint8)


SOMEBODY = (50, 50, 100, 60)
MASK = as_mask(drawn(SOMEBODY))
BESIDE = (60, 200, 60, 30)  # 3 % of the image


def test_a_matte_with_a_soft_edge_a_little_off_agrees() -> None:
    assert label_issues(MASK, cv2.GaussianBlur(drawn((52, 48, 100, 62)), (0, 0), 3)) == {}


def test_a_matte_of_somebody_else_contradicts() -> None:
    assert told(MASK, drawn((50, 50, 57, 60))) == {"contradicted": "IoU 0.57"}
    assert told(MASK, drawn((50, 50, 81, 60))) == {}
    assert told(MASK, drawn()) == {"contradicted": "IoU 0.00"}


def test_more_people_are_told_with_their_share() -> None:
    alpha = np.maximum(drawn(SOMEBODY), drawn(BESIDE, level=0.9))
    assert told(MASK, alpha) == {
        "contradicted": "IoU 0.77", "more-people": "3.0 % of the image",
    }  # fmt: skip
    assert label_issues(MASK, alpha)["more-people"][0] == pytest.approx(0.03)  # how grave it is
    assert label_issues(as_mask(drawn()), drawn(BESIDE)).keys() == {"contradicted", "more-people"}
    a_small_one = drawn(SOMEBODY, (60, 200, 20, 10))
    assert told(MASK, a_small_one) == {"more-people": "0.3 % of the image"}


@pytest.mark.parametrize(
    "alpha",
    [
        drawn(SOMEBODY, (50, 110, 100, 4)),  # a mask that is a little tight
        np.maximum(drawn(SOMEBODY), drawn((130, 110, 20, 80), level=0.65)),  # a shadow
        drawn(SOMEBODY, *[(20 * n, 200, 9, 9) for n in range(9)]),  # specks
        np.maximum(drawn(SOMEBODY), drawn(BESIDE, level=0.7)),  # the network only wonders
    ],
)
def test_edges_shadows_specks_and_guesses_are_no_more_people(alpha: np.ndarray) -> None:
    assert "more-people" not in label_issues(MASK, alpha)


def test_nobody_in_mask_and_matte_is_fine() -> None:
    assert label_issues(as_mask(drawn()), drawn()) == {}
    assert label_issues(as_mask(drawn((0, 0, 9, 9))), drawn((150, 150, 5, 5))) == {}
    assert label_issues(np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.float32)) == {}


class Bright:
    """A network for which whatever is bright is somebody."""

    size = (64, 64)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        return (image.mean(axis=2) > 0.7).astype(np.float32)

    def resized(self, size: tuple[int, int]) -> "Bright":
        return self


def lit(seed: int, *people: np.ndarray) -> np.ndarray:
    """A dark scene with bright people."""
    image = scene(seed) // 3
    for mask in people:
        image[mask > 0] = 250
    return image


@pytest.fixture
def doubtful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Right masks; one of too much, one that lacks somebody, one that is all person; twins."""
    monkeypatch.setattr(data_check, "_open", lambda model: Bright())
    folder = tmp_path / "set"
    somebody = person()
    other = np.roll(somebody, 23, axis=1) * (np.indices(somebody.shape)[0] < 40)
    add(folder, "a right", lit(0, somebody), somebody)
    add(folder, "b wrong", lit(1, somebody), np.maximum(somebody, other))
    add(folder, "c lacking", lit(2, somebody, other), somebody)
    add(folder, "d full", lit(3, somebody), np.full_like(somebody, 255))
    add(folder, "e right", lit(4, somebody), somebody)
    add(folder, "f small", lit(5, somebody), somebody[::2, ::2])
    add(folder, "g again", lit(4, somebody), somebody)
    add(folder, "h nobody", lit(6), somebody * 0)
    return folder


def test_the_command_asks_the_network(doubtful: Path) -> None:
    report = found_in(doubtful, "--model", "any")
    found = kinds(report)
    assert found["contradicted"] == ["d full", "b wrong", "c lacking"]  # the worst first
    assert found["more-people"] == ["c lacking"]
    assert {f["level"] for f in report["findings"]} == {"warning"}
    before = kinds(found_in(doubtful))
    assert found == before | {kind: found[kind] for kind in ("contradicted", "more-people")}
    assert before["duplicate"] == ["e right"] and "contradicted" not in before


def test_what_does_not_fit_is_not_shown_to_the_network(doubtful: Path) -> None:
    one = find_pairs(doubtful)[1]
    Image.fromarray(person().T).save(one.mask)
    assert [finding.kind for finding in inspect(one, engine=Bright()).findings] == ["size"]
    one.image.write_bytes(b"no")
    assert [f.kind for f in inspect(one, engine=Bright()).findings] == ["bad-image"]


@pytest.mark.parametrize(("options", "more"), [(["--model", "any"], []), ([], ["b", "c"])])
@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_what_is_sound_is_a_manifest(
    doubtful: Path, options: list[str], more: list[str], ending: str, capsys
) -> None:
    out = doubtful.parent / "lists" / f"sound{ending}"
    (doubtful / "images/y.png").write_bytes(b"no")
    Image.fromarray(person()).save(doubtful / "masks/y.png")
    add(doubtful, "z two", scene(9), person())
    Image.fromarray(scene(10)).save(doubtful / "images/z two.bmp")
    assert main(["data", "check", str(doubtful), *options, "--sound", str(out)]) == 1
    pairs = find_pairs(out)
    assert [pair.name[0] for pair in pairs] == sorted(["a", "e", "f", "h", *more])
    assert {pair.image for pair in pairs} < {*(doubtful / "images").iterdir()}
    assert f"{out}: {len(pairs)} of 10 pairs\n" in capsys.readouterr().out


def test_of_duplicates_the_first_sound_one_stays(doubtful: Path) -> None:
    first = doubtful / "masks/e right.png"
    Image.fromarray(np.roll(person(), 9, axis=1)).save(first)
    out = doubtful.parent / "sound.csv"
    found_in(doubtful, "--model", "any", "--sound", str(out))
    assert [pair.name[0] for pair in find_pairs(out)] == ["a", "f", "g", "h"]


@pytest.mark.parametrize(
    ("kind", "doubted"), [("contradicted", True), ("more-people", True), ("faint", False)]
)
def test_either_doubt_is_listed_and_nothing_else(kind: str, doubted: bool) -> None:
    pair = Pair(name="a", image=Path("a.png"), mask=Path("a.png"))
    finding = Finding(kind=kind, name="a")
    one = Inspected(pair=pair, size=None, print=None, kind=None, findings=(finding,))
    assert suspect_pairs(judge([], [one])) == ([pair] if doubted else [])


def test_what_is_doubted_is_a_manifest(doubtful: Path, capsys) -> None:
    sound, doubted = doubtful.parent / "sound.csv", doubtful.parent / "doubted.csv"
    lists = ["--sound", str(sound), "--doubted", str(doubted)]
    found_in(doubtful, "--model", "any", *lists)
    assert [pair.name[0] for pair in find_pairs(doubted)] == ["b", "c", "d"]
    assert main(["data", "check", str(doubtful), "-q", "--doubted", str(doubted)]) == 2
    assert "give --model too" in capsys.readouterr().err
    same = ["--sound", str(sound), "--doubted", str(sound), "--model", "any"]
    assert main(["data", "check", str(doubtful), "-q", *same]) == 2
    assert "written already" in capsys.readouterr().err
    none = doubtful.parent / "none.csv"
    clean = ["data", "check", str(sound), "-q", "--model", "any", "--doubted", str(none)]
    assert main(clean) == 1
    assert "none of 4 pairs is doubted" in capsys.readouterr().err and not none.exists()


def test_names_of_two_files_are_not_sound_in_several_sets_either(doubtful: Path) -> None:
    Image.fromarray(scene(10)).save(doubtful / "images/a right.bmp")
    add(doubtful.parent / "more", "a right", scene(20), person())
    out = doubtful.parent / "sound.csv"
    places = [str(doubtful), str(doubtful.parent / "more")]
    assert main(["data", "check", *places, "-q", "--sound", str(out)]) == 1
    assert [pair.name for pair in find_pairs(out) if "a right" in pair.name] == [
        "more/images/a right"
    ]


def test_sound_lists_that_cannot_be_are_refused(doubtful: Path, capsys) -> None:
    given = doubtful.parent / "given.csv"
    write_manifest([(p.image, p.mask) for p in find_pairs(doubtful)], given)
    before = given.read_bytes()
    assert main(["data", "check", str(given), "-q", "--sound", str(given)]) == 2
    assert "would write over" in capsys.readouterr().err and given.read_bytes() == before
    assert main(["data", "check", str(doubtful), "-q", "--sound", "sound.txt"]) == 2
    assert "ends in .csv or .jsonl" in capsys.readouterr().err
    full, out = doubtful.parent / "full", doubtful.parent / "sound.csv"
    add(full, "a", scene(0), np.full_like(person(), 255))
    assert main(["data", "check", str(full), "-q", "--sound", str(out)]) == 1
    assert "none of 1 pair is sound" in capsys.readouterr().err and not out.exists()


def test_a_network_that_ships_tells_right_from_wrong_and_loads_no_tensorflow(
    tmp_path: Path, astronaut: Path
) -> None:
    rgb = cv2.resize(read_image(astronaut).rgb, (160, 160), interpolation=cv2.INTER_AREA)
    right = np.zeros(rgb.shape[:2], np.uint8)
    cv2.ellipse(right, (70, 35), (22, 32), 0, 0, 360, 255, -1)  # her head
    cv2.ellipse(right, (58, 150), (58, 98), 0, 0, 360, 255, -1)  # her suit
    add(tmp_path / "set", "right", rgb, right)
    add(tmp_path / "set", "wrong", rgb[:, ::-1], right)
    report = tmp_path / "report.json"
    command = ["data", "check", str(tmp_path / "set"), "-q", "--model", "lite-int8"]
    command += ["--json"]
    loaded = loaded_by(
        "from contextlib import redirect_stdout\nfrom figureground.cli import main\n"
        f"with open({str(report)!r}, 'w') as file, redirect_stdout(file): main({command!r})"
    )
    assert kinds(json.loads(report.read_text()))["contradicted"] == ["wrong"]
    assert "ai_edge_litert.interpreter" in loaded and not HEAVY & loaded
