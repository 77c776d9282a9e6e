"""What a video's frames shall look like, and how they are drawn."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import numpy as np

from figureground.arrays import Alpha, Rgb, Size
from figureground.errors import StyleError, UsageError, VideoError
from figureground.jobs.backgrounds import Background, Blur, Gradient, Scene, read_background
from figureground.jobs.drawing import reshape_next
from figureground.jobs.frame_drawing import Drawn, MattedFrame
from figureground.jobs.kinds import OUTPUTS, video_kinds
from figureground.jobs.style import Style
from figureground.matting import compositing
from figureground.matting.background import flat, gradient
from figureground.matting.crop_refinement import Region
from figureground.matting.people_tracking import FollowedPeople
from figureground.matting.roi import RoiMatte, View, working_size
from figureground.matting.yuv_compositing import (
    EdgeColors,
    blurred_background,
    cover_planes,
    edge_colors,
)
from figureground.media.format_row import VIDEO
from figureground.media.formats import endings_of
from figureground.media.planes import Planes
from figureground.media.video_color import Coding, planes_of, to_rgb, work_rgb
from figureground.media.video_reader import Frame, VideoReader

CHROMA_GREEN = (0, 177, 64)  # of chroma key screens: far from skin, and H.264 codes it without harm
VideoBackground: TypeAlias = Background | Path
"""What lies behind the person; a path is another video, played in a circle."""


@dataclass(frozen=True, kw_only=True, eq=False)
class VideoStyle:
    """What is drawn of each frame."""

    kind: str = "composite"  # one of `kinds.video_kinds()`
    background: VideoBackground = CHROMA_GREEN
    edge: Style = field(default_factory=Style)  # of the matte: feather, grow, threshold and so on

    def __post_init__(self) -> None:
        if self.kind not in video_kinds():
            kinds = ", ".join(video_kinds())
            raise UsageError(f"a video becomes one of {kinds}; got {self.kind!r}")


def read_video_background(
    text: str, *, fit: str | None = None, flip: bool = False
) -> VideoBackground:
    """A background as for images (a colour, blur:20, an image's path), or a video's path.

    Raises:
        ColorError: it is none of these.
        StyleError: `fit` or `flip`, see `read_background`, is asked for, and it is no image.
        ImageError: the image cannot be read.
    """
    path = Path(text)
    if path.suffix.lower() in endings_of(VIDEO) and os.path.isfile(path):
        if fit or flip:
            raise StyleError(f"only an image is fitted or flipped, and {text!r} is a video")
        return path
    return read_background(text, fit=fit, flip=flip)


def view_of(planes: Planes, coding: Coding) -> View:
    """Shows the network parts of a frame."""

    def view(part: Region) -> Rgb:
        return work_rgb(planes.part(*part.slices), coding, working_size(part.size))

    return view


def _still(behind: VideoBackground, size: Size) -> Rgb | None:
    """Return the background of all frames alike, uint8 (*size, 3); None where it moves."""
    if isinstance(behind, Gradient):
        return gradient(behind.colors, size, depth=np.uint8)
    if isinstance(behind, tuple):
        return flat(behind, size, depth=np.uint8)
    return behind.at(size) if isinstance(behind, Scene) else None


class VideoCompositor:
    """Draws frames of one video."""

    def __init__(self, look: VideoStyle, reader: VideoReader) -> None:
        """Prepare the background for the frames of a video. Raises VideoError if it has none."""
        self._look, self._size = look, reader.size
        self._coding, self._layout = reader.given, reader.layout
        behind = look.background
        self._around: EdgeColors | None = None
        self._people: FollowedPeople | None = None
        self._video = _VideoBackground(behind, reader) if isinstance(behind, Path) else None
        self._blur = behind.radius if isinstance(behind, Blur) else None
        still = _still(behind, self._size)
        self._behind = None if still is None else self.to_planes(still)

    @property
    def size(self) -> Size:
        """Rows and columns of what is drawn."""
        height, width = self._size
        pair = OUTPUTS[self._look.kind].pair
        return (height, 2 * width + compositing.LINE) if pair else self._size

    def paint(self, frame: Frame, matte: RoiMatte) -> Drawn:
        """Draw one frame, given its matte, as the kind that is asked for."""
        matted = MattedFrame(frame=frame, matte=matte, edge=self._look.edge, studio=self)
        return OUTPUTS[self._look.kind].of_frame(matted)

    def reshape(self, alpha: Alpha) -> Alpha:
        """What is to be seen of the people; those who were chosen are followed."""
        alpha, self._people = reshape_next(alpha, self._look.edge, self._people)
        return alpha

    def edge_colors(self, planes: Planes, matte: RoiMatte) -> EdgeColors:
        """Colours at the edges of the person, as long as the matte is that of the frame before."""
        if self._around is None or not matte.reused or matte.part != self._around.part:
            self._around = edge_colors(planes, matte)
        return self._around

    def background(self, frame: Frame, matte: RoiMatte) -> Planes:
        """What lies behind the person. Raises VideoError where there is nothing."""
        if self._video is not None:
            return self._video.at(frame.seconds)
        if self._blur is not None:
            return blurred_background(frame.planes, matte.full(), radius=self._blur)
        if self._behind is None:
            raise VideoError(f"cannot lay a person over {self._look.background!r}")
        return self._behind

    def to_rgb(self, planes: Planes) -> Rgb:
        """A frame's samples as an image, uint8 (H, W, 3)."""
        return to_rgb(planes, self._coding, layout=self._layout)

    def to_planes(self, rgb: Rgb) -> Planes:
        """The reverse."""
        return planes_of(rgb, self._coding, layout=self._layout)

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


class _VideoBackground:
    """A video as background: begins with the video, and begins again when it ends."""

    def __init__(self, path: Path, reader: VideoReader) -> None:
        self._path, self._clip = path, reader
        self._round = reader.part.start  # when the present showing began, seconds of the video
        self._shown: Frame
        self._next: Frame | None
        self._open()

    def at(self, seconds: float) -> Planes:
        """Return the background's planes at a time that never goes back, in size and layout of the video."""
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
