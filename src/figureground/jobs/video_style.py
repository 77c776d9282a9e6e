"""What a video's frames shall look like, and how they are drawn."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import numpy as np

from figureground.arrays import Alpha, Rgb, Size
from figureground.errors import StyleError, UsageError, VideoError
from figureground.jobs.backgrounds import Background, Blur, Gradient, Scene, read_background
from figureground.jobs.style import Style, reshape
from figureground.matting import compositing
from figureground.matting.background import flat, gradient
from figureground.matting.crop_refinement import Region
from figureground.matting.roi import RoiMatte, View, working_size
from figureground.matting.roi_tracking import whole_frame
from figureground.matting.yuv_compositing import (
    EdgeColors,
    blurred_background,
    composite_planes,
    cover_planes,
    edge_colors,
    foreground_planes,
)
from figureground.media.format_row import VIDEO
from figureground.media.formats import endings_of
from figureground.media.planes import Planes, from_matte
from figureground.media.video_color import Coding, planes_of, to_rgb, work_rgb
from figureground.media.video_reader import Frame, VideoReader

KINDS = ("composite", "cutout", "mask", "side-by-side")
CHROMA_GREEN = (0, 177, 64)  # of chroma key screens: far from skin, and H.264 codes it without harm
VideoBackground: TypeAlias = Background | Path
"""What lies behind the person; a path is another video, played in a circle."""


@dataclass(frozen=True, kw_only=True, eq=False)
class VideoStyle:
    """What is drawn of each frame."""

    kind: str = "composite"  # one of KINDS
    background: VideoBackground = CHROMA_GREEN
    edge: Style = field(default_factory=Style)  # of the matte: feather, grow, threshold and so on

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(f"a video becomes one of {', '.join(KINDS)}; got {self.kind!r}")


def read_video_background(
    text: str, *, fit: str | None = None, flip: bool = False
) -> VideoBackground:
    """A background as for pictures (a colour, blur:20, a picture's path), or a video's path.

    Raises:
        ColorError: it is none of these.
        StyleError: `fit` or `flip`, see `read_background`, is asked for, and it is no picture.
        PictureError: the picture cannot be read.
    """
    path = Path(text)
    if path.suffix.lower() in endings_of(VIDEO) and os.path.isfile(path):
        if fit or flip:
            raise StyleError(f"only a picture is fitted or flipped, and {text!r} is a video")
        return path
    return read_background(text, fit=fit, flip=flip)


def view_of(planes: Planes, coding: Coding) -> View:
    """Shows the network parts of a frame."""

    def view(part: Region) -> Rgb:
        return work_rgb(planes.part(*part.slices), coding, working_size(part.size))

    return view


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """A finished frame."""

    planes: Planes
    alpha: Alpha | None  # of transparent kinds, float32 (H, W), 0 to 1


def _still(behind: VideoBackground, size: Size) -> Rgb | None:
    """Return what lies behind every frame alike, uint8 (*size, 3); None where it moves."""
    if isinstance(behind, Gradient):
        return gradient(behind.colors, size, depth=np.uint8)
    if isinstance(behind, tuple):
        return flat(behind, size, depth=np.uint8)
    return behind.at(size) if isinstance(behind, Scene) else None


class VideoCompositor:
    """Draws frames of one video."""

    def __init__(self, look: VideoStyle, video_job: VideoReader) -> None:
        """Prepare the background for the frames of `clip`. Raises VideoError if it has none."""
        self._look, self._size = look, video_job.size
        self._coding, self._layout = video_job.given, video_job.layout
        behind = look.background
        self._around: EdgeColors | None = None
        self._video = _VideoBackground(behind, video_job) if isinstance(behind, Path) else None
        self._blur = behind.radius if isinstance(behind, Blur) else None
        still = _still(behind, self._size)
        self._behind = None if still is None else self._planes(still)

    @property
    def size(self) -> Size:
        """Rows and columns of what is drawn."""
        height, width = self._size
        return (
            (height, 2 * width + compositing.LINE)
            if self._look.kind == "side-by-side"
            else self._size
        )

    def paint(self, frame: Frame, matte: RoiMatte) -> Drawn:
        """Return what is asked for of one frame, given its matte."""
        kind, planes = self._look.kind, frame.planes
        edged = self._look.edge != Style()
        if edged or kind != "composite" or planes.alpha is not None:
            alpha = matte.full()
            if planes.alpha is not None:
                alpha *= planes.alpha * np.float32(1 / 255)
            matte = replace(matte, alpha=alpha, part=whole_frame(planes.size))
        shown = reshape(matte.alpha, self._look.edge) if edged else matte.alpha
        if kind == "mask":
            return Drawn(planes=from_matte(shown, planes), alpha=None)
        if self._around is None or not matte.reused or matte.part != self._around.part:
            self._around = edge_colors(planes, matte)
        if kind == "composite" and not edged:
            behind = self._background(frame, matte)
            return Drawn(planes=composite_planes(planes, matte, behind, self._around), alpha=None)
        colors = foreground_planes(planes, matte.alpha, self._around)
        if kind == "composite":
            matte = replace(matte, alpha=shown)
            clean = EdgeColors(
                part=matte.part, person=colors, background=colors
            )  # nothing to share out
            behind = self._background(frame, matte)
            return Drawn(planes=composite_planes(colors, matte, behind, clean), alpha=None)
        if kind == "cutout":
            return Drawn(planes=colors, alpha=shown)
        pair = compositing.side_by_side(self._rgb(planes), self._rgb(colors), shown)
        return Drawn(planes=self._planes(pair), alpha=None)

    def close(self) -> None:
        """Close the background, if it is a video."""
        if self._video is not None:
            self._video.close()

    def __enter__(self) -> "VideoCompositor":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _rgb(self, planes: Planes) -> Rgb:
        return to_rgb(planes, self._coding, layout=self._layout)

    def _planes(self, rgb: Rgb) -> Planes:
        return planes_of(rgb, self._coding, layout=self._layout)

    def _background(self, frame: Frame, matte: RoiMatte) -> Planes:
        if self._video is not None:
            return self._video.at(frame.seconds)
        if self._blur is not None:
            return blurred_background(frame.planes, matte.full(), radius=self._blur)
        if self._behind is None:
            raise VideoError(f"cannot lay a person over {self._look.background!r}")
        return self._behind


class _VideoBackground:
    """A video as background: begins with the video, and begins again when it ends."""

    def __init__(self, path: Path, video_job: VideoReader) -> None:
        self._path, self._clip = path, video_job
        self._round = video_job.part.start  # when the present showing began, seconds of the video
        self._shown: Frame
        self._next: Frame | None
        self._open()

    def at(self, seconds: float) -> Planes:
        """Return what is shown at a time that never goes back, in the size and layout of the video."""
        while not self._shows(seconds):
            rounds = max(1, int((seconds - self._round) / self._length))
            self._round += rounds * self._length
            self.close()
            self._open()
        return cover_planes(self._shown.planes, self._clip.size)

    def _shows(self, seconds: float) -> bool:
        """Go on to a time; whether this showing lasts until then."""
        while self._next is not None and self._round + self._next.seconds <= seconds + 1e-6:
            self._shown, self._next = self._next, self._take()
        return self._next is not None or seconds < self._round + self._length

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    @property
    def _length(self) -> float:
        return self._shown.seconds + 1 / float(self._reader.rate)

    def _open(self) -> None:
        self._reader = VideoReader(self._path)
        self._reader.layout, self._reader.like = self._clip.layout, self._clip.given
        self._items = iter(self._reader)
        first = self._take()
        if first is None:
            raise VideoError(f"there are no frames in {str(self._path)!r}")
        self._shown, self._next = first, self._take()

    def _take(self) -> Frame | None:
        return next((item for item in self._items if isinstance(item, Frame)), None)
