"""Show the network a region of interest of a frame.

view ──region──▶ work ──▶ seen ──engine──▶ matte of the region
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Mask, Rgb, Size
from figureground.engines import Engine, open_engine
from figureground.matting.crop_refinement import Region, people_box
from figureground.matting.image_alpha import FRAME_LEVELS, stretch_levels
from figureground.matting.letterbox import MAX_ASPECT, PAD_GREY, Placement, plan_letterbox, window
from figureground.matting.resize import resize
from figureground.matting.roi_tracking import SHRINK_PATIENCE, shape_of, track_roi, whole_frame
from figureground.matting.small_regions import remove_small_regions

WORKING_SIDE = 640  # longest side at which edges are refined, pixels
# Pixels of the network's input, in the proportions of what is looked at: 256 by 448 of a wide video.
# Nobody is stretched, and the network takes 0.8 of the time of 384 by 384.
INPUT_PIXELS = 256 * 448
WIDE_FORMAT = 9, 16  # rows to columns of most videos
INPUT_STEP = (
    64  # of the input's sides, pixels: an even number of the coarsest features, as in training
)
UNKNOWN_MARK = np.uint8(128)  # changes a level so much that what was not looked at is not believed
SHAPE_SIDE = 256  # of a part of which only the shape counts, pixels

Kind = TypeVar("Kind", np.uint8, np.float32)
View = Callable[[Region], Rgb]
"""Shows a part of a frame in RGB, uint8 (h, w, 3), at the `working_size` of that part."""


def working_size(size: Size, longest: int = WORKING_SIDE) -> Size:
    """The size at which frames of `size`, rows and columns, are worked on."""
    scale = min(1.0, longest / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def video_engine(engine: Engine, size: Size) -> Engine:
    """A network at the size of input at which it is shown what is of `size`, rows and columns."""
    return engine.resized(_input_size(size))


def _input_size(size: Size) -> Size:
    shape = min(max(size[0] / size[1], 1 / MAX_ASPECT), MAX_ASPECT)
    rows, columns = (INPUT_PIXELS * shape) ** 0.5, (INPUT_PIXELS / shape) ** 0.5
    return round(rows / INPUT_STEP) * INPUT_STEP, round(columns / INPUT_STEP) * INPUT_STEP


def open_video_engine(path: Path, *, threads: int | None = None) -> Engine:
    """A network at the size at which wide videos are shown to it: most need no other at first.

    threads: cores that it may use; all if None.
    Raises:
        UsageError: the file is missing or of another kind.
        ModelError: it cannot be run.
    """
    return open_engine(path, threads=threads, size=_input_size(WIDE_FORMAT))


@dataclass(frozen=True, kw_only=True, eq=False)
class RoiInput:
    """A part of a frame, as the network is shown it."""

    frame: Size
    part: Region
    engine: Engine  # with an input of the part's shape
    work: Rgb  # the part at its `working_size`, uint8 (h, w, 3)
    seen: Rgb  # at the size of the network's input, uint8 (rows, columns, 3)
    placement: Placement  # where `work` lies in `seen`

    @property
    def is_whole(self) -> bool:
        """Whether it is all of the frame."""
        return self.part == whole_frame(self.frame)

    def alpha(self) -> Alpha:
        """The network's matte, float32, of the size of its input."""
        square = np.divide(self.seen, 255, dtype=np.float32)
        return remove_small_regions(stretch_levels(self.engine(square), FRAME_LEVELS))

    def people(self, small: Alpha) -> Region | None:
        """Return where in the frame people are, by a matte of the size of the input; None if nowhere."""
        found = people_box(small, self.placement._replace(image=self.part.size))
        if found is None:
            return None
        top, left = self.part.top, self.part.left
        return Region(
            top=top + found.top,
            left=left + found.left,
            bottom=top + found.bottom,
            right=left + found.right,
        )

    def axes(self) -> list[tuple[float, float]]:
        """Pixels of the input to one of the frame, and where the frame begins: rows, columns."""
        starts = self.part.top, self.part.left
        scales = [of / by for of, by in zip(self.placement.inner, self.part.size, strict=True)]
        return [
            (scale, corner - start * scale)
            for scale, corner, start in zip(scales, self.placement.corner, starts, strict=True)
        ]


@dataclass(frozen=True, kw_only=True, eq=False)
class RoiMatte:
    """A frame's matte, kept as small as it was found."""

    alpha: Alpha  # of the part, float32, 0 to 1, at the part's size or smaller
    part: Region  # of the frame, beyond which nobody is
    frame: Size
    reused: bool = False  # it is the last frame's, moved along: hardly anything has changed

    def full(self) -> Alpha:
        """The matte at the size of the frame, float32 (H, W)."""
        full = np.zeros(self.frame, np.float32)
        full[self.part.slices] = resize(self.alpha, self.part.size)
        return full


def look_at(view: View, part: Region, frame: Size, engine: Engine) -> RoiInput:
    """Look at a part of a frame of so many rows and columns."""
    shape = (
        frame
        if part == whole_frame(frame)
        else (SHAPE_SIDE, round(SHAPE_SIDE * shape_of(part.size)))
    )
    engine = video_engine(engine, shape)
    work = view(part)
    seen, placement = _fit(work, engine.size)
    return RoiInput(
        frame=frame, part=part, engine=engine, work=work, seen=seen, placement=placement
    )


def find_roi(view: View, frame: Size, engine: Engine) -> tuple[RoiInput, Alpha]:
    """The part of a frame where people are, found without knowing of others, and their matte."""
    roi = look_at(view, whole_frame(frame), frame, engine)
    small = roi.alpha()
    part, _ = next_roi(roi.people(small), roi)
    if part != roi.part:
        roi = look_at(view, part, frame, engine)
        small = roi.alpha()
    return roi, small


def next_roi(
    people: Region | None, roi: RoiInput, *, roomy: int = SHRINK_PATIENCE
) -> tuple[Region, int]:
    """Return the part to look at next; see `follow`. A frame no larger than the input hides nothing."""
    if roi.frame[0] * roi.frame[1] <= INPUT_PIXELS:
        return roi.part, 0
    return track_roi(people, roi.part, roi.frame, roomy=roomy)


def warp_between_rois(seen: NDArray[Kind], old: RoiInput, new: RoiInput) -> NDArray[Kind]:
    """Bring one glimpse, or its matte, to the place and size of another's input.

    Nought where the old glimpse does not reach.
    """
    steps = []
    for (old_scale, old_start), (new_scale, new_start) in zip(old.axes(), new.axes(), strict=True):
        step = old_scale / new_scale
        # Centres of pixels lie half a pixel from their edges.
        steps.append((step, old_start + (0.5 - new_start) * step - 0.5))
    (down, row), (across, column) = steps
    where = np.array([[across, 0, column], [0, down, row]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(seen, where, new.engine.size[::-1], flags=how), seen.dtype)


def mark_unknown(seen: Rgb, old: RoiInput, new: RoiInput) -> tuple[Rgb, Mask]:
    """Bring another glimpse to this one's place, made unlike anything where the old one does not reach.

    seen: uint8 (rows, columns, 3), of the size of the new one's input; so is what is returned,
    beside a mask, 1 where the old one reaches.
    """
    known = (warp_between_rois(np.ones(old.seen.shape[:2], np.float32), old, new) >= 0.5).view(
        np.uint8
    )
    return seen ^ ((1 - known) * UNKNOWN_MARK)[..., None], known


def _fit(work: Rgb, size: Size) -> tuple[Rgb, Placement]:
    """As `letterbox.letterbox`, in 8 bits; where sides at most halve, without the slow area average."""
    full = work.shape[0], work.shape[1]
    placement = plan_letterbox(full, size)
    rows, columns = placement.inner
    if rows <= full[0] <= 2 * rows and columns <= full[1] <= 2 * columns:
        inner = np.asarray(cv2.resize(work, (columns, rows)), np.uint8)
    else:
        inner = resize(work, placement.inner)
    if placement.inner == size:
        return inner, placement
    seen = np.full((*size, 3), round(PAD_GREY * 255), np.uint8)
    seen[window(placement)] = inner
    return seen, placement
