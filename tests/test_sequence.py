"""Numbered pictures as a video."""

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from films import SKIN, Redness, draw, frames_of, times_of

from figureground.cli import main
from figureground.errors import VideoError
from figureground.jobs.clip import Clip, remove_clip
from figureground.jobs.clip_look import GREEN, ClipLook


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures 0007.png to 0011.png in a folder whose name needs care."""
    folder = tmp_path / "some [frames]"
    folder.mkdir()
    for number in range(5):
        cv2.imwrite(str(folder / f"{number + 7:04}.png"), draw(number)[..., ::-1])
    return folder


@pytest.mark.parametrize("name", ["", "%04d.png"])
def test_pictures_become_a_film_at_the_rate_that_is_asked_for(
    folder: Path, tmp_path: Path, name: str
) -> None:
    source = folder / name if name else folder
    clip = Clip(source=source, target=tmp_path / "a.mp4", look=ClipLook(), pictures=Fraction(10))
    assert remove_clip(clip, Redness()).frames == 5
    assert times_of(tmp_path / "a.mp4") == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    for number, rgb in enumerate(frames_of(tmp_path / "a.mp4")):
        np.testing.assert_allclose(rgb[24, 20 + 2 * number].astype(int), SKIN, atol=8)
        np.testing.assert_allclose(rgb[2, 60].astype(int), GREEN, atol=8)


def test_a_sequence_is_named_after_its_folder(folder: Path) -> None:
    assert main(["remove", str(folder), "--sequence", "--frames", "1", "-q"]) == 0
    result = folder.with_name("some [frames].composite.mp4")
    assert len(frames_of(result)) == 1
    result.unlink()
    assert main(["remove", str(folder / "%04d.png"), "--fps", "5", "--frames", "2", "-q"]) == 0
    assert times_of(result) == pytest.approx([0, 0.2])


def test_no_pictures_or_several_kinds_are_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "a.jpg").write_bytes(b"")
    for source, words in ((folder, "of one kind"), (folder / "x%d.png", "no pictures")):
        with pytest.raises(VideoError, match=words):
            remove_clip(Clip(source=source, target=tmp_path / "a.mp4", look=ClipLook()), Redness())


def test_a_number_that_is_left_out_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / "0009.png").unlink()
    (folder / "13.png").write_bytes(b"")  # its number has not four digits
    with pytest.raises(VideoError, match=r"from 7 to 11, number 9 is not there; .*--sequence"):
        remove_clip(Clip(source=folder / "%04d.png", target=tmp_path / "a.mp4", look=ClipLook()),
                    Redness())  # fmt: skip
