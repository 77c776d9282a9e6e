"""A frame's colours and matte."""

from dataclasses import replace
from functools import partial

import cv2
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter
from videos import Redness, alpha_of_frames, draw

from figureground.arrays import Rgb
from figureground.engines import open_engine
from figureground.matting import video_alpha
from figureground.matting.crop_refinement import Region
from figureground.matting.fixed_lag_smoother import rgb_view
from figureground.matting.roi import RoiMatte, open_video_engine, video_engine
from figureground.matting.roi_tracking import whole_frame
from figureground.matting.temporal_smoothing import (
    MAX_REUSE_DOUBT,
    MAX_SUMMED_DOUBT,
    MIN_DOUBT,
    TemporalState,
    WarpedMatte,
    warp_previous,
)
from figureground.matting.video_alpha import estimate_frame_alpha, refine_frame_alpha
from figureground.matting.yuv_compositing import (
    blurred_background,
    composite_planes,
    edge_colors,
    foreground_planes,
)
from figureground.media.planes import Planes
from figureground.media.video_color import Coding, planes_of, to_rgb
from figureground.models.shipped import find_model

CODING = Coding(matrix=1, full=False, primaries=1, transfer=1)


def soft_edge() -> np.ndarray:
    return np.tile(np.clip((np.arange(64) - 24) / 16, 0, 1).astype(np.float32), (48, 1))


def matte_of(alpha: np.ndarray) -> RoiMatte:
    return RoiMatte(alpha=alpha, part=whole_frame(alpha.shape), frame=alpha.shape)


def planes(rgb: np.ndarray, layout: str = "yuv444p") -> Planes:
    return planes_of(np.asarray(rgb, np.uint8), CODING, layout=layout)


def back(frame: Planes, layout: str = "yuv444p") -> np.ndarray:
    return to_rgb(frame, CODING, layout=layout).astype(int)


@pytest.mark.parametrize("layout", ["yuv444p", "yuv420p", "yuv444p10le"])
def test_colours_lose_the_background_and_go_on_beyond_the_person(layout: str) -> None:
    alpha = soft_edge()
    person, behind = np.array([200, 60, 40]), np.array([30, 90, 200])
    frame = planes(np.rint(alpha[..., None] * person + (1 - alpha[..., None]) * behind), layout)
    colors = foreground_planes(frame, alpha, edge_colors(frame, matte_of(alpha)))
    np.testing.assert_array_equal(colors.luma[alpha == 1], frame.luma[alpha == 1])
    rgb = back(frame, layout)
    before = np.abs(rgb[alpha < 1] - person).mean()
    assert np.abs(back(colors, layout)[alpha < 1] - person).mean() < before / 4


@pytest.mark.parametrize("bits", [8, 10])
def test_a_composite_is_the_colours_over_the_background(bits: int) -> None:
    layout = "yuv444p" if bits == 8 else "yuv444p10le"
    alpha, random = soft_edge(), np.random.default_rng(0)
    one, other = (planes(random.integers(40, 200, (48, 64, 3)), layout) for _ in range(2))
    around = edge_colors(one, matte_of(alpha))
    colors = foreground_planes(one, alpha, around)
    composite = composite_planes(one, matte_of(alpha), other, around)
    for made, own, new in zip(composite.all, colors.all, other.all, strict=True):
        expected = alpha * own + (1 - alpha) * new
        assert np.abs(made - expected).max() <= 1
        np.testing.assert_array_equal(made[alpha == 0], new[alpha == 0])


@pytest.mark.parametrize("layout", ["yuv444p", "yuv420p", "yuv444p10le"])
def test_a_part_is_painted_as_if_it_were_the_frame(layout: str) -> None:
    part, random = Region(top=4, left=6, bottom=40, right=58), np.random.default_rng(1)
    alpha = cv2.resize(random.random((9, 13)).astype(np.float32), part.size[::-1]).clip(0.2, 0.8)
    matte = RoiMatte(alpha=(alpha - 0.2) / 0.6, part=part, frame=(48, 64))
    one, other = (planes(random.integers(40, 200, (48, 64, 3)), layout) for _ in range(2))
    made = composite_planes(one, matte, other, edge_colors(one, matte))
    alone, there = one.part(*part.slices), matte_of(matte.alpha)
    expected = composite_planes(alone, there, other.part(*part.slices), edge_colors(alone, there))
    for plane, inside, beyond in zip(made.all, expected.all, other.all, strict=True):
        by = 1 if plane.shape == (48, 64) else 2
        rows, columns = slice(4 // by, 40 // by), slice(6 // by, 58 // by)
        np.testing.assert_array_equal(plane[rows, columns], inside)
        outside = np.ones(plane.shape, bool)
        outside[rows, columns] = False
        np.testing.assert_array_equal(plane[outside], beyond[outside])
    full = matte.full()
    np.testing.assert_array_equal(full[part.slices], matte.alpha)
    assert full.sum() == pytest.approx(matte.alpha.sum(), rel=1e-5)


def test_a_blurred_background_does_not_know_the_person() -> None:
    rgb = np.full((48, 64, 3), (30, 90, 200))
    alpha = np.rint(soft_edge())
    rgb[alpha > 0] = 220, 180, 150
    blurred = back(blurred_background(planes(rgb), alpha, radius=6))
    assert np.abs(blurred - (30, 90, 200)).max() <= 6


def test_a_large_frame_gets_a_matte_of_its_own_size() -> None:
    rgb = draw(0, (1000, 1400))
    alpha, memory = alpha_of_frames(rgb, Redness(), None)
    assert alpha.shape == (1000, 1400) and alpha.dtype == np.float32 and memory is not None
    assert alpha_of_frames(rgb, Redness(), None, smooth=False)[1] is None


def test_an_island_that_holds_nothing_sure_is_nobody() -> None:
    rgb = draw(0)
    rgb[4:20, 44:60] = 140, 105, 100  # red enough to wonder about
    assert 0.5 < Redness()(rgb[None, 10] / np.float32(255))[0, 50] < 0.7
    alpha, _ = alpha_of_frames(rgb, Redness(), None)
    assert alpha[24, 20] == 1 and not alpha[4:20, 44:60].any()


def test_most_frames_of_a_calm_video_do_without_the_network() -> None:
    class Counted(Redness):
        calls = 0

        def __call__(self, image: np.ndarray) -> np.ndarray:
            self.calls += 1
            return super().__call__(image)

    for smooth, calls in ((True, 2), (False, 14)):
        engine, memory = Counted(), None
        for _ in range(14):
            alpha, memory = alpha_of_frames(draw(0), engine, memory, smooth=smooth)
        assert engine.calls == calls
        assert alpha[24, 20] > 0.9


def test_what_doubt_there_is_adds_up_until_the_network_looks_again() -> None:
    seen, faded = np.full((32, 32, 3), 200, np.uint8), np.full((32, 32, 3), 197, np.uint8)
    memory = TemporalState(seen=seen, alpha=np.zeros((32, 32), np.float32))
    same, other = warp_previous(seen, memory), warp_previous(faded, memory)
    assert same.doubt == MIN_DOUBT and same.is_reusable(
        replace(memory, doubt=MAX_SUMMED_DOUBT - 2 * MIN_DOUBT)
    )
    assert not same.is_reusable(replace(memory, doubt=MAX_SUMMED_DOUBT - MIN_DOUBT))
    assert MIN_DOUBT < other.doubt < MAX_REUSE_DOUBT and other.is_reusable(memory)
    assert not other.is_reusable(replace(memory, doubt=MAX_SUMMED_DOUBT - MIN_DOUBT))
    much = warp_previous(np.full((32, 32, 3), 196, np.uint8), memory)
    assert MAX_REUSE_DOUBT < much.doubt < MAX_SUMMED_DOUBT and not much.is_reusable(memory)


def test_motion_is_searched_finely_only_where_it_is_in_doubt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searches: list[bool] = []

    def noted(seen: Rgb, memory: TemporalState, *, fine: bool = True) -> WarpedMatte | None:
        searches.append(fine)
        return warp_previous(seen, memory, fine=fine)

    monkeypatch.setattr(video_alpha, "warp_previous", noted)
    memory = None
    for rgb in (draw(0), draw(0), draw(6)):
        view = partial(lambda part, rgb: rgb[part.slices], rgb=rgb)
        _, memory = estimate_frame_alpha(view, rgb.shape[:2], Redness(), memory)
    assert searches == [False, False, True]


def test_a_sketch_says_whether_it_was_foreseen() -> None:
    memory, told = None, []
    for rgb in (draw(0), draw(0), draw(6), draw(6)):
        view = partial(lambda part, rgb: rgb[part.slices], rgb=rgb)
        coarse_matte, memory = estimate_frame_alpha(view, rgb.shape[:2], Redness(), memory)
        told.append(refine_frame_alpha(coarse_matte).reused)
    assert told == [False, True, False, True]


@pytest.mark.parametrize(
    ("frame", "size"),
    [((720, 1280), (256, 448)), ((1280, 720), (448, 256)), ((100, 900), (256, 448))],
)
def test_a_video_is_seen_in_its_own_proportions(
    frame: tuple[int, int], size: tuple[int, int]
) -> None:
    engine = open_engine(find_model("lite"))
    assert video_engine(engine, frame).size == size


def test_a_network_of_one_size_stays_as_it_is() -> None:
    engine = Redness()
    assert video_engine(engine, (720, 1280)) is engine


def test_what_is_nearly_nobody_or_nearly_sure_leaves_no_haze() -> None:
    rgb = draw(0)
    coarse_matte, _ = estimate_frame_alpha(rgb_view(rgb), rgb.shape[:2], Redness(), None)
    for found, shown in ((0.04, 0), (0.5, 0.5), (0.96, 1)):
        alpha = refine_frame_alpha(
            replace(coarse_matte, small=np.full_like(coarse_matte.small, found))
        ).alpha
        np.testing.assert_allclose(alpha, shown, atol=1e-3)


def test_a_video_does_not_load_the_network_at_the_size_of_images(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded: list[int] = []
    take = Interpreter.allocate_tensors

    def noted(interpreter: Interpreter) -> None:
        loaded.append(1)
        take(interpreter)

    monkeypatch.setattr(Interpreter, "allocate_tensors", noted)
    engine = open_video_engine(find_model("lite"))
    assert engine.size == (256, 448) and len(loaded) == 1
    assert video_engine(engine, (720, 1280)) is engine and len(loaded) == 1
    assert video_engine(engine, (1280, 720)).size == (448, 256) and len(loaded) == 2
