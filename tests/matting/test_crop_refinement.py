"""A second look at people who are small in the image."""

import numpy as np
import pytest

from figureground.arrays import Size
from figureground.matting.crop_refinement import Region, paste_crop, people_box, propose_crop
from figureground.matting.image_alpha import estimate_alpha
from figureground.matting.letterbox import plan_letterbox


def matte_of(*people: tuple[int, int, int, int]) -> np.ndarray:
    small = np.zeros((64, 64), np.float32)
    for top, left, bottom, right in people:
        small[top:bottom, left:right] = 0.9
    return small


def test_a_small_person_is_looked_at_with_margins() -> None:
    region = propose_crop(matte_of((32, 32, 48, 40)), plan_letterbox((640, 1280), (64, 64)))
    assert region is not None
    # rows 320-480, columns 640-800, a tenth of 160 around both
    assert region == Region(top=304, left=624, bottom=496, right=816)


def test_a_thin_person_is_not_stretched_out_of_shape() -> None:
    region = propose_crop(matte_of((10, 30, 40, 32)), plan_letterbox((640, 640), (64, 64)))
    assert region is not None
    rows, columns = region.size
    assert columns / rows == pytest.approx(0.75, abs=0.02)
    assert region.left + region.right == pytest.approx(620, abs=2)


def test_people_at_the_border_are_looked_at_within_the_image() -> None:
    region = propose_crop(matte_of((0, 0, 10, 10)), plan_letterbox((640, 640), (64, 64)))
    assert region == Region(top=0, left=0, bottom=110, right=110)


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (1, 3), (3, 1)])
@pytest.mark.parametrize("people", [(0, 0, 9, 9), (20, 30, 25, 33), (50, 50, 64, 64)])
def test_of_a_tiny_image_at_least_a_pixel_is_looked_at(
    size: Size, people: tuple[int, int, int, int]
) -> None:
    found = people_box(matte_of(people), plan_letterbox(size, (64, 64)))
    assert found is None or min(found.size) > 0
    region = propose_crop(matte_of(people), plan_letterbox(size, (64, 64)))
    assert region is None or min(region.size) > 0


@pytest.mark.parametrize("people", [(), ((2, 2, 62, 62),), ((0, 0, 4, 4), (60, 60, 64, 64))])
def test_one_look_is_enough(people: tuple) -> None:
    assert propose_crop(matte_of(*people), plan_letterbox((640, 640), (64, 64))) is None


def test_the_closer_matte_fades_in_without_touching_the_rest() -> None:
    alpha = np.zeros((600, 600), np.float32)
    region = Region(top=100, left=0, bottom=500, right=400)
    paste_crop(alpha, np.ones(region.size, np.float32), region)
    assert alpha[100:500, :400].max() == 1
    assert (alpha[150:450, :350] == 1).all()  # the image's own border is no seam
    outside = alpha.copy()
    outside[region.slices] = 0
    assert not outside.any()
    assert 0 < alpha[100, 50] < 0.2
    assert np.abs(np.diff(alpha[90:300, 50])).max() < 0.1


class Sharp:
    """Finds what is white, as far as its input resolves it, and counts how often it looks."""

    size = (64, 64)

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self, image: np.ndarray) -> np.ndarray:
        self.looks += 1
        return (image.mean(axis=2) > 0.6).astype(np.float32)

    def resized(self, size: Size) -> "Sharp":
        """Itself: its size is fixed."""
        return self


def test_a_second_look_resolves_what_the_first_could_not() -> None:
    rgb = np.zeros((640, 640, 3), np.uint8)
    rgb[200:264, 200:280] = 255
    rgb[200:264, 240:245] = 0  # a gap of half a pixel of the first look's
    engine = Sharp()
    alpha = estimate_alpha(rgb, engine)
    assert engine.looks == 2
    assert alpha[230, 242] < 0.2
    assert alpha[230, 220] > 0.9
    assert alpha[230, 262] > 0.9


def test_nobody_needs_no_second_look() -> None:
    engine = Sharp()
    assert not estimate_alpha(np.zeros((640, 640, 3), np.uint8), engine).any()
    assert engine.looks == 1
