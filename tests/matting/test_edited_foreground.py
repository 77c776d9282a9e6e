"""The person's colours where the outline was changed, or was there already."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from mixtures import scene

from figureground.arrays import Alpha
from figureground.jobs.drawing import reshape
from figureground.jobs.outputs import write_outputs
from figureground.jobs.remover import Cutout
from figureground.jobs.style import Style
from figureground.jobs.video_style import VideoCompositor, VideoStyle
from figureground.matting.edited_foreground import edited_foreground
from figureground.matting.foreground import estimate_foreground
from figureground.matting.roi import RoiMatte
from figureground.matting.roi_tracking import whole_frame
from figureground.matting.yuv_compositing import edge_colors, foreground_planes
from figureground.media.formats import Encoding
from figureground.media.images import read_image
from figureground.media.naming import Task
from figureground.media.video_color import Coding, planes_of

OUTLINES: dict[str, Callable[[Alpha], Alpha]] = {
    "hard": lambda alpha: reshape(alpha, Style(threshold=0.3)),
    "soft": lambda alpha: reshape(alpha, Style(feather=4.0)),
    "wide": lambda alpha: reshape(alpha, Style(grow=6)),
}


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("outline", OUTLINES)
def test_another_outline_shows_the_person_and_no_wall(outline: str, kind: type) -> None:
    mixed, alpha, person = scene(kind)
    shown = OUTLINES[outline](alpha)
    colors = edited_foreground(mixed, alpha, shown=shown, opacity=None)
    seen = (shown > 0.1) & (alpha < 1)
    before, after = (np.abs(made.astype(float) - person)[seen].mean() for made in (mixed, colors))
    assert after < 0.3 * before
    assert not colors[shown == 0].any()
    np.testing.assert_array_equal(colors[alpha == 1], mixed[alpha == 1])


def test_what_was_cut_out_before_has_its_colours_already() -> None:
    mixed, alpha, _ = scene()
    opacity = np.where(np.arange(90)[:, None] < 45, alpha, 1).astype(np.float32)
    colors = edited_foreground(mixed, alpha * opacity, shown=None, opacity=opacity)
    clean = (opacity < 1) & (alpha > 0)
    np.testing.assert_array_equal(colors[clean], mixed[clean])
    estimated = estimate_foreground(mixed, alpha * opacity)
    np.testing.assert_array_equal(colors[~clean], estimated[~clean])
    found = Cutout(
        original=read_image(np.dstack([mixed, np.rint(opacity * 255).astype(np.uint8)])),
        alpha=alpha * opacity,
    )
    np.testing.assert_array_equal(found.foreground[clean], mixed[clean])


def test_results_have_the_outline_asked_for_and_the_colours_found(tmp_path: Path) -> None:
    mixed, alpha, person = scene()
    cutout = Cutout(original=read_image(mixed), alpha=alpha)
    assert cutout.outlined(cutout.alpha) is cutout
    task = Task(source=Path("a.png"), targets={"cutout": tmp_path / "a.png"})
    write_outputs(cutout, task, Style(threshold=0.4), Encoding())
    made = read_image(tmp_path / "a.png")
    assert made.alpha is not None
    np.testing.assert_array_equal(made.alpha, alpha >= 0.4)
    edge = (alpha >= 0.4) & (alpha < 1)
    before, after = (
        np.abs(pixels.astype(float) - person)[edge].mean() for pixels in (mixed, made.pixels)
    )
    assert after < 0.3 * before


@pytest.mark.parametrize("edge", [Style(threshold=0.3), Style(grow=6)])
def test_videos_of_another_outline_keep_the_colours_found(edge: Style) -> None:
    mixed, alpha, _ = scene()
    coding = Coding(matrix=1, full=False, primaries=1, transfer=1)
    video_job = SimpleNamespace(size=alpha.shape, given=coding, layout="yuv444p")
    frame = SimpleNamespace(planes=planes_of(mixed, coding, layout="yuv444p"))
    matte = RoiMatte(alpha=alpha, part=whole_frame(alpha.shape), frame=alpha.shape)
    shown = reshape(alpha, edge)
    found = foreground_planes(frame.planes, alpha, edge_colors(frame.planes, matte))
    for kind in ("composite", "cutout"):
        with VideoCompositor(VideoStyle(kind=kind, edge=edge), video_job) as painter:
            drawn = painter.paint(frame, matte)
        for made, own in zip(drawn.planes.all, found.all, strict=True):
            np.testing.assert_array_equal(made[shown == 1], own[shown == 1])
    np.testing.assert_array_equal(drawn.alpha, shown)
