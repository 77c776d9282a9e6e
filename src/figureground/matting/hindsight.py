"""Let a film's mattes be steadied by what comes later, too, where it is known already.

A frame's matte knows of the frames before it (`steady`). Of a film that is a file, those after it
tell as much: each matte is drawn towards the next, moved back along with the picture, beginning
with the last that is known. That is a smoother with a lag, after Rauch, Tung & Striebel, "Maximum
likelihood estimates of linear dynamic systems", AIAA Journal 1965. Frames that hardly change, so
that the network looks at few of them, are steady already and cost nothing more.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

import numpy as np

from figureground.arrays import Alpha, Rgb
from figureground.engines import Engine
from figureground.matting.film import Sketch, film_edges, film_sketch
from figureground.matting.film_look import Glimpse, View, mark_unknown, seen_from, work_size
from figureground.matting.resize import resize
from figureground.matting.steady import Motion, find_motion, settle_on

AT_ONCE = 2  # mattes that are settled in one go ...
BEYOND = 4  # ... and frames after the last of these that they are drawn towards
BEFORE = 3  # frames before two that tell, with these, whether they are steady already ...
CALM = 4  # ... which they are if so many of all five were foreseen
MANY = 300  # packets of sound and the like that wait, before frames no longer do: the film may end

Payload = TypeVar("Payload")
Waiting: TypeAlias = deque[tuple[Payload, Sketch | None]]


def in_hindsight(
    items: Iterable[tuple[Payload, Sketch | None]],
) -> Iterator[tuple[Payload, Sketch | None]]:
    """The same sketches in the same order, a few frames later, steadied by those that follow.

    items: what belongs to each sketch, and the sketch; None for packets of sound and the like.
    """
    waiting: Waiting[Payload] = deque()
    row = _Row()
    for item in items:
        sketch = item[1]
        if sketch is None and not waiting:
            yield item
            continue
        waiting.append(item)
        if sketch is not None:
            row.append(sketch)
            settled = row.take()
        else:
            settled = row.take_all() if len(waiting) > MANY else []
        yield from _hand_out(waiting, settled)
    yield from _hand_out(waiting, row.take_all())


def film_alphas(
    frames: Iterable[Rgb], engine: Engine, *, still: bool = True, live: bool = False
) -> list[Alpha]:
    """Mattes of a film, float32 (H, W), 0 to 1, as `figureground remove` makes them of a file.

    Args:
        frames: uint8 (H, W, 3), all of one size.
        engine: runs the network; see `figureground.engines`.
        still: keep the mattes from flickering; else every frame is a picture of its own.
        live: as `figureground live` makes them, which cannot wait for later frames.
    """

    def found() -> Iterator[tuple[None, Sketch]]:
        memory = None
        for rgb in frames:
            size = rgb.shape[0], rgb.shape[1]
            sketch, memory = film_sketch(rgb_view(rgb), size, engine, memory, still=still)
            yield None, sketch

    sketches = in_hindsight(found()) if still and not live else found()
    return [film_edges(sketch).full() for _, sketch in sketches if sketch is not None]


def rgb_view(rgb: Rgb) -> View:
    """Shows the network parts of a frame, uint8 (H, W, 3)."""
    return lambda part: resize(rgb[part.slices], work_size(part.size))


def _hand_out(
    waiting: Waiting[Payload], settled: Sequence[Sketch]
) -> Iterator[tuple[Payload, Sketch | None]]:
    for sketch in settled:
        yield waiting.popleft()[0], sketch
        while waiting and waiting[0][1] is None:
            yield waiting.popleft()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Tie:
    """How a frame shows what the frame before it shows."""

    motion: Motion  # from the later frame to the earlier
    views: tuple[Glimpse, Glimpse] | None  # later and earlier, where they are of different parts

    def settle(self, earlier: Alpha, later: Alpha) -> Alpha:
        """The earlier frame's matte, drawn towards the later's; each of its own input's size."""
        if self.views is not None:
            later = seen_from(later, *self.views)
        return settle_on(earlier, self.motion.carry(later))


class _Row:
    """Sketches of frames that follow one another."""

    def __init__(self) -> None:
        self._sketches: list[Sketch] = []
        self._ties: list[_Tie | None] = []  # of each sketch and the next, as far as known
        self._foreseen = [False] * BEFORE  # the ones before the first, and all since

    def append(self, sketch: Sketch) -> None:
        """Add what comes next."""
        self._sketches.append(sketch)
        self._foreseen.append(sketch.foreseen)
        if len(self._sketches) > 1:
            self._ties.append(self._tie(len(self._ties)))

    def take(self) -> list[Sketch]:
        """The first sketches, settled, if enough of what follows is known; they leave the row."""
        if len(self._sketches) >= AT_ONCE + BEYOND:
            return self._settled(AT_ONCE)
        free = [number for number, tie in enumerate(self._ties, 1) if tie is None]
        return self._settled(free[-1]) if free else []

    def take_all(self) -> list[Sketch]:
        """All that are left, settled."""
        return self._settled(len(self._sketches))

    def _settled(self, count: int) -> list[Sketch]:
        settled: list[Sketch] = []
        for number in reversed(range(len(self._sketches))):
            sketch = self._sketches[number]
            tie = self._ties[number] if number < len(self._ties) else None
            if tie is not None:
                small = tie.settle(sketch.small, settled[-1].small)
                sketch = replace(sketch, small=small)
            settled.append(sketch)
        del self._sketches[:count], self._ties[:count], self._foreseen[:count]
        return settled[::-1][:count]

    def _tie(self, number: int) -> _Tie | None:
        """Of a sketch and the next; None where the network looks seldom, or the scene changes."""
        if sum(self._foreseen[number : number + BEFORE + 2]) >= CALM:
            return None
        earlier, later = (sketch.glimpse for sketch in self._sketches[number : number + 2])
        seen, known, views = later.seen, None, None
        if later.part != earlier.part:
            views = later, earlier
            unlike, known = mark_unknown(earlier.seen, *views)
            seen = np.where(known[..., None] == 1, seen_from(seen, *views), unlike)
        motion = find_motion(seen, earlier.seen, known=known)
        return None if motion is None else _Tie(motion=motion, views=views)
