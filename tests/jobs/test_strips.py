"""A large image's results are drawn strip by strip, and are those of a small one."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from figureground.jobs import remover as module
from figureground.jobs.cutout import Cutout
from figureground.jobs.outputs import draw
from figureground.jobs.remover import Remover
from figureground.jobs.style import Style
from figureground.media.images import read_image
from figureground.media.strips import Strips


@pytest.fixture(scope="module")
def remover() -> Remover:
    return Remover()


@pytest.fixture(params=[np.uint8, np.uint16])
def pixels(request: pytest.FixtureRequest, astronaut: Path) -> NDArray[Any]:
    rgb = read_image(astronaut).rgb
    return rgb if request.param is np.uint8 else rgb.astype(np.uint16) * 257


def both(
    remover: Remover, pixels: NDArray[Any], monkeypatch: pytest.MonkeyPatch
) -> tuple[Cutout, Cutout]:
    """The same image's cutout with its matte whole, and with one that is made of many strips."""
    whole = remover.remove(pixels)
    monkeypatch.setattr(module, "LARGE", 0)
    return whole, remover.remove(pixels)


@pytest.mark.parametrize(("kind", "look"), [
    ("cutout", Style()), ("mask", Style()), ("composite", Style(background=(9, 200, 30))),
])  # fmt: skip
def test_strips_are_parts_of_the_whole(
    remover: Remover, pixels: NDArray[Any], monkeypatch: pytest.MonkeyPatch, kind: str, look: Style
) -> None:
    whole, large = both(remover, pixels, monkeypatch)
    drawn = draw(large, kind, look)
    assert isinstance(drawn, Strips) and len(drawn.rows) == 3
    expected = draw(whole, kind, look)
    assert not isinstance(expected, Strips)
    found = drawn.whole().reshape(expected.shape).astype(int)
    assert np.mean(found != expected) < 0.001
    level = 1 if pixels.dtype == np.uint8 or kind == "mask" else 257
    assert np.abs(found - expected).max() <= 5 * level


def test_what_is_saved_and_told_is_the_same(
    remover: Remover, pixels: NDArray[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, large = both(remover, pixels, monkeypatch)
    assert large.presence.share == pytest.approx(whole.presence.share, abs=1e-4)
    assert large.presence.confidence == pytest.approx(whole.presence.confidence, abs=1e-4)
    saved = [np.asarray(Image.open(io.BytesIO(one.to_bytes("png")))) for one in (whole, large)]
    assert np.abs(saved[0].astype(int) - saved[1]).max() <= 5
    np.testing.assert_allclose(large.alpha, whole.alpha, atol=1e-5)


@pytest.mark.parametrize("kind", ["side-by-side", "trimap", "foreground"])
def test_other_kinds_take_the_whole(
    remover: Remover, pixels: NDArray[Any], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    whole, large = both(remover, pixels, monkeypatch)
    drawn = draw(large, kind, Style())
    assert not isinstance(drawn, Strips)
    assert np.mean(drawn != draw(whole, kind, Style())) < 0.001
