"""Frames in the planes of videos."""

import numpy as np
import pytest

from figureground.media.planes import SHARES, from_matte, from_merged, to_small_rgb
from figureground.media.video_color import Coding, planes_of, to_rgb


@pytest.mark.parametrize("matrix", sorted(SHARES))
@pytest.mark.parametrize("layout", ["yuv444p", "yuv420p", "yuv420p10le"])
def test_small_rgb_agrees_with_libswscale(matrix: int, layout: str) -> None:
    coding = Coding(matrix=matrix, full=False, primaries=1, transfer=1)
    rgb = np.zeros((8, 12, 3), np.uint8)
    rgb[:] = 200, 90, 30
    planes = planes_of(rgb, coding, layout=layout)
    small = to_small_rgb(planes, matrix=matrix, size=(4, 6))
    assert np.abs(small.astype(int) - (200, 90, 30)).max() <= 3
    assert np.abs(to_rgb(planes, coding, layout=layout).astype(int) - rgb).max() <= 3


@pytest.mark.parametrize(("layout", "black", "white"), [("yuv420p", 16, 235),
                                                        ("yuv420p10le", 64, 940)])  # fmt: skip
def test_a_matte_is_grey_of_limited_range(layout: str, black: int, white: int) -> None:
    coding = Coding(matrix=1, full=False, primaries=1, transfer=1)
    like = planes_of(np.zeros((7, 9, 3), np.uint8), coding, layout=layout)
    assert like.blue.shape == (4, 5)
    alpha = np.zeros((7, 9), np.float32)
    alpha[3:] = 1
    matte = from_matte(alpha, like)
    assert (matte.luma[0, 0], matte.luma[-1, -1]) == (black, white)
    assert np.unique(matte.red).tolist() == [128 << (like.bits - 8)]


def test_merged_planes_come_apart_again() -> None:
    coding = Coding(matrix=1, full=False, primaries=1, transfer=1)
    rgb = np.random.default_rng(0).integers(0, 256, (6, 10, 3), np.uint8)
    planes = planes_of(rgb, coding, layout="yuv444p")
    for one, other in zip(planes.all, from_merged(planes.merged((6, 10)), planes).all, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("layout", ["yuv420p", "yuv444p"])
def test_a_part_of_a_frame_is_what_lies_there(layout: str) -> None:
    rgb = np.random.default_rng(0).integers(0, 255, (37, 51, 3), np.uint8)
    coding = Coding(matrix=1, full=False, primaries=1, transfer=1)
    frame = planes_of(rgb, coding, layout=layout)
    part = frame.part(slice(10, 37), slice(4, 51))  # to an odd end
    by = 2 if layout == "yuv420p" else 1
    assert part.size == (27, 47)
    np.testing.assert_array_equal(part.luma, frame.luma[10:, 4:])
    np.testing.assert_array_equal(part.blue, frame.blue[10 // by :, 4 // by :])
    np.testing.assert_array_equal(part.red, frame.red[10 // by :, 4 // by :])
    inner = frame.part(slice(2, 8), slice(6, 20))
    assert inner.blue.shape == (6 // by, 14 // by)


def test_small_copies_of_tall_frames_are_means_of_all_rows() -> None:
    rgb = np.zeros((80, 16, 3), np.uint8)
    rgb[::4] = 240  # which lies between the rows that an interpolation looks at
    coding = Coding(matrix=1, full=False, primaries=1, transfer=1)
    small = to_small_rgb(planes_of(rgb, coding, layout="yuv444p"), matrix=1, size=(20, 4))
    assert np.abs(small.astype(int) - 60).max() <= 3
