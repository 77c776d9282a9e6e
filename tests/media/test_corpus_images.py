"""Odd images are read as another reader sees them: size, orientation, colours, transparency."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from corpus_images import ImageCase, has_imagemagick, image_cases, look, look_managed

from figureground.media.encode import encode_image
from figureground.media.images import read_image

CASES = image_cases()
UNTURNED = (".png", ".webp")  # formats in which ImageMagick 6 passes over EXIF's orientation


def apart(first: np.ndarray, second: np.ndarray) -> float:
    """Mean difference of two images at a few pixels, levels."""
    assert first.shape == second.shape
    small = [cv2.resize(one, (8, 8), interpolation=cv2.INTER_AREA) for one in (first, second)]
    return float(np.abs(small[0].astype(float) - small[1]).mean())


def compare(case: ImageCase, folder: Path, *, outside: bool) -> None:
    """Read an image, and see that it shows what it should."""
    path = folder / case.name
    path.write_bytes(case.data)
    image = read_image(path)
    assert image.rgb.dtype == np.uint8
    assert apart(image.rgb, case.shown) <= case.tolerance
    mean = image.rgb.mean(axis=(0, 1)) - case.shown.mean(axis=(0, 1))
    assert np.abs(mean).max() <= max(1.5, case.tolerance / 2)
    if case.alpha is None:
        assert image.alpha is None
    else:
        assert image.alpha is not None
        levels = np.rint(image.alpha * 255).astype(np.uint8)
        assert np.abs(levels.astype(int) - case.alpha).max() <= (3 if "avif" in case.name else 0)
    if (
        case.kind == "colors"
    ):  # the result shows them too, in a viewer that knows ICC profiles alone
        for ending in (".png", ".jpg"):
            written = folder / f"written{ending}"
            written.write_bytes(encode_image(image.pixels, ending, like=image))
            assert apart(look_managed(written), case.shown) <= case.tolerance + 3
        return
    unturned = outside and case.kind == "orientation" and path.suffix in UNTURNED
    if case.alpha is None and not unturned:
        assert apart(image.rgb, look(path, outside=outside)) <= case.tolerance


def test_there_are_two_hundred_kinds_of_images() -> None:
    assert len(CASES) >= 200 and len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{c.kind} {c.name}" for c in CASES])
def test_an_odd_image_is_read_as_it_is_shown(tmp_path: Path, number: int) -> None:
    compare(CASES[number], tmp_path, outside=False)


@pytest.mark.soak
@pytest.mark.skipif(not has_imagemagick(), reason="there is no ImageMagick here")
@pytest.mark.parametrize("case", CASES, ids=[f"{c.kind} {c.name}" for c in CASES])
def test_an_odd_image_is_read_as_imagemagick_reads_it(tmp_path: Path, case: ImageCase) -> None:
    compare(case, tmp_path, outside=True)
