"""Images of nothing, with black masks: walls, skies, gradients, floors, tiles, grain.

A network that has seen people in almost every image takes a plain wall for one. Photographs
without people do not teach it better where they are full of things; these do.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from figureground.arrays import Mask, Rgb
from figureground.datasets.items import Item

SIDES = (240, 640)  # shortest and longest side of an image, in pixels
GRAIN = 0.04  # strongest noise of an image, as its standard deviation
FALL = 0.3  # how far light falls off across a wall, at most

Grid: TypeAlias = NDArray[np.float32]  # (H, W); what is drawn on it is (H, W, 3), 0 to 1


def plain(count: int, seed: int) -> list[Item]:
    """Images to be written by `convert`; the same for the same seed, however many."""
    return [
        Item(
            name=f"plain-{seed}-{number:05d}",
            source=Path(f"plain-{seed}-{number:05d}"),
            draw=partial(_draw, (seed, number)),
            composed=True,
        )
        for number in range(count)
    ]


def _draw(seed: tuple[int, int]) -> tuple[Rgb, Mask]:
    random = np.random.default_rng(seed)
    height, width = (int(side) for side in random.integers(*SIDES, 2, endpoint=True))
    draw = KINDS[seed[1] % len(KINDS)]
    down, right = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype(np.float32)
    scene = draw(random, down, right)
    if random.random() < 0.5:
        scene = scene + random.uniform(0, GRAIN) * random.standard_normal(scene.shape, np.float32)
    rgb = np.asarray(np.rint(255 * np.clip(scene, 0, 1)), np.uint8)
    return rgb, np.zeros((height, width), np.uint8)


def _color(random: Generator) -> Grid:
    """Half of them muted, as walls are, half any; dark and pale ones as often as others."""
    color = random.random(3, np.float32)
    if random.random() < 0.5:
        color = random.random(dtype=np.float32) + 0.15 * (color - color.mean())
    return np.asarray(np.clip(color, 0, 1), np.float32)


def _flat(random: Generator, down: Grid, _right: Grid) -> Grid:
    """One colour."""
    return np.broadcast_to(_color(random), (*down.shape, 3))


def _gradient(random: Generator, down: Grid, right: Grid) -> Grid:
    """One colour that becomes another, along any direction."""
    share = _along(random, down, right)[..., None]
    return np.asarray(share * _color(random) + (1 - share) * _color(random), np.float32)


def _lit(random: Generator, down: Grid, right: Grid) -> Grid:
    """A wall with a light on it, or a vignette."""
    far = np.hypot(down - random.random(), right - random.random(), dtype=np.float32)
    lit = _color(random) * (1 - random.uniform(-FALL, FALL) * far[..., None])
    return np.asarray(lit, np.float32)


def _blotched(random: Generator, down: Grid, _right: Grid) -> Grid:
    """Draw a place far out of focus: soft spots of a few colours."""
    grid = (*random.integers(2, 9, 2), 3)
    spots = random.standard_normal(grid, np.float32) * random.uniform(0.02, 0.3)
    soft = cv2.resize(spots + _color(random), down.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(soft, np.float32)


def _floored(random: Generator, down: Grid, right: Grid) -> Grid:
    """A wall and a floor, or two walls: two colours and the line between them, each lit."""
    beyond = (_along(random, down, right) > random.uniform(0.2, 0.8))[..., None]
    wall, floor = _lit(random, down, right), _lit(random, down, right)
    return np.where(beyond, floor, wall)


def _tiled(random: Generator, down: Grid, right: Grid) -> Grid:
    """Boards, tiles or bricks: a colour and its seams."""
    rows, columns = random.integers(1, 12, 2)
    seam = random.uniform(0.02, 0.2)
    seams = ((down * rows) % 1 < seam) | ((right * columns) % 1 < seam)
    return np.where(seams[..., None], _color(random), _lit(random, down, right))


def _along(random: Generator, down: Grid, right: Grid) -> Grid:
    """Return how far each pixel is along some direction, 0 to 1."""
    angle = random.uniform(0, 2 * np.pi)
    along = np.cos(angle) * down + np.sin(angle) * right
    low, high = float(along.min()), float(along.max())
    return np.asarray((along - low) / (high - low), np.float32)


KINDS: tuple[Callable[[Generator, Grid, Grid], Grid], ...] = (
    _flat, _gradient, _lit, _blotched, _floored, _tiled,
)  # fmt: skip
