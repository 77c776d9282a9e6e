"""Which images are found, and what their results are called."""

from collections.abc import Callable
from pathlib import Path

import pytest

from figureground.errors import FileError, ImageError, UsageError
from figureground.media.naming import plan
from figureground.media.paths import read_list
from figureground.media.walk import Found, Search, find_inputs

Draw = Callable[..., Path]
KINDS = ("cutout", "mask")


def find_images(inputs: list[Path], **search: object) -> list[Found]:
    return find_inputs(inputs, Search(**search)).images


def names(found) -> list[str]:
    return [item.path.name for item in found]


def test_folders_are_searched_and_results_hidden_and_other_files_passed_over(
    draw: Draw, tmp_path: Path
) -> None:
    for name in ("b.jpg", "a.png", "sub/c.png", "b.cutout.png", "b.mask.png", ".hidden.png"):
        draw(name)
    (tmp_path / "notes.txt").write_text("x")
    assert names(find_images([tmp_path], image_kinds=KINDS)) == ["a.png", "b.jpg", "c.png"]


def test_a_file_that_is_named_is_always_taken(draw: Draw) -> None:
    path = draw("b.cutout.png")
    assert names(find_images([path, path], image_kinds=KINDS)) == ["b.cutout.png"]


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="no images in the folder"):
        find_images([tmp_path], image_kinds=KINDS)


def test_results_lie_beside_their_images_or_mirrored_below_a_folder(
    draw: Draw, tmp_path: Path
) -> None:
    draw("in/a.jpg"), draw("in/sub/b.jpg")
    found = find_images([tmp_path / "in"], image_kinds=KINDS)
    beside = plan(found, out=None, suffixes={"cutout": ".png", "mask": ".png"})
    assert beside[0].targets == {
        "cutout": tmp_path / "in" / "a.cutout.png",
        "mask": tmp_path / "in" / "a.mask.png",
    }
    mirrored = plan(found, out=tmp_path / "out", suffixes={"cutout": ".png"})
    assert mirrored[1].targets["cutout"] == tmp_path / "out" / "sub" / "b.cutout.png"


def test_images_that_differ_in_their_endings_keep_them(draw: Draw, tmp_path: Path) -> None:
    draw("a.jpg"), draw("a.png")
    tasks = plan(find_images([tmp_path], image_kinds=KINDS), out=None, suffixes={"cutout": ".png"})
    assert [task.targets["cutout"].name for task in tasks] == [
        "a.jpg.cutout.png", "a.png.cutout.png"
    ]  # fmt: skip


def test_an_input_is_never_replaced(draw: Draw, tmp_path: Path) -> None:
    found = find_images([draw("a.jpg"), draw("a.cutout.png")], image_kinds=KINDS)
    with pytest.raises(UsageError, match="would be replaced"):
        plan(found, out=None, suffixes={"cutout": ".png"})


def test_same_names_from_two_folders_do_not_collide_silently(draw: Draw, tmp_path: Path) -> None:
    found = find_images([draw("one/a.jpg"), draw("two/a.jpg")], image_kinds=KINDS)
    tasks = plan(found, out=None, suffixes={"cutout": ".png"})
    assert tasks[0].targets != tasks[1].targets
    with pytest.raises(UsageError, match="would both become"):
        plan(found, out=tmp_path / "out", suffixes={"cutout": ".png"})


def test_patterns_are_expanded_and_filtered_like_folders(draw: Draw, tmp_path: Path) -> None:
    for name in ("in/b.jpg", "in/sub/a.jpg", "in/b.cutout.png", "in/.hidden/c.jpg"):
        draw(name)
    found = find_images([tmp_path / "in" / "**" / "*"], image_kinds=KINDS)
    assert names(found) == ["b.jpg", "a.jpg"]
    assert {Path(item.root) for item in found} == {tmp_path / "in"}
    with pytest.raises(ImageError, match=r"no images that fit .*\*\.bmp"):
        find_images([tmp_path / "*.bmp"], image_kinds=KINDS)


def test_a_name_with_brackets_is_a_name_where_there_is_such_a_file(draw: Draw) -> None:
    path = draw("photo[1].jpg")
    assert names(find_images([path], image_kinds=KINDS)) == ["photo[1].jpg"]


def test_endings_are_known_in_capitals(draw: Draw, tmp_path: Path) -> None:
    draw("A.JPG"), draw("B.CUTOUT.PNG")
    assert names(find_images([tmp_path], image_kinds=KINDS)) == ["A.JPG"]


def test_an_image_that_is_named_twice_is_found_once(draw: Draw, tmp_path: Path) -> None:
    path = draw("a.jpg")
    assert names(find_images([tmp_path, path, tmp_path / "*.jpg"], image_kinds=KINDS)) == ["a.jpg"]


def test_a_list_names_paths_relative_to_itself(draw: Draw, tmp_path: Path) -> None:
    path = draw("in/a b.jpg")
    (tmp_path / "list.txt").write_text(f"in/a b.jpg\n\n{path}\n", encoding="utf-8-sig")
    assert read_list(tmp_path / "list.txt") == [path, path]


def test_an_empty_or_missing_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("\n")
    with pytest.raises(FileError, match="is empty"):
        read_list(tmp_path / "list.txt")
    with pytest.raises(FileError, match="cannot read the list"):
        read_list(tmp_path / "none.txt")


def test_a_second_run_takes_no_results_of_the_first(draw: Draw, tmp_path: Path) -> None:
    draw("a.jpg"), draw("a.png")
    first = plan(find_images([tmp_path], image_kinds=KINDS), out=None, suffixes={"cutout": ".png"})
    for task in first:
        task.targets["cutout"].write_bytes(task.source.read_bytes())
    again = plan(find_images([tmp_path], image_kinds=KINDS), out=None, suffixes={"cutout": ".png"})
    assert list(again) == list(first)


def test_names_that_differ_only_in_case_keep_their_endings(draw: Draw, tmp_path: Path) -> None:
    draw("a.jpg"), draw("A.png")
    tasks = plan(find_images([tmp_path], image_kinds=KINDS), out=None, suffixes={"cutout": ".png"})
    assert {task.targets["cutout"].name.lower() for task in tasks} == {
        "a.jpg.cutout.png", "a.png.cutout.png"
    }  # fmt: skip


def test_an_ending_that_is_kept_makes_no_new_collision(draw: Draw, tmp_path: Path) -> None:
    draw("a.jpg"), draw("a.png"), draw("a.jpg.webp")
    tasks = plan(find_images([tmp_path], image_kinds=KINDS), out=None, suffixes={"cutout": ".png"})
    assert len({task.targets["cutout"] for task in tasks}) == 3


def test_a_hard_link_to_an_input_is_not_written_over(draw: Draw, tmp_path: Path) -> None:
    path = draw("a.jpg")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.cutout.png").hardlink_to(path)
    with pytest.raises(UsageError, match="would be replaced"):
        plan(
            find_images([path], image_kinds=KINDS),
            out=tmp_path / "out",
            suffixes={"cutout": ".png"},
        )


def test_images_of_a_list_keep_their_folders_and_never_leave_the_results(draw: Draw) -> None:
    first, second = draw("lists/a/1.jpg"), draw("lists/b/1.jpg")
    outside = draw("1.jpg")
    below = first.parent.parent
    named = [first, second, below / ".." / outside.name]
    tasks = plan(
        find_images(named, image_kinds=[], below=below),
        out=Path("out"),
        suffixes={"mask": ".png"},
    )
    assert [task.targets["mask"] for task in tasks] == [
        Path("out/a/1.mask.png"), Path("out/b/1.mask.png"), Path("out/1.mask.png")
    ]  # fmt: skip


def test_a_list_names_urls_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("s3://shop/raw/a.jpg\nb.jpg\n")
    listed = read_list(tmp_path / "list.txt")
    assert listed == [Path("s3://shop/raw/a.jpg"), tmp_path / "b.jpg"]


def test_a_url_keeps_no_folders_below_a_list() -> None:
    (task,) = plan(find_images([Path("memory://shop/a.jpg")], image_kinds=[], below=Path()),
                   out=Path("out"), suffixes={"mask": ".png"})  # fmt: skip
    assert task.targets["mask"] == Path("out/a.mask.png")
