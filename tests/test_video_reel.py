"""Films as animations."""

from pathlib import Path

import numpy as np
import pytest
from films import GREEN_AT, SKIN, Redness, make_film
from PIL import Image

from figureground.jobs.clip import Clip, remove_clip
from figureground.jobs.clip_look import GREEN, ClipLook
from figureground.media.animation import read_frames


@pytest.mark.parametrize("name", ["a.webp", "a.gif", "a.png"])
@pytest.mark.parametrize("kind", ["cutout", "composite"])
def test_an_animation_shows_the_person_in_time(tmp_path: Path, name: str, kind: str) -> None:
    times = [0, 3000, 6000, 9000, 18_000]  # thirds of a tenth of a second
    film = make_film(tmp_path / "film.mp4", times=times)
    clip = Clip(source=film, target=tmp_path / name, look=ClipLook(kind=kind))
    assert remove_clip(clip, Redness()).notes == ["an animation holds no sound"]
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
        np.testing.assert_allclose(rgba[GREEN_AT][:3].astype(int), GREEN, atol=14)
