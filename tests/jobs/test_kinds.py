"""One table of kinds: a row says how an image and how a frame becomes it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from videos import Redness, frames_of, make_video

from figureground.errors import StyleError, UsageError
from figureground.jobs import drawing, frame_drawing
from figureground.jobs.kinds import OUTPUTS, Kind, parse_kinds, video_kinds
from figureground.jobs.remover import remove
from figureground.jobs.video import VideoTask, convert_video
from figureground.jobs.video_style import VideoStyle


@pytest.fixture
def negative(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind that figureground does not know, as one row and its two functions."""

    def of_image(cutout: Any, style: object) -> np.ndarray:
        return 255 - np.asarray(cutout.original.rgb)

    def of_frame(matted: frame_drawing.MattedFrame) -> frame_drawing.Drawn:
        planes, studio = matted.frame.planes, matted.studio
        turned = studio.to_planes(255 - studio.to_rgb(planes))
        return frame_drawing.Drawn(planes=turned, alpha=None)

    monkeypatch.setattr(drawing, "draw_negative", of_image, raising=False)
    monkeypatch.setattr(frame_drawing, "draw_negative", of_frame, raising=False)
    row = Kind(image="draw_negative", frame="draw_negative")
    monkeypatch.setitem(OUTPUTS, "negative", row)


@pytest.mark.usefixtures("negative")
def test_a_new_kind_is_one_row(tmp_path: Path) -> None:
    pixels = np.full((20, 20, 3), (200, 100, 50), np.uint8)
    remove(pixels, kind="negative").save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        assert image.getpixel((5, 5)) == (55, 155, 205)
    assert parse_kinds("mask,negative") == ("mask", "negative")


@pytest.mark.usefixtures("negative")
def test_a_new_kind_is_one_of_videos_too(tmp_path: Path) -> None:
    source, target = make_video(tmp_path / "a.mp4", sound=None), tmp_path / "b.mp4"
    style = VideoStyle(kind="negative")
    convert_video(VideoTask(source=source, target=target, look=style), Redness())
    for before, after in zip(frames_of(source), frames_of(target), strict=True):
        assert abs(255 - before.astype(int) - after).mean() < 4
    assert "negative" in video_kinds()


def test_without_its_row_a_kind_is_not_known() -> None:
    with pytest.raises(StyleError, match="no output 'negative'"):
        parse_kinds("negative")
    with pytest.raises(UsageError, match="a video becomes one of composite, cutout, mask"):
        VideoStyle(kind="trimap")


@pytest.mark.parametrize("kind", OUTPUTS.values(), ids=OUTPUTS)
def test_what_a_row_names_is_there(kind: Kind) -> None:
    assert callable(getattr(drawing, kind.image))
    assert kind.frame is None or callable(getattr(frame_drawing, kind.frame))
