"""The Python interface, on the network that ships."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import figureground
from figureground import Remover, remove
from figureground.errors import ColorError, ImageError, ModelError, UsageError
from figureground.jobs.backgrounds import Scene
from figureground.media.format_table import tell_format
from figureground.media.formats import Encoding
from figureground.media.images import read_image


@pytest.fixture(scope="module")
def remover() -> Remover:
    return Remover()


def test_the_astronaut_is_cut_out_and_the_flag_is_not(remover: Remover, astronaut: Path) -> None:
    alpha = remover.alpha(astronaut)
    assert alpha.shape == (512, 512) and alpha.dtype == np.float32
    assert alpha[120, 220] > 0.95  # her face
    assert alpha[400, 220] > 0.95  # her suit
    assert alpha[20, 30] < 0.15 and alpha[40, 400] < 0.15  # behind her
    assert alpha.min() >= 0 and alpha.max() <= 1


def test_every_kind_of_source_gives_the_same_matte(remover: Remover, astronaut: Path) -> None:
    expected = remover.alpha(astronaut)
    with Image.open(astronaut) as image:
        for source in (str(astronaut), astronaut.read_bytes(), image, np.asarray(image)):
            np.testing.assert_array_equal(remover.alpha(source), expected)


def test_remove_gives_a_pillow_image_that_can_be_saved(astronaut: Path, tmp_path: Path) -> None:
    cutout = remove(astronaut)
    assert cutout.image.mode == "RGBA" and cutout.image.size == (512, 512)
    cutout.save(tmp_path / "a.webp")
    with Image.open(tmp_path / "a.webp") as saved:
        assert saved.mode == "RGBA"
    with pytest.raises(UsageError, match="no transparency"):
        cutout.save(tmp_path / "a.jpg")


def test_a_cutout_can_be_had_as_bytes_in_any_format(remover: Remover, astronaut: Path) -> None:
    cutout = remover.remove(astronaut)
    assert read_image(cutout.to_bytes()).alpha is not None
    small = cutout.to_bytes(".webp", encoding=Encoding(quality=40))
    assert tell_format(small[:512]).name == "WebP"
    assert len(small) < len(cutout.to_bytes(".webp"))


def test_an_ending_that_is_none_is_told(remover: Remover, astronaut: Path) -> None:
    for ending in ("x.png", "nope", ""):
        with pytest.raises(UsageError, match="is no ending of a format"):
            remover.remove(astronaut).to_bytes(ending)


def test_opaque_pixels_keep_their_colours(remover: Remover, astronaut: Path) -> None:
    cutout = remover.remove(astronaut)
    opaque = cutout.alpha == 1
    assert opaque.mean() > 0.1
    np.testing.assert_array_equal(cutout.pixels[opaque][:, :3], cutout.original.pixels[opaque])


def test_a_composite_shows_its_background(remover: Remover, astronaut: Path) -> None:
    cutout = remover.remove(astronaut)
    away = cutout.alpha == 0
    assert away.mean() > 0.1
    assert (cutout.composite("#00ff00")[away] == (0, 255, 0)).all()
    scene = np.full((30, 40, 3), 77, np.uint8)
    assert (cutout.composite(scene)[away] == 77).all()
    assert (cutout.composite(Scene(pixels=scene, fit="tile"))[away] == 77).all()
    shade = cutout.composite("gradient:black,white")[..., 0]
    assert shade[0][away[0]].max() == 0 and shade[-1].max() > 215
    own = cutout.composite("blur:9")
    assert own.shape == (512, 512, 3)
    np.testing.assert_array_equal(own[cutout.alpha == 1], cutout.original.rgb[cutout.alpha == 1])
    np.testing.assert_array_equal(cutout.composite(str(astronaut))[away], cutout.original.rgb[away])
    with pytest.raises(ColorError):
        cutout.composite("no colour at all")


def test_a_composite_takes_images_as_remove_does(
    remover: Remover, astronaut: Path, tmp_path: Path
) -> None:
    cutout = remover.remove(astronaut)
    grey = Image.new("L", (20, 30), 90)
    grey.save(tmp_path / "grey.png")
    expected = cutout.composite((90, 90, 90))
    for given in (tmp_path / "grey.png", grey, grey.convert("RGBA"), np.asarray(grey)):
        np.testing.assert_array_equal(cutout.composite(given), expected)
    np.testing.assert_array_equal(cutout.composite((np.uint8(90),) * 3), expected)
    wrong: list[Any] = [(300, 0, 0), (0.5, 0.5, 0.5), (1, 2)]
    for given in wrong:
        with pytest.raises(ColorError, match="three integers from 0 to 255"):
            cutout.composite(given)
    with pytest.raises(ImageError, match=r"astype\('uint8'\)"):
        cutout.composite(np.zeros((8, 8, 3), np.float32))
    with pytest.raises(ImageError, match=r"int64 \(8, 8, 3\)$"):
        cutout.composite(np.zeros((8, 8, 3), np.int64))


def test_transparency_that_is_there_stays(remover: Remover, astronaut: Path) -> None:
    with Image.open(astronaut) as image:
        rgba = np.dstack([np.asarray(image), np.full((512, 512), 255, np.uint8)])
    rgba[:, :200, 3] = 0
    alpha = remover.alpha(rgba)
    assert alpha[:, :200].max() == 0
    assert alpha[400, 220] > 0.95


def test_sixteen_bits_stay_sixteen_bits(remover: Remover, astronaut: Path) -> None:
    with Image.open(astronaut) as image:
        deep = np.asarray(image).astype(np.uint16) * 257
    cutout = remover.remove(deep)
    assert cutout.pixels.dtype == np.uint16
    assert cutout.image.mode == "RGBA"
    assert cutout.composite((255, 255, 255)).max() == 65535


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 1), (33, 77)])
def test_any_size_from_one_pixel_works(remover: Remover, size: tuple[int, int]) -> None:
    assert remover.alpha(np.zeros((*size, 3), np.uint8)).shape == size


@pytest.mark.parametrize("times", [1, pytest.param(60, marks=pytest.mark.soak)])
def test_one_remover_serves_eight_threads(remover: Remover, astronaut: Path, times: int) -> None:
    with Image.open(astronaut) as image:
        images = [np.asarray(image.crop((0, 0, 512 - 40 * n, 512))) for n in range(8)]
    expected = [remover.remove(one).pixels for one in images]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(times):
            for found, known in zip(
                pool.map(lambda one: remover.remove(one).pixels, images), expected, strict=True
            ):
                np.testing.assert_array_equal(found, known)


def test_an_unknown_network_names_those_that_are_there() -> None:
    with pytest.raises(UsageError, match="one of lite"):
        Remover("huge")


def test_a_file_that_is_no_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tflite"
    path.write_bytes(b"nothing")
    with pytest.raises(ModelError, match="carries no metadata"):
        Remover(path)
    other = path.rename(tmp_path / "a.bin")
    with pytest.raises(UsageError, match=r"ends in '\.bin'"):
        Remover(other)


def test_the_public_names_are_there() -> None:
    assert figureground.__all__ == sorted(figureground.__all__)
    for name in figureground.__all__:
        assert getattr(figureground, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        _ = figureground.nonsense


def test_the_demo_shows_loose_hair() -> None:
    cutout = remove(Path(__file__).parents[2] / "examples" / "portrait.jpg")
    assert 0.3 < cutout.presence.share < 0.8 and cutout.presence.confidence > 0.9
    assert np.mean((cutout.alpha > 0) & (cutout.alpha < 1)) > 0.02
