"""Which pictures are found, and what their results are called."""

from collections.abc import Callable
from pathlib import Path

import pytest

from figureground.errors import PictureError
from figureground.media.paths import find_pictures, plan

Draw = Callable[..., Path]
KINDS = ("cutout", "mask")


def names(found) -> list[str]:
    return [item.path.name for item in found]


def test_folders_are_searched_and_results_hidden_and_other_files_passed_over(
    draw: Draw, tmp_path: Path
) -> None:
    for name in ("b.jpg", "a.png", "sub/c.png", "b.cutout.png", "b.mask.png", ".hidden.png"):
        draw(name)
    (tmp_path / "notes.txt").write_text("x")
    assert names(find_pictures([tmp_path], kinds=KINDS)) == ["a.png", "b.jpg", "c.png"]


def test_a_file_that_is_named_is_always_taken(draw: Draw) -> None:
    path = draw("b.cutout.png")
    assert names(find_pictures([path, path], kinds=KINDS)) == ["b.cutout.png"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="no pictures in the folder"):
        find_pictures([tmp_path], kinds=KINDS)


def test_results_lie_beside_their_pictures_or_mirrored_below_a_folder(
    draw: Draw, tmp_path: Path
) -> None:
    draw("in/a.jpg"), draw("in/sub/b.jpg")
    found = find_pictures([tmp_path / "in"], kinds=KINDS)
    beside = plan(found, out=None, suffixes={"cutout": ".png", "mask": ".png"})
    assert beside[0].targets == {
        "cutout": tmp_path / "in" / "a.cutout.png",
        "mask": tmp_path / "in" / "a.mask.png",
    }
    mirrored = plan(found, out=tmp_path / "out", suffixes={"cutout": ".png"})
    assert mirrored[1].targets["cutout"] == tmp_path / "out" / "sub" / "b.cutout.png"


def test_pictures_that_differ_in_their_endings_keep_them(draw: Draw, tmp_path: Path) -> None:
    draw("a.jpg"), draw("a.png")
    tasks = plan(find_pictures([tmp_path], kinds=KINDS), out=None, suffixes={"cutout": ".png"})
    assert [task.targets["cutout"].name for task in tasks] == [
        "a.jpg.cutout.png", "a.png.cutout.png"
    ]  # fmt: skip


def test_an_input_is_never_replaced(draw: Draw, tmp_path: Path) -> None:
    found = find_pictures([draw("a.jpg"), draw("a.cutout.png")], kinds=KINDS)
    with pytest.raises(PictureError, match="would be replaced"):
        plan(found, out=None, suffixes={"cutout": ".png"})


def test_same_names_from_two_folders_do_not_collide_silently(draw: Draw, tmp_path: Path) -> None:
    found = find_pictures([draw("one/a.jpg"), draw("two/a.jpg")], kinds=KINDS)
    tasks = plan(found, out=None, suffixes={"cutout": ".png"})
    assert tasks[0].targets != tasks[1].targets
    with pytest.raises(PictureError, match="would both become"):
        plan(found, out=tmp_path / "out", suffixes={"cutout": ".png"})
