"""What a clip's frames shall look like, and how they are drawn."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import numpy as np

from figureground.arrays import Alpha, Rgb, Size
from figureground.errors import LookError, UsageError, VideoError
from figureground.jobs.backdrop import Background, Blur, Gradient, Scene, read_background
from figureground.jobs.look import Look, reshape
from figureground.matting import compose
from figureground.matting.background import flat, gradient
from figureground.matting.closer import Region
from figureground.matting.film_look import PartMatte, View, work_size
from figureground.matting.film_paint import (
    Around,
    cover_planes,
    film_around,
    film_blur,
    film_colors,
    film_composite,
)
from figureground.matting.follow import whole
from figureground.media.paths import VIDEOS
from figureground.media.planes import Planes, from_matte
from figureground.media.video_color import Coding, planes_of, to_rgb, work_rgb
from figureground.media.videos import Frame, VideoReader

KINDS = ("composite", "cutout", "matte", "side-by-side")
GREEN = (0, 177, 64)  # of chroma key screens: far from skin, and H.264 codes it without harm
Backdrop: TypeAlias = Background | Path
"""What lies behind the person; a path is another video, played in a circle."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ClipLook:
    """What is drawn of each frame."""

    kind: str = "composite"  # one of KINDS
    background: Backdrop = GREEN
    edge: Look = field(default_factory=Look)  # of the matte: feather, grow, threshold and so on

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(f"a video becomes one of {', '.join(KINDS)}; got {self.kind!r}")


def read_backdrop(text: str, *, fit: str | None = None, flip: bool = False) -> Backdrop:
    """A background as for pictures (a colour, blur:20, a picture's path), or a video's path.

    Raises:
        ColorError: it is none of these.
        LookError: `fit` or `flip`, see `read_background`, is asked for, and it is no picture.
        PictureError: the picture cannot be read.
    """
    path = Path(text)
    if path.suffix.lower() in VIDEOS and os.path.isfile(path):
        if fit or flip:
            raise LookError(f"only a picture is fitted or flipped, and {text!r} is a video")
        return path
    return read_background(text, fit=fit, flip=flip)


def view_of(planes: Planes, coding: Coding) -> View:
    """Shows the network parts of a frame."""

    def view(part: Region) -> Rgb:
        return work_rgb(planes.part(*part.slices), coding, work_size(part.size))

    return view


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """A finished frame."""

    planes: Planes
    alpha: Alpha | None  # of transparent kinds, float32 (H, W), 0 to 1


def _still(behind: Backdrop, size: Size) -> Rgb | None:
    """What lies behind every frame alike, uint8 (*size, 3); None where it moves."""
    if isinstance(behind, Gradient):
        return gradient(behind.colors, size, depth=np.uint8)
    if isinstance(behind, tuple):
        return flat(behind, size, depth=np.uint8)
    return behind.at(size) if isinstance(behind, Scene) else None


class Painter:
    """Draws frames of one clip."""

    def __init__(self, look: ClipLook, clip: VideoReader) -> None:
        """Prepare the background for the frames of `clip`. Raises VideoError if it has none."""
        self._look, self._size = look, clip.size
        self._coding, self._layout = clip.given, clip.layout
        behind = look.background
        self._around: Around | None = None
        self._film = _Film(behind, clip) if isinstance(behind, Path) else None
        self._blur = behind.radius if isinstance(behind, Blur) else None
        still = _still(behind, self._size)
        self._behind = None if still is None else self._planes(still)

    @property
    def size(self) -> Size:
        """Rows and columns of what is drawn."""
        height, width = self._size
        return (
            (height, 2 * width + compose.LINE) if self._look.kind == "side-by-side" else self._size
        )

    def paint(self, frame: Frame, matte: PartMatte) -> Drawn:
        """What is asked for of one frame, given its matte."""
        kind, planes = self._look.kind, frame.planes
        edged = self._look.edge != Look()
        if edged or kind != "composite" or planes.alpha is not None:
            alpha = matte.full()
            if planes.alpha is not None:
                alpha *= planes.alpha * np.float32(1 / 255)
            matte = replace(matte, alpha=alpha, part=whole(planes.size))
        shown = reshape(matte.alpha, self._look.edge) if edged else matte.alpha
        if kind == "matte":
            return Drawn(planes=from_matte(shown, planes), alpha=None)
        if self._around is None or not matte.foreseen or matte.part != self._around.part:
            self._around = film_around(planes, matte)
        if kind == "composite" and not edged:
            behind = self._background(frame, matte)
            return Drawn(planes=film_composite(planes, matte, behind, self._around), alpha=None)
        colors = film_colors(planes, matte.alpha, self._around)
        if kind == "composite":
            matte = replace(matte, alpha=shown)
            clean = Around(part=matte.part, person=colors, wall=colors)  # nothing to share out
            behind = self._background(frame, matte)
            return Drawn(planes=film_composite(colors, matte, behind, clean), alpha=None)
        if kind == "cutout":
            return Drawn(planes=colors, alpha=shown)
        pair = compose.side_by_side(self._rgb(planes), self._rgb(colors), shown)
        return Drawn(planes=self._planes(pair), alpha=None)

    def close(self) -> None:
        """Close the background, if it is a video."""
        if self._film is not None:
            self._film.close()

    def __enter__(self) -> "Painter":
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

    def _background(self, frame: Frame, matte: PartMatte) -> Planes:
        if self._film is not None:
            return self._film.at(frame.seconds)
        if self._blur is not None:
            return film_blur(frame.planes, matte.full(), radius=self._blur)
        if self._behind is None:
            raise VideoError(f"cannot lay a person over {self._look.background!r}")
        return self._behind


class _Film:
    """A video as background: begins with the clip, and begins again when it ends."""

    def __init__(self, path: Path, clip: VideoReader) -> None:
        self._path, self._clip = path, clip
        self._round = clip.part.start  # when the present showing began, seconds of the clip
        self._shown: Frame
        self._next: Frame | None
        self._open()

    def at(self, seconds: float) -> Planes:
        """What is shown at a time that never goes back, in the size and layout of the clip."""
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
