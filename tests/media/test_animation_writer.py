"""Videos as animations."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from videos import GREEN_AT, SKIN, Redness, make_video

from figureground.jobs.video import VideoTask, convert_video
from figureground.jobs.video_style import CHROMA_GREEN, VideoStyle
from figureground.media.animation import read_frames
from figureground.media.formats import VideoEncoding


@pytest.mark.parametrize("name", ["a.webp", "a.gif", "a.png", "a.avif"])
@pytest.mark.parametrize("kind", ["cutout", "composite"])
def test_an_animation_shows_the_person_in_time(tmp_path: Path, name: str, kind: str) -> None:
    times = [0, 3000, 6000, 9000, 18_000]  # thirds of a tenth of a second
    video = make_video(tmp_path / "video.mp4", times=times)
    video_job = VideoTask(source=video, target=tmp_path / name, look=VideoStyle(kind=kind))
    assert convert_video(video_job, Redness()).notes == ["an animation holds no sound"]
    frames = list(read_frames(tmp_path / name))
    assert len(frames) == 5
    exact = name != "a.gif"  # which counts in hundredths, and must not drift
    shown = [frame.milliseconds for frame in frames[:4]]
    assert sum(shown) == pytest.approx(200, abs=1 if exact else 5)
    assert shown == pytest.approx([33, 33, 33, 100], abs=1 if exact else 10)
    with Image.open(tmp_path / name) as image:
        image.seek(3)
        rgba = np.asarray(image.convert("RGBA"))
    np.testing.assert_allclose(rgba[24, 26, :3].astype(int), SKIN, atol=14)
    if kind == "cutout":
        assert rgba[GREEN_AT][3] == 0 and rgba[24, 26, 3] == 255
    else:
        np.testing.assert_allclose(rgba[GREEN_AT][:3].astype(int), CHROMA_GREEN, atol=14)


def shown(video: Path, target: Path, **options) -> tuple[list[float], list[str]]:
    """How long each frame of an animation is shown, milliseconds, and the notes."""
    video_job = VideoTask(source=video, target=target, look=VideoStyle(kind="cutout"), **options)
    notes = convert_video(video_job, Redness()).notes
    return [frame.milliseconds for frame in read_frames(target)], notes


@pytest.mark.parametrize("name", ["a.webp", "a.gif", "a.avif"])
def test_the_last_frame_lasts_as_long_as_the_one_before(tmp_path: Path, name: str) -> None:
    times = [i * 3000 for i in range(15)]
    video = make_video(tmp_path / "video.mp4", times=times, sound=None, rate=30)
    tenths = VideoEncoding(rate=Fraction(10))
    assert shown(video, tmp_path / name, encoding=tenths) == ([100] * 5, [])
    assert shown(video, tmp_path / name, every=3) == ([100] * 5, [])


def test_a_gif_has_no_frames_that_browsers_slow_down(tmp_path: Path) -> None:
    video = make_video(tmp_path / "video.mp4", times=[i * 1500 for i in range(24)], sound=None)
    times, notes = shown(video, tmp_path / "a.gif")
    assert times == [20] * 21  # of 60 frames a second, 50
    assert notes == ["frames are left out, since such animations show at most 50 a second"]
    assert len(shown(video, tmp_path / "a.webp")[0]) == 24
