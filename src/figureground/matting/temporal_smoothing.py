"""Smooth mattes in time: warp the previous matte by optical flow and blend it in.

The flow is dense inverse search (Kroeger et al., "Fast Optical Flow using Dense Inverse Search",
ECCV 2016). Where the warped frame matches the new one, the new matte is drawn towards the warped
matte; elsewhere, as behind a person who walks on, or where the mattes contradict each other, the
new matte stays. A scene cut clears the state. Where the warped frame matches nearly everywhere,
the warped matte is reused and the network is skipped, until the summed doubt is too large. All of
it happens at the size of the network's input.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Mask, Rgb

MAX_PULL = 0.9  # how far a matte is drawn to the last one where all agrees
COLOR_FALLOFF = (
    0.08 * 255
)  # difference of colour, levels of 255, at which the pull has fallen to 1/e
MATTE_FALLOFF = 1.2  # the same of the mattes' difference
COMPARE_SIDE = 3  # side of the squares that colours are compared over, pixels of the input
MAX_REUSE_DOUBT = (
    0.03  # mean lack of likeness up to which a forecast can stand for the network's matte ...
)
MAX_SUMMED_DOUBT = 0.12  # ... and below which several on end can, summed
MIN_DOUBT = (
    MAX_SUMMED_DOUBT / 8
)  # that each adds, since what is moved on is a little softer: seven can
SPOT_SIDE = (
    23  # side of a square, pixels of the input, that means somebody came if it is half unlike
)
AROUND_SIDE = 15  # how far around the person it has to be alike, pixels of the input
PERSON_TRACE = 0.02  # a matte below counts as nobody
# The search for motion: how often rows and columns are halved at its end, and how far apart the
# squares lie that it moves, pixels.
FINE_SEARCH, COARSE_SEARCH = (0, 6), (2, 4)
CUT_CHANGE = (
    64  # mean difference of neighbouring images, levels of 255, that may be a change of scene ...
)
CUT_OVERLAP = 0.5  # ... and is one if their colours' histograms overlap less than this

Maps = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class TemporalState:
    """What is known of the last frame."""

    seen: Rgb  # what the network saw, uint8 (rows, columns, 3)
    alpha: Alpha  # the steadied matte, float32 (rows, columns), 0 to 1
    doubt: float = 0.0  # that has come together since the network last saw a frame
    known: Mask | None = None  # 1 where that was looked at, uint8 (rows, columns); None is all


@dataclass(frozen=True, kw_only=True)
class WarpedMatte:
    """What the last frame says of this one; all float32 (rows, columns), 0 to 1."""

    alpha: Alpha  # the last matte, moved along
    similarity: Maps  # how far to believe it

    def is_reusable(self, memory: TemporalState) -> bool:
        """Return whether it is as good as a new matte, after what doubt there is already."""
        return self.doubt <= MAX_REUSE_DOUBT and memory.doubt + self.doubt < MAX_SUMMED_DOUBT

    @cached_property
    def doubt(self) -> float:
        """How little it can be believed, 0 to 1: where it is least.

        Of all of the image, what is around the person, and what is around the person's edge; not
        at all where any spot has changed.
        """
        if cv2.minMaxLoc(cv2.blur(self.similarity, (SPOT_SIDE, SPOT_SIDE)))[0] < 0.5:
            return 1.0
        seen = (self.alpha > PERSON_TRACE).view(np.uint8)
        edge = seen & (self.alpha < 1 - PERSON_TRACE)
        near = [cv2.dilate(part, np.ones((side, side), np.uint8))
                for part, side in ((seen, AROUND_SIDE), (edge, AROUND_SIDE // 2))]  # fmt: skip
        means = [cv2.mean(self.similarity)[0]]
        means += [cv2.mean(self.similarity, part)[0] for part in near if part.any()]
        return max(MIN_DOUBT, 1 - min(means))


@dataclass(frozen=True, kw_only=True, eq=False)
class OpticalFlow:
    """What moves where from one frame to another."""

    where: NDArray[Any]  # where each pixel comes from, int16 (rows, columns, 2), whole pixels ...
    shares: NDArray[Any]  # ... and parts of one, uint16 (rows, columns), as OpenCV packs them
    similarity: Maps  # of the moved frame and the other, float32 (rows, columns), 0 to 1

    def warp(self, alpha: Alpha) -> WarpedMatte:
        """The first frame's matte, moved to the second; float32 (rows, columns)."""
        moved = np.asarray(_move(alpha, self.where, self.shares), np.float32)
        return WarpedMatte(alpha=moved, similarity=self.similarity)


def to_levels(square: Maps) -> Rgb:
    """Turn the network's input, float32 (rows, columns, 3), 0 to 1, to uint8: quick to compare."""
    return np.asarray(cv2.convertScaleAbs(square, alpha=255), np.uint8)


def warp_previous(
    seen: Rgb, memory: TemporalState | None, *, fine: bool = True
) -> WarpedMatte | None:
    """The last matte, moved to where `seen` shows the same things; None after a change of scene.

    Args:
        seen: what the network sees of the new frame, uint8 (rows, columns, 3); see `to_levels`.
        memory: of the last frame.
        fine: follow what is small, or moves on its own, too; takes some 7 ms more.
    """
    if memory is None or memory.seen.shape != seen.shape:
        return None
    flow = estimate_flow(memory.seen, seen, known=memory.known, fine=fine)
    return None if flow is None else flow.warp(memory.alpha)


def estimate_flow(
    start: Rgb, end: Rgb, *, known: Mask | None = None, fine: bool = True
) -> OpticalFlow | None:
    """Estimate the optical flow from one frame to another; None if they are of two scenes.

    Args:
        start, end: what the network sees of them, uint8 (rows, columns, 3).
        known: what of `start` was looked at; see `TemporalState`.
        fine: see `warp_previous`.
    """
    if is_scene_cut(start, end, known):
        return None
    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    finest, stride = FINE_SEARCH if fine else COARSE_SEARCH
    finder.setFinestScale(finest)
    finder.setPatchStride(stride)
    rows, columns = end.shape[:2]
    still = np.zeros((rows, columns, 2), np.float32)
    across, down = cv2.split(finder.calc(_grey(end), _grey(start), still))
    places = (
        across + np.arange(columns, dtype=np.float32),
        down + np.arange(rows, dtype=np.float32)[:, None],
    )
    where, shares = cv2.convertMaps(*places, cv2.CV_16SC2)  # once for all that is moved
    similarity = _similarity(np.asarray(_move(start, where, shares), np.uint8), end)
    return OpticalFlow(where=where, shares=shares, similarity=similarity)


def blend_previous(alpha: Alpha, warped: WarpedMatte | None) -> Alpha:
    """A matte drawn towards what was foreseen, as far as that can be believed.

    alpha: what the network found, float32 (rows, columns), 0 to 1; so is what is returned.
    """
    if warped is None:
        return alpha
    apart = warped.alpha - alpha
    pull = MAX_PULL * warped.similarity * np.exp(-((apart / MATTE_FALLOFF) ** 2))
    return np.asarray(alpha + pull * apart, np.float32)


def is_scene_cut(before: Rgb, after: Rgb, known: Mask | None = None) -> bool:
    """Return whether a video changes scene between two frames, uint8 (rows, columns, 3).

    Movement changes pixels, but hardly the histogram of colours; a new scene changes both. With
    `known`, uint8 (rows, columns), only what is not 0 there counts, and of nothing there is no cut.
    """
    change = sum(cv2.mean(cv2.absdiff(before, after), known)[:3]) / 3
    if not CUT_CHANGE / 4 < change < CUT_CHANGE:  # most frames: spares the histograms
        return change >= CUT_CHANGE
    counts = [_histogram(seen, known) for seen in (before, after)]
    return float(np.minimum(*counts).sum()) < CUT_OVERLAP


def _histogram(seen: Rgb, known: Mask | None) -> Maps:
    """Shares of pixels by colour, 8 levels a channel, float32 (8, 8, 8), summing to 1."""
    counts = cv2.calcHist([seen], [0, 1, 2], known, [8] * 3, [0, 256] * 3)
    return np.asarray(counts / counts.sum(), np.float32)


def _move(array: NDArray[Any], where: NDArray[Any], shares: NDArray[Any]) -> NDArray[Any]:
    return cv2.remap(array, where, shares, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _grey(seen: Rgb) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(seen, cv2.COLOR_RGB2GRAY), np.uint8)


def _similarity(first: Rgb, second: Rgb) -> Maps:
    """Return how alike two images are around each pixel, float32 (rows, columns), 0 to 1."""
    apart = cv2.blur(cv2.absdiff(first, second), (COMPARE_SIDE, COMPARE_SIDE)).astype(np.float32)
    mean = cv2.transform(apart, np.full((1, 3), 1 / 3 / COLOR_FALLOFF, np.float32))
    return np.asarray(cv2.exp(-cv2.multiply(mean, mean)), np.float32)
