"""Videos whose mattes are known: a cutout moves, turns and bends before a scene that moves too."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Mask, Rgb, Size
from figureground.matting.background import cover
from figureground.matting.foreground import estimate_foreground

DRIFT = 0.08  # how far the person strays from the middle, share of the frame's longest side
TURN = 6.0  # degrees that the person leans to either side
NEARER = 0.06  # share by which the person grows and shrinks
BEND = 0.012  # how far limbs move beyond that, share of the longest side
PAN = 0.04  # how far the scene moves, share of the longest side
NOISE = 3.0  # of the camera, standard deviation, levels of 255
LIGHT = 0.02  # share by which the exposure varies


@dataclass(frozen=True, kw_only=True)
class MotionPath:
    """How a person moves."""

    frames: int  # how many
    size: Size  # of each, rows and columns
    seed: int = 0  # decides how all of it moves; with an even one the scene stands still
    pace: float = 1.0  # how far all of it moves, of what the constants above say


def animate_cutout(
    image: Rgb, mask: Mask, scene: Rgb, path: MotionPath
) -> Iterator[tuple[Rgb, Mask]]:
    """Frames, and the true matte of each, of a person cut out of an image.

    Args:
        image: uint8 (H, W, 3).
        mask: the person's matte, uint8 (H, W), 0 to 255.
        scene: what is behind, uint8 (h, w, 3).
        motion: how many frames, and how all of it moves.
    Yields: uint8 (*size, 3) and uint8 (*size).
    """
    size, random = path.size, np.random.default_rng(path.seed)
    alpha = (mask / np.float32(255)).astype(np.float32)
    colors = estimate_foreground(image, alpha)
    person = np.dstack([colors * alpha[..., None], alpha * 255]).astype(np.float32)
    wide = cover(scene, (round(size[0] * (1 + 3 * PAN)), round(size[1] * (1 + 3 * PAN))))
    far = path.seed % 2 * PAN * max(size)
    rates, starts = random.uniform(0.05, 0.16, 10), random.uniform(0, 2 * np.pi, 10)
    for number in range(path.frames):
        wave = np.sin(rates * number + starts) * path.pace
        layer = _bend(_place(person, wave, size), wave, max(size))
        back = _shift(wide, far * wave[4:6], size)
        share = layer[..., 3:] / 255
        shown = layer[..., :3] + back * (1 - share)
        shown = shown * (1 + LIGHT * wave[6]) + random.normal(0, NOISE, shown.shape)
        yield _levels(shown), _levels(layer[..., 3])


def _place(person: NDArray[np.float32], wave: NDArray[Any], size: Size) -> NDArray[np.float32]:
    """The cutout as high as the frame, moved, turned and scaled."""
    rows, columns = person.shape[:2]
    scale = size[0] / rows * (1 + NEARER * wave[2])
    matrix = cv2.getRotationMatrix2D((columns / 2, rows / 2), TURN * wave[3], scale)
    matrix[0, 2] += size[1] / 2 - columns / 2 + DRIFT * max(size) * wave[0]
    matrix[1, 2] += size[0] / 2 - rows / 2 + DRIFT / 4 * max(size) * wave[1]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.warpAffine(person, matrix, size[::-1], flags=how), np.float32)


def _bend(layer: NDArray[np.float32], wave: NDArray[Any], longest: int) -> NDArray[np.float32]:
    """The same with slow waves through it, as if limbs moved."""
    rows, columns = np.indices(layer.shape[:2], np.float32)
    around = np.float32(2 * np.pi * 3 / longest)
    far = np.float32(BEND * longest)
    across = columns + far * np.float32(wave[7]) * np.sin(rows * around + np.float32(wave[8]))
    down = rows + far * np.float32(wave[8]) * np.sin(columns * around + np.float32(wave[9]))
    return np.asarray(cv2.remap(layer, across, down, cv2.INTER_LINEAR), np.float32)


def _shift(scene: Rgb, by: NDArray[Any], size: Size) -> NDArray[np.float32]:
    """The part of a scene that a camera sees that has moved by so many pixels, across and down."""
    down, across = ((scene.shape[axis] - size[axis]) / 2 for axis in (0, 1))
    matrix = np.array([[1, 0, by[0] - across], [0, 1, by[1] - down]], np.float32)
    moved = cv2.warpAffine(scene, matrix, size[::-1], borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)


def _levels(values: NDArray[Any]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(np.clip(values, 0, 255)), np.uint8)
