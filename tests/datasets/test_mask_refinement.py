"""Masks get a network's edges, and nothing else of it."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from figureground.cli import main
from figureground.datasets.mask_refinement import draw_in, refine_mask
from figureground.datasets.masks import read_mask
from figureground.datasets.pairs import find_pairs
from figureground.matting.image_alpha import estimate_alpha
from figureground.media.images import read_image


def disc(radius: float, *, soft: float = 1.0) -> np.ndarray:
    rows, columns = np.indices((300, 400))
    away = np.hypot(rows - 150, columns - 200)
    return np.clip((radius - away) / soft + 0.5, 0, 1).astype(np.float32)


def test_the_edge_is_the_mattes_and_the_rest_the_masks() -> None:
    alpha = disc(101, soft=6)
    alpha[:20, :20] = 1  # somebody who does not count
    alpha[150, 200] = 0
    mask = np.rint(255 * disc(100)).astype(np.uint8)
    made = refine_mask(mask, alpha)
    near = np.abs(np.hypot(*(np.indices(mask.shape) - [[[150]], [[200]]])) - 100) < 4
    np.testing.assert_array_equal(made[near], np.rint(255 * alpha[near]))
    assert not made[:20, :20].any() and made[150, 200] == 255


def test_a_mask_that_the_matte_contradicts_stays() -> None:
    mask = np.rint(255 * disc(100)).astype(np.uint8)
    assert refine_mask(mask, disc(80)) is mask
    assert refine_mask(np.zeros_like(mask), disc(0)) is not None


def test_an_outline_is_drawn_in_by_a_part_of_a_pixel() -> None:
    mask = np.zeros((9, 9), np.uint8)
    mask[:, 3:] = 255
    np.testing.assert_array_equal(draw_in(mask, 0), mask)
    made = draw_in(mask, 0.4)
    assert (made[:, 3] == 153).all()  # six tenths of the pixel are left
    np.testing.assert_array_equal(np.delete(made, 3, axis=1), np.delete(mask, 3, axis=1))


def test_the_command_writes_a_data_set_whose_edges_fit(
    tmp_path: Path, astronaut: Path, capsys: pytest.CaptureFixture
) -> None:
    from figureground.engines import open_engine
    from figureground.models.shipped import find_model

    rgb = read_image(astronaut).rgb[:260].copy()  # below, it is in doubt of a helmet
    alpha = estimate_alpha(rgb, open_engine(find_model("lite")))
    coarse = cv2.resize((alpha > 0.5).astype(np.uint8) * 255, (64, 64))
    coarse = cv2.resize(coarse, rgb.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    for room in ("images", "masks"):
        (tmp_path / "in" / room).mkdir(parents=True)
    Image.fromarray(rgb).save(tmp_path / "in/images/a.png")
    Image.fromarray(coarse).save(tmp_path / "in/masks/a.png")
    command = ["data", "polish", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    assert main(command) == 0
    assert "polished: 1 written" in capsys.readouterr().out
    (pair,) = find_pairs(tmp_path / "out")
    made, before = read_mask(pair.mask) / 255, coarse / 255
    assert np.abs(made - alpha).mean() < np.abs(before - alpha).mean() / 2
    assert main(command) == 0
    assert "1 there already" in capsys.readouterr().out
    assert main([*command[:3], "-o", str(tmp_path / "less"), "--inwards", "1"]) == 0
    less = read_mask(next(iter(find_pairs(tmp_path / "less"))).mask)
    np.testing.assert_array_equal(less, cv2.erode(read_mask(pair.mask), np.ones((3, 3), np.uint8)))
    with pytest.raises(SystemExit):
        main([*command, "--inwards", "2"])
    assert "between 0 and 1 pixels" in capsys.readouterr().err
