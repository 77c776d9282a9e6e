"""Samples of several images: people before other backgrounds, beside other people, or nobody."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Mask, Rgb
from figureground.training.augment import (
    Random,
    Sample,
    backlight,
    frame,
    join,
    natural,
    split,
    take,
)
from figureground.training.packed import PackedSquares
from figureground.training.sample_cache import CachedSquares

SOLID, FAINT = 127, 12  # alpha above which a pixel is a person's, or may be
UNTOUCHED = 0.5  # share of natural samples that are neither mixed nor worn
BEHIND = 0.3  # share of pasted people who stand behind those that are there
FEATHER = (0.4, 1.2)  # standard deviation of a pasted edge's softening, pixels
GAIN = (0.5, 2.0)  # bounds of what a colour is multiplied by to match a scene

Squares: TypeAlias = np.ndarray | PackedSquares | CachedSquares
"""Pairs, uint8 (N, S, S, 4), all in one array or read one by one."""


@dataclass(frozen=True, kw_only=True)
class Mixing:
    """How often samples are put before other backgrounds, get other people, or show nobody."""

    augment: bool = True  # off: every sample is its pair as it is
    natural: float = 0.0  # share that is framed as in use; half of these are left so
    paste: float = 0.0
    recomposed: float = 0.0
    negatives: float = 0.0
    backgrounds: np.ndarray | None = None  # uint8 (N, rows, columns, 4), the last channel 0


def sampler(
    squares: Squares, mixing: Mixing, *, seed: int, size: int
) -> Callable[[int, int], Sample]:
    """A function from (number of the sample, position among the squares) to a sample.

    The sample, uint8 (size, size, 4), RGB and alpha, follows from seed, number and
    position alone. squares: of S by S; S is `size` where nothing is augmented.
    """

    def sample_of(number: int, position: int) -> Sample:
        if not mixing.augment:
            return squares[position]
        random = np.random.default_rng([seed, int(number)])
        if mixing.natural and random.random() < mixing.natural:
            sample = natural(squares[position], random, size)
            if random.random() < UNTOUCHED:
                return sample
        else:
            sample = frame(squares[position], random, size)
        kind = random.random()
        sample = _behind(sample, mixing, kind, random, size)
        if kind >= mixing.negatives and random.random() < mixing.paste:
            other = squares[_partner(squares, position, random.random())]
            sample = paste(sample, frame(other, random, size), random)
        rgb, alpha = split(sample)
        return join(take(backlight(rgb, alpha, random), random), alpha)

    return sample_of


def _partner(squares: Squares, position: int, share: float) -> int:
    """Return the position of another sample, which lies near where all others would be far away."""
    if isinstance(squares, np.ndarray):
        return int(share * len(squares))
    return squares.near(position, share)


def _behind(sample: Sample, mixing: Mixing, kind: float, random: Random, size: int) -> Sample:
    """Sometimes another background, or nothing but one; samples without people stay.

    kind: 0 to 1; the lowest are negatives, the next are put before another background.
    """
    scenes = mixing.backgrounds
    if scenes is None or kind >= mixing.negatives + mixing.recomposed:
        return sample
    scene = frame(scenes[int(random.random() * len(scenes))], random, size)
    if kind < mixing.negatives:
        return scene
    nobody = _bounds(split(sample)[1], SOLID) is None
    return sample if nobody else recompose(sample, split(scene)[0], random)


def recompose(sample: Sample, scene: Rgb, random: Random) -> Sample:
    """Put a sample's people before another background, (S, S, 3), brought to their light."""
    rgb, alpha = split(sample)
    scene = tint(scene, gain_to(cv2.mean(rgb), cv2.mean(scene), random))
    return join(blend(scene, rgb, alpha), alpha)


def paste(sample: Sample, other: Sample, random: Random) -> Sample:
    """Put the people of `other` beside those of `sample`, softly, in the colours of its scene.

    Both (S, S, 4), as is the result. Whoever is cut off by a border stays at that border.
    """
    (rgb, there), (guests, theirs) = split(sample), split(other)
    guest, host = _bounds(theirs, FAINT), _bounds(there, SOLID)
    if guest is None:
        return sample
    size = len(there)
    top, left, bottom, right = guest
    if top == 0 or (left == 0 and right == size):  # cut off where no move could hide it
        x, y, height, width = left, top, bottom - top, right - left
    else:
        x, y, height, width = _place(guest, host, size, random)
    method = cv2.INTER_AREA if height < bottom - top else cv2.INTER_LINEAR
    cut = cv2.resize(other[top:bottom, left:right], (width, height), interpolation=method)
    front, alpha = split(np.asarray(cut, np.uint8))
    alpha = soften(alpha, random.uniform(*FEATHER))
    front = tint(front, gain_to(cv2.mean(rgb), cv2.mean(guests), random))
    rows, columns = _inside(y, height, size), _inside(x, width, size)
    alpha = alpha[rows.start - y : rows.stop - y, columns.start - x : columns.stop - x]
    front = front[rows.start - y : rows.stop - y, columns.start - x : columns.stop - x]
    covered = there[rows, columns]
    if random.random() < BEHIND:
        alpha = _times(alpha, 255 - covered)
    rgb[rows, columns] = blend(rgb[rows, columns], front, alpha)
    there[rows, columns] = cv2.add(alpha, _times(covered, 255 - alpha))
    return join(rgb, there)


def _place(
    guest: tuple[int, ...], host: tuple[int, ...] | None, size: int, random: Random
) -> tuple[int, int, int, int]:
    """Return where a guest goes: columns from the left, rows from the top, rows and columns it takes.

    guest, host: top, left, bottom, right.
    """
    tall = (host[2] - host[0]) if host else size * random.uniform(0.4, 0.95)
    scale = np.clip(tall * random.uniform(0.7, 1.2) / (guest[2] - guest[0]), 0.3, 1.5)
    height = max(1, round(float(scale * (guest[2] - guest[0]))))
    width = max(1, round(float(scale * (guest[3] - guest[1]))))
    if host is None:
        x, foot = int(random.uniform(0, max(1, size - width))), size
    else:
        overlap = round(width * random.uniform(-0.1, 0.35))
        rooms = (host[1] + 1, size - host[3] + 1)  # left and right of whoever is there
        on_left = random.random() < rooms[0] / sum(rooms)
        x = host[1] - width + overlap if on_left else host[3] - overlap
        x = min(max(x, -width // 2), size - width // 2)  # half of a guest shows at least
        foot = host[2] + round(0.05 * size * random.uniform(-1, 1))
        foot = min(max(foot, height // 2 + 1), size)
    if guest[1] == 0:  # cut off on the left
        x = 0
    elif guest[3] == size:
        x = size - width
    if guest[2] == size:  # the feet are not in the image
        foot = size
    return x, foot - height, height, width


def _inside(start: int, length: int, size: int) -> slice:
    """The part of a stretch that lies between 0 and `size`."""
    return slice(min(max(0, start), size), max(0, min(size, start + length)))


def gain_to(scene: Sequence[float], light: Sequence[float], random: Random) -> NDArray[np.float64]:
    """Draw factors, (3,), that bring colours of one light a random share of the way to a scene's.

    The light is an image's mean colour, as if the world were grey on average (Buchsbaum, "A
    spatial processor model for object colour perception", 1980).
    """
    wanted, own = np.array(scene[:3]) + 1, np.array(light[:3]) + 1
    gain: NDArray[np.float64] = np.clip(wanted / own, *GAIN) ** random.uniform(0.5, 1.0)
    return gain


def tint(rgb: Rgb, gain: NDArray[np.float64]) -> Rgb:
    """Each colour times its gain, (3,)."""
    levels = np.clip(np.arange(256)[:, None] * gain, 0, 255)
    return np.asarray(cv2.LUT(rgb, np.rint(levels).astype(np.uint8)[None]), np.uint8)


def soften(alpha: Mask, sigma: float) -> Mask:
    """Blur an edge inwards only, so that nothing of the old background comes along."""
    return np.minimum(alpha, np.asarray(cv2.GaussianBlur(alpha, (0, 0), sigma), np.uint8))


def blend(behind: Rgb, front: Rgb, alpha: Mask) -> Rgb:
    """`front` over `behind`, uint8 (H, W, 3), by uint8 (H, W)."""
    share = cv2.merge([alpha] * 3)
    both = cv2.add(
        cv2.multiply(front, share, scale=1 / 255), cv2.multiply(behind, 255 - share, scale=1 / 255)
    )
    return np.asarray(both, np.uint8)


def _times(one: Mask, other: Mask) -> Mask:
    return np.asarray(cv2.multiply(one, other, scale=1 / 255), np.uint8)


def _bounds(alpha: Mask, above: int) -> tuple[int, int, int, int] | None:
    """Top, left, bottom, right of what is above a level; None where nothing is."""
    left, top, width, height = cv2.boundingRect((alpha > above).view(np.uint8))
    return (top, left, top + height, left + width) if width else None
