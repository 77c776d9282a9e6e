"""Smooth a video's mattes with frames that come later: a fixed-lag smoother.

A frame's matte knows the frames before it (`temporal_smoothing`). Of a file, those after it are
known as well: each matte is drawn towards the next, warped back by optical flow, from the last
frame of the lag to the first. Source: Rauch, Tung & Striebel, "Maximum likelihood estimates of
linear dynamic systems", AIAA Journal 1965. Frames of calm scenes do not wait.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

import numpy as np

from figureground.arrays import Alpha, Rgb
from figureground.engines import Engine
from figureground.matting.resize import resize
from figureground.matting.roi import RoiInput, View, mark_unknown, warp_between_rois, working_size
from figureground.matting.temporal_smoothing import OpticalFlow, blend_previous, estimate_flow
from figureground.matting.video_alpha import CoarseMatte, estimate_frame_alpha, refine_frame_alpha

AT_ONCE = 2  # mattes that are settled in one go ...
LAG = 4  # ... and frames after the last of these that they are drawn towards
BEFORE = 3  # frames before two that tell, with these, whether they are steady already ...
CALM = 4  # ... which they are if so many of all five were foreseen
MAX_WAITING = (
    300  # packets of sound and the like that wait, before frames no longer do: the video may end
)

Payload = TypeVar("Payload")
Waiting: TypeAlias = deque[tuple[Payload, CoarseMatte | None]]


def smooth_fixed_lag(
    items: Iterable[tuple[Payload, CoarseMatte | None]],
) -> Iterator[tuple[Payload, CoarseMatte | None]]:
    """The same sketches in the same order, a few frames later, steadied by those that follow.

    items: what belongs to each sketch, and the sketch; None for packets of sound and the like.
    """
    waiting: Waiting[Payload] = deque()
    window = _SmoothingWindow()
    for item in items:
        coarse_matte = item[1]
        if coarse_matte is None and not waiting:
            yield item
            continue
        waiting.append(item)
        if coarse_matte is not None:
            window.append(coarse_matte)
            smoothed = window.take()
        else:
            smoothed = window.take_all() if len(waiting) > MAX_WAITING else []
        yield from _hand_out(waiting, smoothed)
    yield from _hand_out(waiting, window.take_all())


def estimate_video_alphas(
    frames: Iterable[Rgb], engine: Engine, *, smooth: bool = True, live: bool = False
) -> list[Alpha]:
    """Mattes of a video, float32 (H, W), 0 to 1, as `figureground remove` makes them of a file.

    Args:
        frames: uint8 (H, W, 3), all of one size.
        engine: runs the network; see `figureground.engines`.
        smooth: keep the mattes from flickering; else every frame is an image of its own.
        live: as `figureground live` makes them, which cannot wait for later frames.
    """

    def found() -> Iterator[tuple[None, CoarseMatte]]:
        memory = None
        for rgb in frames:
            size = rgb.shape[0], rgb.shape[1]
            coarse_matte, memory = estimate_frame_alpha(
                rgb_view(rgb), size, engine, memory, smooth=smooth
            )
            yield None, coarse_matte

    coarse_mattes = smooth_fixed_lag(found()) if smooth and not live else found()
    return [
        refine_frame_alpha(coarse_matte).full()
        for _, coarse_matte in coarse_mattes
        if coarse_matte is not None
    ]


def rgb_view(rgb: Rgb) -> View:
    """Shows the network parts of a frame, uint8 (H, W, 3)."""
    return lambda part: resize(rgb[part.slices], working_size(part.size))


def _hand_out(
    waiting: Waiting[Payload], smoothed: Sequence[CoarseMatte]
) -> Iterator[tuple[Payload, CoarseMatte | None]]:
    for coarse_matte in smoothed:
        yield waiting.popleft()[0], coarse_matte
        while waiting and waiting[0][1] is None:
            yield waiting.popleft()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Link:
    """How a frame shows what the frame before it shows."""

    flow: OpticalFlow  # from the later frame to the earlier
    views: tuple[RoiInput, RoiInput] | None  # later and earlier, where they are of different parts

    def smooth(self, earlier: Alpha, later: Alpha) -> Alpha:
        """The earlier frame's matte, drawn towards the later's; each of its own input's size."""
        if self.views is not None:
            later = warp_between_rois(later, *self.views)
        return blend_previous(earlier, self.flow.warp(later))


class _SmoothingWindow:
    """Sketches of frames that follow one another."""

    def __init__(self) -> None:
        self._coarse_mattes: list[CoarseMatte] = []
        self._links: list[_Link | None] = []  # of each sketch and the next, as far as known
        self._reused = [False] * BEFORE  # the ones before the first, and all since

    def append(self, coarse_matte: CoarseMatte) -> None:
        """Add what comes next."""
        self._coarse_mattes.append(coarse_matte)
        self._reused.append(coarse_matte.reused)
        if len(self._coarse_mattes) > 1:
            self._links.append(self._link(len(self._links)))

    def take(self) -> list[CoarseMatte]:
        """The first sketches, settled, if enough of what follows is known; they leave the row."""
        if len(self._coarse_mattes) >= AT_ONCE + LAG:
            return self._smoothed(AT_ONCE)
        free = [number for number, link in enumerate(self._links, 1) if link is None]
        return self._smoothed(free[-1]) if free else []

    def take_all(self) -> list[CoarseMatte]:
        """All that are left, settled."""
        return self._smoothed(len(self._coarse_mattes))

    def _smoothed(self, count: int) -> list[CoarseMatte]:
        smoothed: list[CoarseMatte] = []
        for number in reversed(range(len(self._coarse_mattes))):
            coarse_matte = self._coarse_mattes[number]
            link = self._links[number] if number < len(self._links) else None
            if link is not None:
                small = link.smooth(coarse_matte.small, smoothed[-1].small)
                coarse_matte = replace(coarse_matte, small=small)
            smoothed.append(coarse_matte)
        del self._coarse_mattes[:count], self._links[:count], self._reused[:count]
        return smoothed[::-1][:count]

    def _link(self, number: int) -> _Link | None:
        """Of a sketch and the next; None where the network looks seldom, or the scene changes."""
        if sum(self._reused[number : number + BEFORE + 2]) >= CALM:
            return None
        earlier, later = (
            coarse_matte.roi for coarse_matte in self._coarse_mattes[number : number + 2]
        )
        seen, known, views = later.seen, None, None
        if later.part != earlier.part:
            views = later, earlier
            unlike, known = mark_unknown(earlier.seen, *views)
            seen = np.where(known[..., None] == 1, warp_between_rois(seen, *views), unlike)
        flow = estimate_flow(seen, earlier.seen, known=known)
        return None if flow is None else _Link(flow=flow, views=views)
