"""Odd videos come out as another reader sees them: frames, times, orientation, colours, sound."""

from pathlib import Path

import numpy as np
import pytest
from corpus_videos import Seen, VideoCase, has_ffmpeg, look, thumb, video_cases
from numbered import heard_at
from videos import convert

CASES = video_cases()
TARGETS = ("out.mp4", "out.mkv", "out.mov", "out.webm")
GAP = 10  # columns between the halves of a side-by-side
REORDERS = {"film.mpg", "b.avi", "gap.ts"}  # whose bare times another reader does not know


def compare(case: VideoCase, folder: Path, name: str, *, thorough: bool) -> None:
    """Convert a video, and look at the result and, thoroughly, at the source."""
    source, target = case.make(folder / "in"), folder / name
    outcome = convert(source, target, "side-by-side")
    assert (outcome.frames, outcome.damaged, outcome.missing) == (case.frames, 0, 0)
    seen, wanted = look(target), case.shown()
    assert len(seen.images) == case.frames
    times = [float(time / case.rate) for time in case.times]
    begin = seen.times[0]
    assert begin == pytest.approx(0, abs=0.025)  # Matroska begins with a packet of sound
    shown = [time - begin for time in seen.times[: len(times)]]
    assert shown == pytest.approx(times, abs=2e-3)
    assert seen.times == sorted(seen.times)
    check_images(case, seen, wanted)
    if thorough and has_ffmpeg() and case.name not in REORDERS and not case.twice:
        plain = look(source)
        assert len(plain.images) == case.frames
        check_images(case, plain, wanted)
    if case.sound:
        heard = [0.25 + case.sound_late] if source.suffix == ".avi" else heard_at(source)
        assert heard_at(target) == pytest.approx(heard, abs=1.6e-3)  # rounded to 1 ms, twice
        assert len(heard) == 1


def check_images(case: VideoCase, seen: Seen, wanted: list[np.ndarray]) -> None:
    """See that each frame shows what it should, where it should."""
    for number, (image, want) in enumerate(zip(seen.images, wanted, strict=True)):
        half = (image.shape[1] - GAP) // 2 if image.shape[1] > want.shape[1] + GAP else None
        own = image[: want.shape[0], :half]
        apart = thumb(own) - thumb(want)
        if case.tolerance > 255:  # grey: the middle tells the number
            apart = apart[3:5, 3:5]
        assert np.abs(apart).mean() < case.tolerance, f"frame {number}"
        assert np.abs(apart.mean(axis=(0, 1))).max() < 5, f"frame {number}: mean colour"


def names(cases: list[VideoCase]) -> list[str]:
    return [f"{case.kind}: {case.name}" for case in cases]


def test_there_are_sixty_kinds_of_videos() -> None:
    assert len(CASES) >= 60 and len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("number", range(0, len(CASES), 2), ids=names(CASES[::2]))
def test_an_odd_video_comes_out_as_it_is_shown(tmp_path: Path, number: int) -> None:
    compare(CASES[number], tmp_path, TARGETS[number // 2 % 4], thorough=False)


@pytest.mark.soak
@pytest.mark.parametrize("turn", [0, 1])
@pytest.mark.parametrize("number", range(len(CASES)), ids=names(CASES))
def test_every_odd_video_comes_out_as_it_is_shown(tmp_path: Path, number: int, turn: int) -> None:
    name = TARGETS[(number + 2 * turn + 1) % 4]
    compare(CASES[number], tmp_path, name, thorough=True)
