"""A video as an animation: WebP, GIF, APNG or AVIF, which browsers show like images."""

from pathlib import Path

import numpy as np

from figureground.arrays import Alpha
from figureground.media.animation import AnimationEncoder
from figureground.media.formats import Encoding, joiner_of
from figureground.media.planes import Planes
from figureground.media.remote import write_bytes
from figureground.media.video_color import to_rgb
from figureground.media.video_reader import Packet, VideoReader

QUALITY = 80  # of WebP


class AnimationWriter:
    """Collects frames, encoded, and joins them when it is closed."""

    def __init__(self, path: Path, *, like: VideoReader, tick: float) -> None:
        """Begin an animation.

        Args:
            path: its ending names the format.
            like: the video that frames come from, in a layout with colours at full size.
            tick: seconds in a unit of the frames' times.
        """
        self.notes = ["an animation holds no sound"] if like.others else []
        self._like, self._tick = like, tick
        self._even = tick != float(like.time_base)  # at a rate that was asked for
        joiner = joiner_of(path)
        self._step, self._least = (joiner.step, joiner.least) if joiner else (1, 1)
        self._reel = AnimationEncoder(path, encoding=Encoding(quality=QUALITY))
        self._held: tuple[np.ndarray, int] | None = None
        self._lasted = max(self._least, self._in_steps(1000 / float(like.rate)))

    def write_frame(self, planes: Planes, alpha: Alpha | None, pts: int) -> None:
        """Append a frame; `alpha`, float32 (H, W), of transparent kinds.

        Where frames come too fast they are shown a little later, or left out.
        """
        time = pts * self._tick * 1000
        now = self._in_steps(time)
        if self._held is not None:
            now = max(now, self._held[1] + self._least)
        if now - time >= self._least:
            self._tell_left_out()
            return
        pixels = to_rgb(planes, self._like.given, layout=self._like.layout)
        if alpha is not None:
            pixels = np.dstack([pixels, np.rint(alpha * np.float32(255)).astype(np.uint8)])
        if self._held is not None:
            self._show(self._held[0], now - self._held[1])
        self._held = pixels, now

    def write_packet(self, packet: Packet) -> None:
        """Pass over a packet of another stream."""

    def close(self) -> None:
        """Write the file. Raises ImageError if there are no frames, or it cannot be written."""
        if self._held is not None:
            self._show(self._held[0], self._last_length(self._held[1]))
        write_bytes(self._reel.path, self._reel.join())

    def _show(self, pixels: np.ndarray, milliseconds: int) -> None:
        self._reel.add(pixels, milliseconds)
        self._lasted = milliseconds

    def _last_length(self, now: int) -> int:
        """Return how long the last frame is shown, milliseconds: at even times as the others."""
        if self._even:
            return self._lasted
        end = self._in_steps(float(self._like.ends) * 1000)
        return max(self._least, end - now)

    def _tell_left_out(self) -> None:
        most = 1000 // self._least
        note = f"frames are left out, since such animations show at most {most} a second"
        if note not in self.notes:
            self.notes.append(note)

    def _in_steps(self, milliseconds: float) -> int:
        """In whole steps: a time is rounded as it is, so that errors do not add up."""
        return round(milliseconds / self._step) * self._step
