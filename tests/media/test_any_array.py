"""Functions of colours and planes hold what they promise for any size, depth and layout."""

import io

import numpy as np
import pytest
from any_arrays import Array, amount, for_any, images, images_with_alphas
from hypothesis import strategies as st
from PIL import Image, ImageCms

from figureground.matting.crop_refinement import Region
from figureground.matting.roi import RoiMatte
from figureground.matting.yuv_compositing import composite_planes, edge_colors, foreground_planes
from figureground.media.cicp import HLG, PQ
from figureground.media.color import to_full_range, to_srgb
from figureground.media.hdr import to_deep_sdr, to_hdr, to_sdr
from figureground.media.planes import Planes, from_merged
from figureground.media.png import encode_png

DEEP, SHALLOW = st.just(np.uint16), st.just(np.uint8)
TRANSFERS = st.sampled_from([PQ, HLG])


@amount
def test_hdr_becomes_sdr_pixel_by_pixel(examples: int) -> None:
    @for_any(examples, image=images(depths=DEEP), transfer=TRANSFERS)
    def check(image: Array, transfer: int) -> None:
        small, deep = to_sdr(image, transfer), to_deep_sdr(image, transfer)
        assert small.shape == deep.shape == image.shape
        assert (small.dtype, deep.dtype) == (np.uint8, np.uint16)
        assert np.abs(deep / 257 - small).max() <= 0.51  # both round the same light
        one = image[:1, :1]
        np.testing.assert_array_equal(to_sdr(one, transfer), small[:1, :1])
        np.testing.assert_array_equal(to_sdr(image[::-1], transfer), small[::-1])


@amount
def test_sdr_comes_back_from_hdr_but_for_the_brightest(examples: int) -> None:
    @for_any(examples, image=images(depths=SHALLOW), transfer=TRANSFERS)
    def check(image: Array, transfer: int) -> None:
        there = to_hdr(image, transfer)
        assert there.shape == image.shape and there.dtype == np.uint16
        dark = image.max(axis=-1) < 200  # below the knee
        back = to_sdr(there, transfer).astype(np.int64)
        assert not dark.any() or np.abs(back - image)[dark].max() <= 8


@amount
def test_a_narrow_range_becomes_the_full_one(examples: int) -> None:
    @for_any(examples, image=images())
    def check(image: Array) -> None:
        made = to_full_range(image)
        assert made.shape == image.shape and made.dtype == image.dtype
        unit = 1 << (8 * image.dtype.itemsize - 8)
        assert (made[image <= 16 * unit] == 0).all()
        assert (made[image >= 235 * unit] == np.iinfo(image.dtype).max).all()


@amount
def test_a_profile_of_srgb_changes_nothing(examples: int) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    @for_any(examples, image=images(depths=SHALLOW))
    def check(image: Array) -> None:
        assert to_srgb(image, profile, mode="RGB") is image


@amount
def test_a_png_holds_the_pixels_however_they_lie(examples: int) -> None:
    @for_any(examples, image=images(depths=SHALLOW), level=st.sampled_from([1, 6]))
    def check(image: Array, level: int) -> None:
        with Image.open(io.BytesIO(encode_png(image, level=level))) as read:
            np.testing.assert_array_equal(np.asarray(read), image)


@amount
@pytest.mark.parametrize("layout", ["whole", "halved"])
def test_a_frame_s_planes_are_exact_where_they_show_one_or_the_other(
    layout: str, examples: int
) -> None:
    @for_any(examples, both=images_with_alphas(SHALLOW), other=images(depths=SHALLOW))
    def check(both: tuple[Array, Array], other: Array) -> None:
        pixels, alpha = both
        rows, columns = alpha.shape
        half = (-(-rows // 2), -(-columns // 2)) if layout == "halved" else (rows, columns)
        luma, blue, red = (np.ascontiguousarray(pixels[..., channel]) for channel in range(3))
        frame = Planes(luma=luma, blue=blue[: half[0], : half[1]].copy(),
                       red=red[: half[0], : half[1]].copy(), bits=8)  # fmt: skip
        behind = from_merged(np.ascontiguousarray(other), frame)
        for level in (0, 1):
            matte = RoiMatte(
                part=Region(0, 0, rows, columns), frame=(rows, columns),
                alpha=np.full(alpha.shape, level, np.float32),
            )  # fmt: skip
            around = edge_colors(frame, matte)
            shown = composite_planes(frame, matte, behind, around)
            for one, wanted in zip(shown.all, (frame if level else behind).all, strict=True):
                np.testing.assert_array_equal(one, wanted)
        soft = RoiMatte(part=Region(0, 0, rows, columns), frame=(rows, columns),
                         alpha=np.ascontiguousarray(alpha))  # fmt: skip
        around = edge_colors(frame, soft)
        mixed = composite_planes(frame, soft, behind, around)
        np.testing.assert_array_equal(mixed.luma[alpha == 1], frame.luma[alpha == 1])
        np.testing.assert_array_equal(mixed.luma[alpha == 0], behind.luma[alpha == 0])
        own = foreground_planes(frame, soft.alpha, around)
        np.testing.assert_array_equal(own.luma[alpha == 1], frame.luma[alpha == 1])
        assert [one.shape for one in mixed.all] == [one.shape for one in frame.all]
