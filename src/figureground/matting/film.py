"""A frame's matte, made for speed: a film has many frames.

Differs from a single picture's in that edges are refined at no more than `WORK` pixels of length,
since moving edges are blurred and compressed anyway, and in what is known from the frames before:
where people are, and what their matte was.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from figureground.arrays import Alpha, Size
from figureground.engines import Engine
from figureground.matting.closer import Region
from figureground.matting.film_look import (
    Glimpse,
    PartMatte,
    View,
    look,
    look_around,
    mark_unknown,
    next_part,
    seen_from,
)
from figureground.matting.follow import holds, onward, together, whole
from figureground.matting.framing import unfit, window
from figureground.matting.refine import BLUR, learn
from figureground.matting.resize import resize
from figureground.matting.steady import DOUBT, Memory, foresee, settle_on

AFRESH = 6  # frames after which the network sees all of one again, to find who came
# A matte this close to nought or one is taken for that: holding steady leaves a haze of what the
# network wondered about in some of the frames.
TRACE = 0.05
SUM = np.ones((1, 3), np.float32)  # as OpenCV adds up channels


@dataclass(frozen=True, kw_only=True, eq=False)
class Sketch:
    """A frame's matte before its edges are refined."""

    glimpse: Glimpse  # of the part of the frame beyond which nobody is
    small: Alpha  # the matte of that part; float32, of the size of the network's input
    foreseen: bool  # it is the last frame's, moved along, since hardly anything has changed


@dataclass(frozen=True, kw_only=True, eq=False)
class FilmMemory:
    """What is known of the frames before."""

    last: Memory  # the last frame's matte, of `part`
    part: Region  # of the next frame, that is to be looked at
    people: Region | None  # where they were in the last frame
    since: int  # frames since the network saw all of one
    roomy: int  # frames on end in which a much smaller part would have done


def film_sketch(
    view: View, frame: Size, engine: Engine, memory: FilmMemory | None, *, still: bool = True
) -> tuple[Sketch, FilmMemory | None]:
    """Where the person is in a frame, given the frames before.

    Args:
        view: shows parts of the frame.
        frame: its rows and columns.
        engine: runs the network, at the sizes of input that suit the parts.
        memory: what the last call returned; None at the beginning.
        still: keep the matte from flickering, and look at fewer frames where the picture hardly
            changes; else every frame is a picture of its own.
    Returns: what `film_edges` needs; and the memory for the next call.
    """
    forecast, doubt = None, 0.0
    if memory is not None:
        glimpse = look(view, memory.part, frame, engine)
        forecast = foresee(glimpse.seen, memory.last, fine=False)
    if memory is None or forecast is None:  # the first frame, or that of a new scene
        memory = None
        glimpse, small = look_around(view, frame, engine)
    elif forecast.stands(memory.last):
        small, doubt = forecast.alpha, memory.last.doubt + forecast.doubt
    else:
        if forecast.doubt > DOUBT:
            forecast = foresee(glimpse.seen, memory.last)
        small = settle_on(glimpse.alpha(), forecast)
    sketch = Sketch(glimpse=glimpse, small=small, foreseen=doubt > 0)
    return sketch, _remember(sketch, memory, view, engine, doubt) if still else None


def _remember(
    sketch: Sketch, before: FilmMemory | None, view: View, engine: Engine, doubt: float
) -> FilmMemory:
    """Decide where to look in the next frame, and see this one as one will look there."""
    glimpse, small = sketch.glimpse, sketch.small
    people = glimpse.people(small)
    since = 0 if before is None or glimpse.is_whole else before.since + 1
    if since >= AFRESH:
        since = 0
        everything = look(view, whole(glimpse.frame), glimpse.frame, engine)
        everybody = everything.people(everything.alpha())
        if everybody is not None and not holds(glimpse.part, everybody, glimpse.frame):
            people = together(people, everybody)  # somebody came
    expected = onward(people, before.people if before else None)
    part, roomy = next_part(expected, glimpse, roomy=before.roomy if before else 0)
    seen, known = glimpse.seen, None
    if part != glimpse.part:
        new = look(view, part, glimpse.frame, engine)
        seen, known = mark_unknown(new.seen, glimpse, new)
        small = seen_from(small, glimpse, new)
    last = Memory(seen=seen, alpha=small, doubt=doubt, known=known)
    return FilmMemory(last=last, part=part, people=people, since=since, roomy=roomy)


def film_edges(sketch: Sketch) -> PartMatte:
    """How much of each pixel of a frame the person covers, at the part's `work_size`.

    As `refine.refine`, but for all of a small picture at once instead of tile by tile, and learnt
    on half of the input's rows and columns, which measures the same in a quarter of the time.
    """
    glimpse = sketch.glimpse
    alpha, inner = unfit(sketch.small, glimpse.placement), window(glimpse.placement)
    small = np.ascontiguousarray(sketch.small[inner])
    seen = np.asarray(cv2.GaussianBlur(glimpse.seen[inner], (5, 5), BLUR), np.uint8)
    half = -(-small.shape[0] // 2), -(-small.shape[1] // 2)
    coarse = np.divide(resize(seen, half), 255, dtype=np.float32)
    slope = learn(coarse, resize(small, half), blur=0)[:3]
    slope = resize(np.ascontiguousarray(slope.transpose(1, 2, 0)), (small.shape[0], small.shape[1]))
    offset = cv2.transform(cv2.multiply(slope, seen, scale=1 / 255, dtype=cv2.CV_32F), SUM)
    size = alpha.shape[0], alpha.shape[1]
    change = cv2.multiply(resize(slope, size), glimpse.work, scale=1 / 255, dtype=cv2.CV_32F)
    cv2.add(alpha, cv2.transform(change, SUM), dst=alpha)
    cv2.subtract(alpha, resize(np.asarray(offset, np.float32), size), dst=alpha)
    alpha *= np.float32(1 + 2 * TRACE)
    alpha -= np.float32(TRACE)
    np.clip(alpha, 0, 1, out=alpha)
    return PartMatte(alpha=alpha, part=glimpse.part, frame=glimpse.frame, foreseen=sketch.foreseen)
