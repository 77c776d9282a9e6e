"""A frame's matte, made for speed: a film has many frames.

Differs from a single picture's in that edges are refined at no more than `WORK` pixels of length,
since moving edges are blurred and compressed anyway, and in what is known from the frames before.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Rgb, Size
from figureground.engines import Engine
from figureground.matting.framing import WIDEST, Placement, fit, place, unfit, window
from figureground.matting.matte import settle
from figureground.matting.refine import BLUR, learn
from figureground.matting.resize import resize
from figureground.matting.steady import GUESSES, Memory, foresee, settle_on, to_levels

WORK = 640  # longest side at which edges are refined, pixels
# Pixels of the network's input, in the proportions of the film: 224 by 384 of a wide one. On films
# of people whom no training saw IoU is that of 384 by 384 or more, since nobody is stretched, in
# 0.6 of the network's time; edges are a little coarser (docs/video.md).
INPUT = 224 * 384
TRACE = 0.01  # a matte this close to nought or one is taken for that: nobody sees it, all count it
SUM = np.ones((1, 3), np.float32)  # as OpenCV adds up channels

Maps = NDArray[np.float32]


def work_size(size: Size, longest: int = WORK) -> Size:
    """The size at which frames of `size`, rows and columns, are worked on."""
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def film_engine(engine: Engine, size: Size) -> Engine:
    """A network at the size of input at which it is shown frames of `size`, rows and columns."""
    shape = min(max(size[0] / size[1], 1 / WIDEST), WIDEST)
    return engine.resized((round((INPUT * shape) ** 0.5), round((INPUT / shape) ** 0.5)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Sketch:
    """A frame's matte before its edges are refined, and what is needed for that."""

    small: Alpha  # float32, of the size of the network's input
    square: Maps  # what the network saw, float32 (rows, columns, 3), 0 to 1
    work: Rgb  # the frame at its `work_size`, uint8 (h, w, 3)
    placement: Placement  # how `framing.fit` made `square` from `work`


def film_sketch(
    rgb: Rgb, engine: Engine, memory: Memory | None, *, still: bool = True
) -> tuple[Sketch, Memory | None]:
    """Where the person is in a frame, given the frames before.

    Args:
        rgb: uint8 (H, W, 3); more than `work_size` brings nothing.
        engine: runs the network; see `film_engine`.
        memory: what the last call returned; None at the beginning.
        still: keep the matte from flickering, and look at every third frame only where the picture
            hardly changes; else every frame is a picture of its own.
    Returns: what `film_edges` needs; and the memory for the next call.
    """
    work = resize(rgb, work_size((rgb.shape[0], rgb.shape[1])))
    square, placement = _fit(work, engine.size)
    if not still:
        small = settle(engine(square))
        return Sketch(small=small, square=square, work=work, placement=placement), None
    seen = to_levels(square)
    forecast = foresee(seen, memory)
    guessed = memory.guessed if memory is not None else 0
    if forecast is not None and guessed < GUESSES and forecast.is_sure:
        small, guessed = forecast.alpha, guessed + 1
    else:
        small, guessed = settle_on(settle(engine(square)), forecast), 0
    memory = Memory(seen=seen, alpha=small, guessed=guessed)
    return Sketch(small=small, square=square, work=work, placement=placement), memory


def _fit(work: Rgb, size: Size) -> tuple[Maps, Placement]:
    """As `framing.fit`; where sides at most halve, without the slow average over broken numbers."""
    full = work.shape[0], work.shape[1]
    placement = place(full, size)
    rows, columns = placement.inner
    if not rows <= full[0] <= 2 * rows or not columns <= full[1] <= 2 * columns:
        return fit(work, size)
    inner = np.asarray(cv2.resize(work, (columns, rows)), np.uint8)
    return fit(inner, size)[0], placement


def film_edges(sketch: Sketch) -> Alpha:
    """How much of each pixel of a frame the person covers, float32 of its `work_size`, 0 to 1.

    As `refine.refine`, but for all of a small picture at once instead of tile by tile, and learnt
    on half of the input's rows and columns, which measures the same in a quarter of the time.
    """
    alpha, inner = unfit(sketch.small, sketch.placement), window(sketch.placement)
    small = np.ascontiguousarray(sketch.small[inner])
    seen = np.asarray(cv2.GaussianBlur(sketch.square[inner], (5, 5), BLUR), np.float32)
    half = -(-small.shape[0] // 2), -(-small.shape[1] // 2)
    slope = learn(resize(seen, half), resize(small, half), blur=0)[:3]
    slope = resize(np.ascontiguousarray(slope.transpose(1, 2, 0)), (small.shape[0], small.shape[1]))
    offset = cv2.transform(cv2.multiply(slope, seen), SUM)
    size = alpha.shape[0], alpha.shape[1]
    change = cv2.multiply(resize(slope, size), sketch.work, scale=1 / 255, dtype=cv2.CV_32F)
    cv2.add(alpha, cv2.transform(change, SUM), dst=alpha)
    cv2.subtract(alpha, resize(np.asarray(offset, np.float32), size), dst=alpha)
    alpha *= np.float32(1 + 2 * TRACE)
    alpha -= np.float32(TRACE)
    return np.clip(alpha, 0, 1, out=alpha)


def film_alpha(
    rgb: Rgb, engine: Engine, memory: Memory | None, *, still: bool = True
) -> tuple[Alpha, Memory | None]:
    """`film_sketch` and `film_edges` in one, at the size of the frame: float32 (H, W), 0 to 1."""
    sketch, memory = film_sketch(rgb, engine, memory, still=still)
    return resize(film_edges(sketch), (rgb.shape[0], rgb.shape[1])), memory
