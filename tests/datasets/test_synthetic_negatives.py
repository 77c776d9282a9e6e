"""Images of nothing are drawn alike for the same seed, unlike each other, and hold nobody."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from figureground.cli import main
from figureground.datasets.pairs import find_pairs
from figureground.datasets.read import read_pair
from figureground.datasets.synthetic_negatives import GRAIN, KINDS, SIDES, plain


def pixels(count: int, seed: int) -> list[np.ndarray]:
    drawn = [item.draw()[0] for item in plain(count, seed)]
    return [rgb for rgb in drawn if rgb is not None]


def test_every_image_is_another_but_the_same_seed_draws_the_same() -> None:
    first, again, other = pixels(12, 3), pixels(24, 3), pixels(12, 4)
    for number, rgb in enumerate(first):
        np.testing.assert_array_equal(rgb, again[number])
        assert rgb.shape != other[number].shape or (rgb != other[number]).any()
    means = {tuple(np.round(rgb.mean((0, 1)), 1)) for rgb in (*again, *other)}
    assert len(means) == 36


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_images_are_plain_and_their_masks_black(kind: int) -> None:
    for item in plain(5 * len(KINDS), 0)[kind :: len(KINDS)]:
        rgb, mask = item.draw()
        assert rgb is not None and rgb.dtype == np.uint8 and rgb.shape == (*mask.shape, 3)
        assert not mask.any()
        assert all(SIDES[0] <= side <= SIDES[1] for side in mask.shape)


def test_one_colour_is_one_but_for_its_grain() -> None:
    for rgb in pixels(60, 0)[:: len(KINDS)]:
        assert rgb.std((0, 1)).max() <= 255 * GRAIN + 1
    assert any(rgb.std((0, 1)).max() == 0 for rgb in pixels(60, 0)[:: len(KINDS)])


def test_the_command_writes_a_data_set_and_goes_on_with_it(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    command = ["data", "plain", "-o", str(tmp_path / "walls"), "--count"]
    assert main([*command, "4"]) == 0 and main([*command, "7"]) == 0
    assert "plain: 3 written, 4 there already, 0 failed" in capsys.readouterr().out
    pairs = find_pairs(tmp_path / "walls")
    assert len(pairs) == 7
    assert not any(read_pair(pair.image, pair.mask)[1].any() for pair in pairs)


def test_another_seed_draws_others(tmp_path: Path) -> None:
    drawn: list[Any] = []
    for seed in ("1", "1", "2"):
        out = tmp_path / f"{len(drawn)}"
        assert main(["data", "plain", "-o", str(out), "--count", "1", "--seed", seed]) == 0
        (pair,) = find_pairs(out)
        drawn.append(pair.image.read_bytes())
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize("wrong", [["--count", "0"], ["--count", "-3"], ["--seed", "-1"]])
def test_numbers_that_mean_nothing_are_refused(
    wrong: list[str], tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit) as error:
        main(["data", "plain", "-o", str(tmp_path / "walls"), *wrong])
    assert error.value.code == 2
    assert f"argument {wrong[0]}" in capsys.readouterr().err
    assert not (tmp_path / "walls").exists()
