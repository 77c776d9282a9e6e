"""Draw one frame of a video: a function for each kind of result."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from figureground.arrays import Alpha, Rgb
from figureground.jobs.style import Style
from figureground.matting import compositing
from figureground.matting.roi import RoiMatte
from figureground.matting.roi_tracking import whole_frame
from figureground.matting.yuv_compositing import EdgeColors, composite_planes, foreground_planes
from figureground.media.planes import Planes, from_matte
from figureground.media.video_reader import Frame


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """A finished frame."""

    planes: Planes
    alpha: Alpha | None  # of transparent kinds, float32 (H, W), 0 to 1


class Studio(Protocol):
    """What the frames of a video share."""

    def reshape(self, alpha: Alpha) -> Alpha:
        """What is to be seen of the people, of a matte; they are followed from frame to frame."""

    def edge_colors(self, planes: Planes, matte: RoiMatte) -> EdgeColors:
        """Colours at the edges of the person, kept from frame to frame."""

    def background(self, frame: Frame, matte: RoiMatte) -> Planes:
        """What lies behind the person."""

    def to_rgb(self, planes: Planes) -> Rgb:
        """A frame's samples as an image, uint8 (H, W, 3)."""

    def to_planes(self, rgb: Rgb) -> Planes:
        """The reverse."""


@dataclass(frozen=True, kw_only=True, eq=False)
class MattedFrame:
    """A frame and the matte of the people in it."""

    frame: Frame
    matte: RoiMatte  # of the part of the frame that they are in
    edge: Style  # what is to be done to the matte
    studio: Studio

    @property
    def edged(self) -> bool:
        """Whether the matte is to have another outline."""
        return self.edge.reshapes

    def whole(self) -> RoiMatte:
        """The matte of all of the frame; transparency that is already there stays."""
        alpha, planes = self.matte.full(), self.frame.planes
        if planes.alpha is not None:
            alpha *= planes.alpha * np.float32(1 / 255)
        return replace(self.matte, alpha=alpha, part=whole_frame(planes.size))

    def shown(self, matte: RoiMatte) -> Alpha:
        """What is to be seen of the people, float32 as the matte's."""
        return self.studio.reshape(matte.alpha) if self.edged else matte.alpha

    def colors(self, matte: RoiMatte) -> Planes:
        """The people's own colours, free of what was behind them."""
        planes = self.frame.planes
        return foreground_planes(planes, matte.alpha, self.studio.edge_colors(planes, matte))


def draw_mask(matted: MattedFrame) -> Drawn:
    """The matte in grey."""
    shown = matted.shown(matted.whole())
    return Drawn(planes=from_matte(shown, matted.frame.planes), alpha=None)


def draw_cutout(matted: MattedFrame) -> Drawn:
    """The people with transparency."""
    matte = matted.whole()
    return Drawn(planes=matted.colors(matte), alpha=matted.shown(matte))


def draw_composite(matted: MattedFrame) -> Drawn:
    """The people over the background that is asked for."""
    frame, planes, studio = matted.frame, matted.frame.planes, matted.studio
    if not matted.edged:
        matte = matted.matte if planes.alpha is None else matted.whole()
        around = studio.edge_colors(planes, matte)
        behind = studio.background(frame, matte)
        return Drawn(planes=composite_planes(planes, matte, behind, around), alpha=None)
    matte = matted.whole()
    colors = matted.colors(matte)
    matte = replace(matte, alpha=matted.shown(matte))
    clean = EdgeColors(part=matte.part, person=colors, background=colors)  # nothing to share out
    behind = studio.background(frame, matte)
    return Drawn(planes=composite_planes(colors, matte, behind, clean), alpha=None)


def draw_side_by_side(matted: MattedFrame) -> Drawn:
    """The frame, and the cutout on a checkerboard beside it."""
    matte, studio = matted.whole(), matted.studio
    rgb, colors = studio.to_rgb(matted.frame.planes), studio.to_rgb(matted.colors(matte))
    pair = compositing.side_by_side(rgb, colors, matted.shown(matte))
    return Drawn(planes=studio.to_planes(pair), alpha=None)
