"""A film as an animation: WebP, GIF or APNG, which browsers show like pictures."""

from pathlib import Path

import numpy as np

from figureground.arrays import Alpha
from figureground.media.animation import JOINERS, Reel
from figureground.media.encode import Encoding
from figureground.media.planes import Planes
from figureground.media.video_color import to_rgb
from figureground.media.videos import Packet, VideoReader

REELS = set(JOINERS)  # endings of animations
QUALITY = 80  # of WebP


class ReelWriter:
    """Collects frames, encoded, and joins them when it is closed."""

    def __init__(self, path: Path, *, like: VideoReader, tick: float) -> None:
        """Begin an animation.

        Args:
            path: its ending names the format.
            like: the film that frames come from, in a layout with colours at full size.
            tick: seconds in a unit of the frames' times.
        """
        self.notes = ["an animation holds no sound"] if like.others else []
        self._like, self._tick = like, tick
        self._step = 10 if path.suffix.lower() == ".gif" else 1  # milliseconds that it counts in
        self._reel = Reel(path, encoding=Encoding(quality=QUALITY))
        self._held: tuple[np.ndarray, int] | None = None

    def write_frame(self, planes: Planes, alpha: Alpha | None, pts: int) -> None:
        """Append a frame; `alpha`, float32 (H, W), of transparent kinds."""
        pixels = to_rgb(planes, self._like.given, layout=self._like.layout)
        if alpha is not None:
            pixels = np.dstack([pixels, np.rint(alpha * np.float32(255)).astype(np.uint8)])
        now = self._clock(pts)
        self._show(now)
        self._held = pixels, now

    def write_packet(self, packet: Packet) -> None:
        """Pass over a packet of another stream."""

    def close(self) -> None:
        """Write the file. Raises PictureError if there are no frames, or it cannot be written."""
        if self._held is not None:
            self._show(self._held[1] + self._clock(round(1 / float(self._like.rate) / self._tick)))
        self._reel.write()

    def _show(self, until: int) -> None:
        if self._held is not None:
            pixels, since = self._held
            self._reel.add(pixels, until - since)
        self._held = None

    def _clock(self, pts: int) -> int:
        """A time in whole steps, milliseconds: rounded here, so that errors do not add up."""
        return round(pts * self._tick * 1000 / self._step) * self._step
