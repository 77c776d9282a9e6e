"""Estimate the matte of a video's frame, made for speed.

It differs from a single image's in two ways: edges are refined at no more than `WORKING_SIDE`
pixels, since moving edges are blurred and compressed anyway; and it uses the frames before, which
tell where people are and what their matte was.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from figureground.arrays import Alpha, Size
from figureground.engines import Engine
from figureground.matting.crop_refinement import Region
from figureground.matting.guided_filter import BLUR, learn_slope
from figureground.matting.letterbox import unletterbox, window
from figureground.matting.resize import resize
from figureground.matting.roi import (
    RoiInput,
    RoiMatte,
    View,
    find_roi,
    look_at,
    mark_unknown,
    next_roi,
    warp_between_rois,
)
from figureground.matting.roi_tracking import holds, onward, together, whole_frame
from figureground.matting.temporal_smoothing import (
    MAX_REUSE_DOUBT,
    TemporalState,
    blend_previous,
    warp_previous,
)

FULL_FRAME_INTERVAL = 6  # frames after which the network sees all of one again, to find who came
# Alpha within this distance of 0 or 1 is clamped to it: temporal blending leaves a faint residue.
RESIDUE = 0.05
CHANNEL_SUM = np.ones((1, 3), np.float32)  # as OpenCV adds up channels


@dataclass(frozen=True, kw_only=True, eq=False)
class CoarseMatte:
    """A frame's matte before its edges are refined."""

    roi: RoiInput  # of the part of the frame beyond which nobody is
    small: Alpha  # the matte of that part; float32, of the size of the network's input
    reused: bool  # it is the last frame's, moved along, since hardly anything has changed


@dataclass(frozen=True, kw_only=True, eq=False)
class VideoState:
    """What is known of the frames before."""

    last: TemporalState  # the last frame's matte, of `part`
    part: Region  # of the next frame, that is to be looked at
    people: Region | None  # where they were in the last frame
    since: int  # frames since the network saw all of one
    roomy: int  # frames on end in which a much smaller part would have done


def estimate_frame_alpha(
    view: View, frame: Size, engine: Engine, memory: VideoState | None, *, smooth: bool = True
) -> tuple[CoarseMatte, VideoState | None]:
    """Return where the person is in a frame, given the frames before.

    Args:
        view: shows parts of the frame.
        frame: its rows and columns.
        engine: runs the network, at the sizes of input that suit the parts.
        memory: what the last call returned; None at the beginning.
        smooth: keep the matte from flickering, and look at fewer frames where the image hardly
            changes; else every frame is an image of its own.
    Returns: what `refine_frame_alpha` needs; and the memory for the next call.
    """
    warped, doubt = None, 0.0
    if memory is not None:
        roi = look_at(view, memory.part, frame, engine)
        warped = warp_previous(roi.seen, memory.last, fine=False)
    if memory is None or warped is None:  # the first frame, or that of a new scene
        memory = None
        roi, small = find_roi(view, frame, engine)
    elif warped.is_reusable(memory.last):
        small, doubt = warped.alpha, memory.last.doubt + warped.doubt
    else:
        if warped.doubt > MAX_REUSE_DOUBT:
            warped = warp_previous(roi.seen, memory.last)
        small = blend_previous(roi.alpha(), warped)
    coarse_matte = CoarseMatte(roi=roi, small=small, reused=doubt > 0)
    return coarse_matte, _remember(coarse_matte, memory, view, engine, doubt) if smooth else None


def _remember(
    coarse_matte: CoarseMatte, before: VideoState | None, view: View, engine: Engine, doubt: float
) -> VideoState:
    """Decide where to look in the next frame, and see this one as one will look there."""
    roi, small = coarse_matte.roi, coarse_matte.small
    people = roi.people(small)
    since = 0 if before is None or roi.is_whole else before.since + 1
    if since >= FULL_FRAME_INTERVAL:
        since = 0
        everything = look_at(view, whole_frame(roi.frame), roi.frame, engine)
        everybody = everything.people(everything.alpha())
        if everybody is not None and not holds(roi.part, everybody, roi.frame):
            people = together(people, everybody)  # somebody came
    expected = onward(people, before.people if before else None)
    part, roomy = next_roi(expected, roi, roomy=before.roomy if before else 0)
    seen, known = roi.seen, None
    if part != roi.part:
        new = look_at(view, part, roi.frame, engine)
        seen, known = mark_unknown(new.seen, roi, new)
        small = warp_between_rois(small, roi, new)
    last = TemporalState(seen=seen, alpha=small, doubt=doubt, known=known)
    return VideoState(last=last, part=part, people=people, since=since, roomy=roomy)


def refine_frame_alpha(coarse_matte: CoarseMatte) -> RoiMatte:
    """Return how much of each pixel of a frame the person covers, at the part's `working_size`.

    A guided filter, see `guided_filter`, learnt on half of the input's rows and columns, which
    measures the same in a quarter of the time.
    """
    roi = coarse_matte.roi
    alpha, inner = unletterbox(coarse_matte.small, roi.placement), window(roi.placement)
    small = np.ascontiguousarray(coarse_matte.small[inner])
    seen = np.asarray(cv2.GaussianBlur(roi.seen[inner], (5, 5), BLUR), np.uint8)
    half = -(-small.shape[0] // 2), -(-small.shape[1] // 2)
    coarse = np.divide(resize(seen, half), 255, dtype=np.float32)
    slope = learn_slope(coarse, resize(small, half))
    slope = resize(np.ascontiguousarray(slope.transpose(1, 2, 0)), (small.shape[0], small.shape[1]))
    offset = cv2.transform(cv2.multiply(slope, seen, scale=1 / 255, dtype=cv2.CV_32F), CHANNEL_SUM)
    size = alpha.shape[0], alpha.shape[1]
    change = cv2.multiply(resize(slope, size), roi.work, scale=1 / 255, dtype=cv2.CV_32F)
    cv2.add(alpha, cv2.transform(change, CHANNEL_SUM), dst=alpha)
    cv2.subtract(alpha, resize(np.asarray(offset, np.float32), size), dst=alpha)
    alpha *= np.float32(1 + 2 * RESIDUE)
    alpha -= np.float32(RESIDUE)
    np.clip(alpha, 0, 1, out=alpha)
    return RoiMatte(alpha=alpha, part=roi.part, frame=roi.frame, reused=coarse_matte.reused)
