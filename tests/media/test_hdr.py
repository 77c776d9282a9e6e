"""High dynamic range to the range of sRGB, and back."""

import numpy as np
import pytest

from figureground.media.cicp import HLG, PQ
from figureground.media.hdr import to_hdr, to_sdr


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_colours_below_the_knee_survive_both_ways(transfer: int) -> None:
    rgb = np.random.default_rng(0).integers(20, 215, (20, 30, 3), np.uint8)
    assert np.abs(to_sdr(to_hdr(rgb, transfer), transfer).astype(int) - rgb).max() <= 4


def test_white_paper_is_203_nits() -> None:
    white = np.full((1, 1, 3), 255, np.uint8)
    assert to_hdr(white, PQ)[0, 0] == pytest.approx(0.5807 * 65535, rel=0.01)  # BT.2408, table 1
    assert to_hdr(white, HLG)[0, 0] == pytest.approx(0.75 * 65535, rel=0.01)


def test_light_brighter_than_paper_keeps_its_order_and_its_hue() -> None:
    grey = np.repeat(np.linspace(0, 49_000, 60).astype(np.uint16)[None, :, None], 3, axis=2)
    levels = to_sdr(grey, PQ)[0, :, 0].astype(int)
    assert (np.diff(levels) >= 0).all() and levels[-1] == 255 and 235 < levels[46] < 250
