"""Arrays of any size, kind and layout in memory, for Hypothesis: small by preference, from 1 by 1."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

Array = NDArray[Any]
Body = Callable[..., None]
FEW, MANY = 12, 2_000  # examples: in each `make test`, and in `make soak`
amount = pytest.mark.parametrize("examples", [FEW, pytest.param(MANY, marks=pytest.mark.soak)])
LAYOUTS: dict[str, Callable[[Array], Array]] = {  # the same values, lying otherwise in memory
    "rows": np.ascontiguousarray,
    "columns": np.asfortranarray,
    "backwards": lambda array: np.ascontiguousarray(array[::-1, ::-1])[::-1, ::-1],
    "channels backwards": lambda array: np.ascontiguousarray(array[..., ::-1])[..., ::-1],
    "every other": lambda array: np.repeat(np.repeat(array, 2, axis=0), 3, axis=1)[::2, ::3],
    "not to be written": lambda array: _locked(array.copy()),
    "part of a larger one": lambda array: np.pad(array, [(1, 2), (2, 1), (0, 0)][: array.ndim])[
        1:-2, 2:-1
    ],
}
SIZES = st.one_of(
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.sampled_from([(1, 300), (300, 1), (2, 129), (97, 61)]),
)
DEPTHS = st.sampled_from([np.uint8, np.uint16])


def for_any(examples: int, **strategies: Any) -> Callable[[Body], None]:
    """Run what stands below with so many examples; the few of each day are always the same."""

    def run(body: Body) -> None:
        quick = examples <= FEW
        with np.printoptions(threshold=20):
            settings(
                max_examples=examples, derandomize=quick, database=None, deadline=None,
                suppress_health_check=list(HealthCheck),
            )(given(**strategies)(body))()  # fmt: skip

    return run


def _locked(array: Array) -> Array:
    array.setflags(write=False)
    return array


def draw_alpha(size: tuple[int, int], kind: str, seed: int) -> Array:
    """A matte of one kind: float32, 0 to 1."""
    chance = np.random.default_rng(seed)
    if kind in ("nobody", "everybody"):
        return np.full(size, kind == "everybody", np.float32)
    values = chance.random(size, np.float32)
    if kind == "hard":
        return (values > 0.5).astype(np.float32)
    if kind == "almost":  # next to 0 and to 1
        sure = (values > 0.5).astype(np.float32)
        return np.where(chance.random(size) > 0.5, np.nextafter(sure, np.float32(0.5)), sure)
    if kind == "person":  # a soft disc
        rows, columns = np.mgrid[: size[0], : size[1]].astype(np.float32)
        middle = chance.random(2) * size
        away = np.hypot(rows - middle[0], columns - middle[1])
        return np.clip(max(size) / 3 - away + 0.5, 0, 1).astype(np.float32)
    return values


KINDS = st.sampled_from(["noise", "hard", "almost", "person", "nobody", "everybody"])


@st.composite
def alphas(draw: Any, sizes: Any = SIZES) -> Array:
    """Mattes, float32 (H, W), 0 to 1."""
    size = draw(sizes)
    alpha = draw_alpha(size, draw(KINDS), draw(st.integers(0, 99)))
    return LAYOUTS[draw(st.sampled_from([*LAYOUTS]))](alpha)


@st.composite
def images(draw: Any, sizes: Any = SIZES, depths: Any = DEPTHS) -> Array:
    """Images, uint8 or uint16 (H, W, 3)."""
    depth = draw(depths)
    chance = np.random.default_rng(draw(st.integers(0, 99)))
    most = np.iinfo(depth).max
    size = draw(sizes)
    if draw(st.booleans()):
        pixels = chance.integers(0, most, (*size, 3), depth, endpoint=True)
    else:
        pixels = np.full((*size, 3), chance.integers(0, most, 3, endpoint=True), depth)
    return LAYOUTS[draw(st.sampled_from([*LAYOUTS]))](pixels)


@st.composite
def images_with_alphas(draw: Any, depths: Any = DEPTHS) -> tuple[Array, Array]:
    """An image and a matte of its size."""
    size = st.just(draw(SIZES))
    return draw(images(size, depths)), draw(alphas(size))
