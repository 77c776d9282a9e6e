"""Products of matrices are refused where OpenBLAS would wait for memory, or end the process."""

import mmap

import numpy as np
import pytest

from figureground.arrays import product
from figureground.matting.color_matting import mix_in


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    """No address space is left."""

    def refuse(*arguments: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(mmap, "mmap", refuse)


@pytest.mark.usefixtures("full")
def test_a_product_needs_room() -> None:
    with pytest.raises(MemoryError, match="no room"):
        product(np.ones((2, 2), np.float32), np.ones((2, 2), np.float32))


@pytest.mark.usefixtures("full")
def test_colours_are_mixed_only_where_there_is_room() -> None:
    alpha, rgb = np.full((8, 8), 0.5, np.float32), np.zeros((8, 8, 3), np.uint8)
    with pytest.raises(MemoryError, match="no room"):
        mix_in(alpha, rgb, np.ones((5, 2, 2), np.float32), start=0, height=8)
