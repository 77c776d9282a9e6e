"""Functions of arrays hold what they promise for any size, depth and layout in memory."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from any_arrays import (
    SIZES,
    Array,
    alphas,
    amount,
    for_any,
    images,
    images_with_alphas,
)
from hypothesis import assume
from hypothesis import strategies as st

from figureground.arrays import Alpha
from figureground.engines import check_matte
from figureground.errors import FiguregroundError
from figureground.matting import background, compositing, effects, morphology, small_regions
from figureground.matting.blur import blur_behind
from figureground.matting.edited_foreground import edited_foreground
from figureground.matting.foreground import estimate_foreground
from figureground.matting.image_alpha import estimate_alpha, stretch_levels
from figureground.matting.letterbox import letterbox, unletterbox
from figureground.matting.people_selection import choose_people
from figureground.matting.resize import resize
from figureground.media.images import read_image

FLIPS: dict[str, Callable[[Array], Array]] = {
    "left and right": lambda array: array[:, ::-1],
    "up and down": lambda array: array[::-1],
}
ALPHA_CHANGES: dict[str, Callable[[Alpha], Alpha]] = {
    "feather": lambda alpha: morphology.feather(alpha, radius=1.5),
    "feather widely": lambda alpha: morphology.feather(alpha, radius=30),
    "grow": lambda alpha: morphology.grow(alpha, pixels=2),
    "shrink": lambda alpha: morphology.grow(alpha, pixels=-3),
    "threshold": morphology.threshold,
    "drop small": lambda alpha: morphology.drop_small(alpha, area=5),
    "levels": lambda alpha: stretch_levels(alpha, (0.08, 0.92)),
    "frames' regions": small_regions.remove_small_regions,
    "images' regions": small_regions.resolve_uncertain_regions,
    "spot": small_regions.drop_spot,
    "largest": lambda alpha: choose_people(alpha, "largest"),
}
# Regions at equal distance, or of equal size, are told apart by where they lie.
ONE_WAY = {"frames' regions", "images' regions", "largest"}


class Redness:
    """A network that finds what is red, and nothing else."""

    size = (32, 48)

    def __call__(self, image: Array) -> Alpha:
        return np.clip(image[..., 0] * 2 - image[..., 2], 0, 1).astype(np.float32)

    def resized(self, size: tuple[int, int]) -> "Redness":
        return self


@amount
@pytest.mark.parametrize("name", ALPHA_CHANGES)
def test_a_changed_matte_is_a_matte_and_its_source_as_it_was(name: str, examples: int) -> None:
    @for_any(examples, alpha=alphas())
    def check(alpha: Array) -> None:
        before = alpha.copy()
        changed = ALPHA_CHANGES[name](alpha)
        assert changed.shape == alpha.shape and changed.dtype == np.float32
        assert np.isfinite(changed).all() and changed.min() >= 0 and changed.max() <= 1
        np.testing.assert_array_equal(alpha, before)


@amount
@pytest.mark.parametrize("name", sorted(ALPHA_CHANGES.keys() - ONE_WAY))
@pytest.mark.parametrize("flip", FLIPS.values(), ids=FLIPS)
def test_a_flipped_matte_changes_as_the_matte_does(
    name: str, flip: Callable[[Array], Array], examples: int
) -> None:
    change = ALPHA_CHANGES[name]

    @for_any(examples, alpha=alphas())
    def check(alpha: Array) -> None:
        np.testing.assert_allclose(change(flip(alpha)), flip(change(alpha)), atol=2e-5)


@amount
def test_a_composite_is_exact_where_it_is_one_or_the_other(examples: int) -> None:
    @for_any(examples, both=images_with_alphas(), other=st.integers(0, 9))
    def check(both: tuple[Array, Array], other: int) -> None:
        pixels, alpha = both
        chance = np.random.default_rng(other)
        behind = chance.integers(0, np.iinfo(pixels.dtype).max, pixels.shape, pixels.dtype)
        for place in (behind, np.asfortranarray(behind), behind[::-1, ::-1]):
            whole = compositing.composite(pixels, alpha, place)
            assert whole.shape == pixels.shape and whole.dtype == pixels.dtype
            np.testing.assert_array_equal(whole[alpha == 1], pixels[alpha == 1])
            np.testing.assert_array_equal(whole[alpha == 0], place[alpha == 0])
            assert (whole >= np.minimum(pixels, place)).all()
            assert (whole <= np.maximum(pixels, place)).all()
            written = place.copy(order="K")
            compositing.lay_over(pixels, alpha, written)
            np.testing.assert_array_equal(written, whole)


@amount
@pytest.mark.parametrize("flip", FLIPS.values(), ids=FLIPS)
def test_flipped_images_give_flipped_results(flip: Callable[[Array], Array], examples: int) -> None:
    draws = {
        "cutout": (compositing.cutout, 0),
        "composite": (lambda p, a: compositing.composite(p, a, (0, 177, 64)), 0),
        "outline": (lambda p, a: effects.outline(p, a, width=3, color=(255, 0, 0))[0], 1),
    }

    @for_any(examples, both=images_with_alphas())
    def check(both: tuple[Array, Array]) -> None:
        pixels, alpha = both
        for name, (draw, levels) in draws.items():
            one, other = draw(flip(pixels), flip(alpha)), flip(draw(pixels, alpha))
            gap = np.abs(one.astype(np.int64) - other)
            assert gap.max() <= levels * (np.iinfo(pixels.dtype).max // 255), name


@amount
def test_a_cutout_holds_its_colours_and_its_matte(examples: int) -> None:
    @for_any(examples, both=images_with_alphas())
    def check(both: tuple[Array, Array]) -> None:
        pixels, alpha = both
        made = compositing.cutout(pixels, alpha)
        np.testing.assert_array_equal(made[..., :3], pixels)
        wanted = compositing.mask if pixels.dtype == np.uint8 else compositing.mask16
        np.testing.assert_array_equal(made[..., 3], wanted(alpha))
        assert made.flags.c_contiguous


@amount
def test_a_mask_rounds_to_the_nearest_level(examples: int) -> None:
    @for_any(examples, alpha=alphas())
    def check(alpha: Array) -> None:
        for draw, most in ((compositing.mask, 255), (compositing.mask16, 65535)):
            levels = draw(alpha)
            assert np.abs(levels / most - alpha).max() <= 0.5 / most + 1e-6
            assert (levels[alpha == 1] == most).all() and (levels[alpha == 0] == 0).all()
        trimap = morphology.trimap(alpha, width=2)
        assert set(np.unique(trimap)) <= {0, 128, 255}
        unsure = (alpha > morphology.SEEN) & (alpha < 1 - morphology.SEEN)
        assert (trimap[unsure] == 128).all()


@amount
@pytest.mark.parametrize("name", ["foreground", "edited", "blur", "shadow", "outline"])
def test_colours_are_of_the_image_s_size_and_depth(name: str, examples: int) -> None:
    draws = {
        "foreground": estimate_foreground,
        "edited": lambda p, a: edited_foreground(
            p, a, shown=morphology.grow(a, pixels=1), opacity=a
        ),
        "blur": lambda p, a: blur_behind(p, a, radius=3),
        "shadow": lambda p, a: effects.shadow(p, a, offset=(2, 3), blur=2)[0],
        "outline": lambda p, a: effects.outline(p, a, width=2, color=(9, 9, 9))[0],
    }

    @for_any(examples, both=images_with_alphas())
    def check(both: tuple[Array, Array]) -> None:
        pixels, alpha = both
        before = pixels.copy(), alpha.copy()
        drawn = draws[name](pixels, alpha)
        assert drawn.shape == pixels.shape and drawn.dtype == pixels.dtype
        np.testing.assert_array_equal(pixels, before[0])
        np.testing.assert_array_equal(alpha, before[1])
        if name == "foreground":
            np.testing.assert_array_equal(drawn[alpha == 1], pixels[alpha == 1])


@amount
def test_one_colour_stays_that_colour_behind_and_before(examples: int) -> None:
    @for_any(examples, both=images_with_alphas())
    def check(both: tuple[Array, Array]) -> None:
        pixels, alpha = both
        assume((pixels == pixels[0, 0]).all())
        level = np.iinfo(pixels.dtype).max // 255
        seen = alpha > 0.5 / 255  # less cannot be seen in 8 bits, nor estimated
        shown = estimate_foreground(pixels, alpha)[seen].astype(np.int64)
        assert not shown.size or np.abs(shown - pixels[0, 0]).max() <= level
        if (alpha < 0.5).any():  # elsewhere there is no background to go by
            behind = blur_behind(pixels, alpha, radius=2).astype(np.int64)
            assert np.abs(behind - pixels[0, 0]).max() <= level


@amount
def test_resizing_keeps_range_and_flips(examples: int) -> None:
    @for_any(examples, image=images(), size=SIZES)
    def check(image: Array, size: tuple[int, int]) -> None:
        made = resize(image, size)
        assert made.shape == (*size, 3) and made.dtype == image.dtype
        assert made.min() >= image.min() and made.max() <= image.max()
        for flip in FLIPS.values():
            gap = np.abs(resize(flip(image), size).astype(np.int64) - flip(made))
            assert gap.max() <= 1 + np.iinfo(image.dtype).max // 4096  # OpenCV's fixed point
        if size == image.shape[:2]:
            np.testing.assert_array_equal(made, image)


@amount
@pytest.mark.parametrize("name", ["cover", "contain", "tile"])
def test_a_background_fills_the_size(name: str, examples: int) -> None:
    draws = {
        "cover": background.cover,
        "contain": lambda image, size: background.contain(image, size, color=(1, 2, 3)),
        "tile": background.tile,
    }

    @for_any(examples, image=images(), size=SIZES)
    def check(image: Array, size: tuple[int, int]) -> None:
        made = draws[name](image, size)
        assert made.shape == (*size, 3) and made.dtype == image.dtype


@amount
def test_an_image_of_any_size_goes_into_the_network_s_input_and_back(examples: int) -> None:
    @for_any(examples, image=images(), square=SIZES)
    def check(image: Array, square: tuple[int, int]) -> None:
        seen, placement = letterbox(image, square)
        assert seen.shape == (*square, 3) and seen.dtype == np.float32
        assert seen.min() >= 0 and seen.max() <= 1
        for level in (0, 1):
            back = unletterbox(np.full(square, level, np.float32), placement)
            assert back.shape == image.shape[:2] and (back == level).all()


@amount
def test_the_matte_of_any_image_is_a_matte(examples: int) -> None:
    @for_any(examples, image=images())
    def check(image: Array) -> None:
        before = image.copy()
        alpha = estimate_alpha(image, Redness())
        assert alpha.shape == image.shape[:2] and alpha.dtype == np.float32
        assert np.isfinite(alpha).all() and alpha.min() >= 0 and alpha.max() <= 1
        np.testing.assert_array_equal(image, before)
        again = estimate_alpha(np.ascontiguousarray(image), Redness())
        np.testing.assert_allclose(alpha, again, atol=1e-6)  # however it lies in memory


@amount
def test_what_does_not_belong_together_is_refused(examples: int) -> None:
    @for_any(examples, image=images(), alpha=alphas())
    def check(image: Array, alpha: Array) -> None:
        assume(image.shape[:2] != alpha.shape)
        calls: list[Callable[[], object]] = [
            lambda: compositing.cutout(image, alpha),
            lambda: compositing.composite(image, alpha, (0, 0, 0)),
            lambda: estimate_foreground(image, alpha),
            lambda: blur_behind(image, alpha, radius=2),
            lambda: effects.shadow(image, alpha, offset=(1, 1), blur=1),
            lambda: effects.outline(image, alpha, width=2, color=(0, 0, 0)),
        ]
        for call in calls:
            with pytest.raises(FiguregroundError, match="but alpha is"):
                call()


def test_the_threads_of_opencv_do_not_matter() -> None:
    """What the tests above saw with one thread holds with several."""
    alpha = np.random.default_rng(0).random((300, 200), np.float32)
    known, found = cv2.getNumThreads(), []
    try:
        for threads in (1, 4):
            cv2.setNumThreads(threads)
            found.append({name: change(alpha) for name, change in ALPHA_CHANGES.items()})
    finally:
        cv2.setNumThreads(known)
    for name, one in found[0].items():
        np.testing.assert_array_equal(one, found[1][name], err_msg=name)


@amount
def test_a_matte_with_a_value_that_is_none_is_refused_at_the_door(examples: int) -> None:
    wrong = st.sampled_from([np.nan, np.inf, -np.inf, -0.1, 1.1])

    @for_any(examples, alpha=alphas(), value=wrong, place=st.integers(0, 9999))
    def check(alpha: Array, value: float, place: int) -> None:
        broken = np.array(alpha)
        broken.flat[place % broken.size] = value
        assert check_matte(alpha, Path("a.tflite")) is alpha
        with pytest.raises(FiguregroundError, match="not within 0 to 1"):
            check_matte(broken, Path("a.tflite"))


@amount
def test_an_array_of_fractions_is_refused_as_an_image(examples: int) -> None:
    kinds = st.sampled_from([np.float32, np.float64, np.int32, np.bool_])

    @for_any(examples, image=images(), kind=kinds)
    def check(image: Array, kind: type) -> None:
        with pytest.raises(FiguregroundError):
            read_image(image.astype(kind))
        read = read_image(image)
        np.testing.assert_array_equal(read.pixels, image)
