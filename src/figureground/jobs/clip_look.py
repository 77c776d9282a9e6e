"""What a clip's frames shall look like, and how they are drawn."""

from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Rgb, Size
from figureground.errors import VideoError
from figureground.jobs.backdrop import Background, Blur, Gradient, Scene, read_background
from figureground.jobs.look import Look
from figureground.matting import compose
from figureground.matting.background import cover, flat, gradient
from figureground.matting.blur import blur_behind
from figureground.matting.film import film_colors, mix
from figureground.media.paths import VIDEOS
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
            raise VideoError(f"a video becomes one of {', '.join(KINDS)}; got {self.kind!r}")


def read_backdrop(text: str, *, fit: str | None = None, flip: bool = False) -> Backdrop:
    """A background as for pictures (a colour, blur:20, a picture's path), or a video's path.

    Raises:
        ColorError: it is none of these.
        LookError: `fit` or `flip`, see `read_background`, is asked for, and it is no picture.
        PictureError: the picture cannot be read.
    """
    path = Path(text)
    if path.suffix.lower() in VIDEOS and path.is_file():
        return path
    return read_background(text, fit=fit, flip=flip)


class Painter:
    """Draws frames of one clip."""

    def __init__(self, look: ClipLook, size: Size) -> None:
        """Prepare the background for frames of `size`. Raises VideoError if it cannot be read."""
        self._look, self._size = look, size
        behind = look.background
        self._film = _Film(behind, size) if isinstance(behind, Path) else None
        if isinstance(behind, Gradient):
            behind = gradient(behind.colors, size, depth=np.uint8)
        elif isinstance(behind, tuple):
            behind = flat(behind, size, depth=np.uint8)
        elif isinstance(behind, np.ndarray):
            behind = cover(behind, size)
        self._behind = behind.at(size) if isinstance(behind, Scene) else behind

    @property
    def size(self) -> Size:
        """Rows and columns of what is drawn."""
        height, width = self._size
        return (
            (height, 2 * width + compose.LINE) if self._look.kind == "side-by-side" else self._size
        )

    def paint(self, frame: Frame, alpha: Alpha) -> NDArray[np.uint8]:
        """What is asked for of one frame: uint8 (h, w, 3), of cutouts (h, w, 4)."""
        kind = self._look.kind
        if kind == "matte":
            return np.repeat(compose.mask(alpha)[..., None], 3, axis=2)
        colors = film_colors(frame.rgb, alpha)
        if kind == "cutout":
            return compose.cutout(colors, alpha)
        if kind == "side-by-side":
            return compose.side_by_side(frame.rgb, colors, alpha)
        return mix(colors, self._background(frame, alpha), alpha)

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

    def _background(self, frame: Frame, alpha: Alpha) -> Rgb:
        if self._film is not None:
            return self._film.at(frame.seconds)
        if isinstance(self._behind, Blur):
            return blur_behind(frame.rgb, alpha, radius=self._behind.radius)
        if isinstance(self._behind, np.ndarray):
            return self._behind
        raise VideoError(f"cannot lay a person over {self._behind!r}")


class _Film:
    """A video as background: begins with the clip, and begins again when it ends."""

    def __init__(self, path: Path, size: Size) -> None:
        self._path, self._size = path, size
        self._round = 0.0  # seconds at which the present showing began
        self._shown: Frame
        self._next: Frame | None
        self._open()

    def at(self, seconds: float) -> Rgb:
        """What is shown at a time that never goes back, uint8 (rows, columns, 3)."""
        while self._next is not None and self._round + self._next.seconds <= seconds + 1e-6:
            self._shown, self._next = self._next, self._take()
        if self._next is None and seconds >= self._round + self._length:
            self._round += self._length
            self.close()
            self._open()
            return self.at(seconds)
        return cover(self._shown.rgb, self._size)

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    @property
    def _length(self) -> float:
        return self._shown.seconds + 1 / float(self._reader.rate)

    def _open(self) -> None:
        self._reader = VideoReader(self._path)
        self._items = iter(self._reader)
        first = self._take()
        if first is None:
            raise VideoError(f"there are no frames in {str(self._path)!r}")
        self._shown, self._next = first, self._take()

    def _take(self) -> Frame | None:
        return next((item for item in self._items if isinstance(item, Frame)), None)
