"""Colours of GIF files."""

import io

import numpy as np
import pytest
from PIL import Image

from figureground.media import palette
from figureground.media.gif import encode_gif
from figureground.media.palette import choose_palette, to_oklab


def _distance(one: palette.Rgb, other: palette.Rgb) -> float:
    """The mean distance in OKLab."""
    apart = to_oklab(one.astype(np.float32)) - to_oklab(other.astype(np.float32))
    return float(np.sqrt((apart**2).sum(axis=1)).mean())


def test_few_colors_are_kept_as_they_are() -> None:
    own = np.random.default_rng(1).integers(0, 256, (200, 3), np.uint8)
    pixels = own[np.random.default_rng(2).integers(0, 200, 5000)]
    chosen = choose_palette(pixels, 255)
    np.testing.assert_array_equal(chosen.colors[chosen.indices], pixels)


def test_many_shades_in_few_cells_differ_by_less_than_a_cell() -> None:
    shades = np.random.default_rng(1).integers(0, 24, (20_000, 3)).astype(np.uint8)
    chosen = choose_palette(shades, 255)
    assert len(chosen.colors) == 255
    apart = chosen.colors[chosen.indices].astype(int) - shades
    assert np.abs(apart).mean() < 1.5


def test_a_photograph_is_nearer_to_its_colors_than_by_median_cut() -> None:
    image = Image.open("examples/astronaut.jpg").convert("RGB")
    pixels = np.asarray(image).reshape(-1, 3)
    cut = np.asarray(image.quantize(255, Image.Quantize.MEDIANCUT).convert("RGB")).reshape(-1, 3)
    chosen = choose_palette(pixels, 255)
    assert _distance(chosen.colors[chosen.indices], pixels) < 0.95 * _distance(cut, pixels)


def test_strips_make_one_palette(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (3000, 3), np.uint8)
    whole = choose_palette(pixels, 64)
    monkeypatch.setattr(palette, "PIXELS", 700)
    parted = choose_palette(pixels, 64)
    np.testing.assert_array_equal(whole.colors[whole.indices], parted.colors[parted.indices])


@pytest.mark.parametrize("count", [1, 2])
def test_an_image_of_one_or_two_pixels_has_colors(count: int) -> None:
    pixels = np.array([[1, 2, 3], [250, 0, 9]], np.uint8)[:count]
    chosen = choose_palette(pixels, 255)
    np.testing.assert_array_equal(chosen.colors[chosen.indices], pixels)


def test_where_all_is_clear_nothing_is_seen() -> None:
    data = encode_gif(np.zeros((4, 5, 4), np.uint8))
    assert not np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))[..., 3].any()
