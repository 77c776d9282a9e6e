"""Which part of a video is asked for, its frames, and how they are turned upright."""

from dataclasses import dataclass
from fractions import Fraction
from struct import unpack
from typing import cast

import av
import numpy as np
from av.buffer import Buffer

from figureground.arrays import Size
from figureground.errors import UsageError
from figureground.media.planes import Planes
from figureground.media.video_clock import Packet


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One frame, upright, and when it is shown."""

    planes: Planes
    pts: int  # in units of the video's time base
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Part:
    """Which part of a video is asked for, and how large."""

    start: float = 0.0  # seconds
    end: float | None = None  # seconds; None for the video's end
    frames: int | None = None  # at most so many
    scale: float = 1.0  # of rows and columns

    def __post_init__(self) -> None:
        if self.start < 0 or (self.end is not None and self.end <= self.start):
            got = f"{self.start:g} s and {self.end} s"
            raise UsageError(f"a part begins at 0 or later and ends after it begins, got {got}")
        if self.scale <= 0 or (self.frames is not None and self.frames < 1):
            got = f"{self.scale:g} and {self.frames}"
            raise UsageError(f"scale is above 0 and frames are 1 or more, got {got}")


@dataclass(frozen=True, kw_only=True)
class Turn:
    """How stored frames become upright: first mirrored left to right, then turned."""

    quarters: int = 0  # counterclockwise
    mirrored: bool = False
    exact: bool = True  # False where the file asks for more than that

    def __call__(self, planes: Planes) -> Planes:
        """Turn a frame."""
        if self.mirrored:
            planes = planes.each(np.fliplr)
        if self.quarters:
            planes = planes.each(lambda plane: np.rot90(plane, self.quarters))
        return planes


def turn_of(frame: av.VideoFrame) -> Turn:
    """Return the turns and mirroring that a frame's display matrix asks for (ISO/IEC 14496-12, 8.3.2.3)."""
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return Turn()
    a, b, _, c, d, *_ = (value / 65536 for value in unpack("=9i", memoryview(cast(Buffer, data))))
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    # A point (x, y), y downwards, goes to (a x + c y, b x + d y).
    fits = {0: (a, d), 1: (-b, c), 2: (-a, -d), 3: (b, -c)}
    quarters = max(fits, key=lambda turns: sum(fits[turns]))
    rest = (abs(b), abs(c)) if quarters % 2 == 0 else (abs(a), abs(d))
    first, second = fits[quarters]
    odd = min(first, second) <= 0 or max(rest) > 0.01 * max(first, second)  # 1 %: rounding
    return Turn(quarters=quarters, mirrored=mirrored, exact=not odd)


def scaled_size(frame: av.VideoFrame, scale: float) -> Size:
    """Return the rows and columns of a stored frame times `scale`, at least 1."""
    return max(1, round(frame.height * scale)), max(1, round(frame.width * scale))


def expected_frames(
    container: av.container.InputContainer, stream: av.VideoStream, part: Part, rate: Fraction
) -> int | None:
    """Return how many frames are to come, as far as the file tells; None if it does not."""
    whole = stream.frames
    if not whole:
        if container.duration is None:
            return part.frames
        whole = round(container.duration / av.time_base * rate)
    first = round(part.start * rate)
    last = whole if part.end is None else min(whole, round(part.end * rate))
    count = max(0, last - first)
    return count if part.frames is None else min(count, part.frames)


def begins(packet: Packet, origin: Fraction) -> float | None:
    """When a packet is shown or heard, seconds after `origin`; None if it does not tell."""
    if packet.pts is None or packet.time_base is None:
        return None
    return float(packet.pts * packet.time_base - origin)


def covers(packet: Packet, part: Part, *, origin: Fraction, end: float) -> bool:
    """Return whether a packet that is no video belongs to a part that ends at `end`, seconds."""
    seconds = begins(packet, origin)
    if seconds is None:
        return not (part.start and packet.size)  # empty ones end a stream
    early = part.start and seconds < part.start - 1e-6  # a codec's lead-in is not
    return not early and seconds < end


def origin_of(container: av.container.InputContainer, stream: av.VideoStream) -> Fraction:
    """Return where a file's clock begins, seconds: with the video, if not at 0."""
    start = Fraction(container.start_time or 0, av.time_base)
    if start > 0 and stream.start_time is not None and stream.time_base is not None:
        return stream.start_time * stream.time_base
    return start
