"""Videos to arrays: frames with their time, and the packets of all else in the file."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeAlias

import av
import numpy as np
from av.error import FFmpegError

from figureground.arrays import Size
from figureground.errors import VideoError
from figureground.media.deinterlace import Deinterlacer
from figureground.media.planes import Planes
from figureground.media.video_color import Coding, coding_of, to_planes
from figureground.media.video_open import PICTURES, film_stream, open_container

if TYPE_CHECKING:
    Packet: TypeAlias = av.Packet[Any]
else:  # generic for type checkers only
    Packet = av.Packet

FALLBACK_RATE = Fraction(25)  # of a video that tells neither its rate nor its frames' times


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
            raise VideoError(f"a part begins at 0 or later and ends after it begins, got {self}")
        if self.scale <= 0 or (self.frames is not None and self.frames < 1):
            raise VideoError(f"scale is above 0 and frames are 1 or more, got {self}")


class VideoReader:
    """A video that is open for reading; iterate over it once.

    Yields `Frame`s, and between them the packets of sound, subtitles and so on, in the order of the
    file. `damaged` counts frames that could not be decoded, or only with errors. Frames come in
    `layout`, a planar YUV format of libavutil's, and with the matrix of `like`, if one is set.
    """

    layout = "yuv420p"
    like: Coding | None = None
    _square = False

    def __init__(
        self, path: Path, part: Part | None = None, *, pictures: Fraction = PICTURES
    ) -> None:
        """Open a video and decode its first frame; `pictures` a second of a sequence of them.

        Raises:
            VideoError: it cannot be read, is no video, or has no frame that can be decoded.
        """
        self.path, self.part = path, part or Part()
        self.damaged = self.decoded = self._seen = 0
        self._stopped = bool(self.part.start)
        self.container = open_container(path, pictures)
        try:
            self.stream = film_stream(self.container, path)
            self.stream.thread_type = "AUTO"
            self.time_base = self.stream.time_base or 1 / self.rate
            if self.part.start:
                self.container.seek(int((self._origin + self.part.start) * av.time_base))
            self.weaver = Deinterlacer(self.stream)
            self._items = self._decode()
            self._early: list[Packet | av.VideoFrame] = []
            first = self._first()
        except BaseException:
            self.container.close()
            raise
        self.coding: Coding = coding_of(first, self.stream.codec_context)
        self.turns = round(first.rotation / 90) % 4  # counterclockwise, until it is upright
        self._stored = (
            max(1, round(first.height * self.part.scale)),
            max(1, round(first.width * self.part.scale)),
        )

    @property
    def given(self) -> Coding:
        """What the numbers of the frames mean that are given out."""
        return self.like or self.coding

    @property
    def rate(self) -> Fraction:
        """Frames per second; of a variable rate the mean."""
        return self.stream.average_rate or self.stream.guessed_rate or FALLBACK_RATE

    @property
    def size(self) -> Size:
        """Rows and columns of the frames, upright and scaled."""
        return self._stored[::-1] if self.turns % 2 else self._stored

    @property
    def aspect(self) -> Fraction:
        """Width of a pixel over its height, upright."""
        ratio = Fraction(1) if self._square else self.stream.sample_aspect_ratio or Fraction(1)
        return 1 / ratio if self.turns % 2 else ratio

    def square_pixels(self) -> None:
        """Give out frames as they are seen, for what cannot hold `aspect`."""
        rows, columns = self._stored
        ratio = self.stream.sample_aspect_ratio or 1
        self._stored, self._square = (rows, max(1, round(columns * ratio))), True

    @property
    def others(self) -> list[av.stream.Stream]:
        """Every stream but the video."""
        return [stream for stream in self.container.streams if stream.index != self.stream.index]

    @property
    def expected(self) -> int | None:
        """How many frames are to come, as far as the file tells; None if it does not."""
        length = self.container.duration
        whole = self.stream.frames
        if not whole:
            if length is None:
                return self.part.frames
            whole = round(length / av.time_base * self.rate)
        first = round(self.part.start * self.rate)
        last = whole if self.part.end is None else min(whole, round(self.part.end * self.rate))
        count = max(0, last - first)
        return count if self.part.frames is None else min(count, self.part.frames)

    @property
    def missing(self) -> int:
        """Frames that the whole file's index names but the file did not hold, once it is read."""
        return 0 if self._stopped else max(0, self.stream.frames - self._seen - self.damaged)

    def __iter__(self) -> Iterator[Frame | Packet]:
        """The frames and packets of the part that is asked for."""
        last = None
        for item in self._all():
            if isinstance(item, av.Packet):
                if self.covers(item):
                    yield item
                continue
            pts = item.pts if item.pts is not None else self._after(last)
            if last is not None and pts <= last:
                continue  # two frames of one time: a player shows the first, no file holds both
            seconds = float(pts * self.time_base - self._origin)
            if seconds < self.part.start - 1e-6:
                continue
            if self._is_over(seconds):
                self._stopped = True
                return
            last, self.decoded = pts, self.decoded + 1
            yield Frame(planes=self._upright(item), pts=pts, seconds=seconds)

    def close(self) -> None:
        """Close the file."""
        self.container.close()

    def __enter__(self) -> "VideoReader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def _origin(self) -> Fraction:
        """Where the file's clock begins, seconds."""
        return Fraction(self.container.start_time or 0, av.time_base)

    def _first(self) -> av.VideoFrame:
        for item in self._items:
            self._early.append(item)
            if isinstance(item, av.VideoFrame):
                return item
        lost = f"; {self.damaged} could not be decoded" if self.damaged else ""
        raise VideoError(f"there are no frames in {str(self.path)!r}{lost}")

    def _all(self) -> Iterator[Packet | av.VideoFrame]:
        while self._early:
            yield self._early.pop(0)
        yield from self._items

    def _decode(self) -> Iterator[Packet | av.VideoFrame]:
        for packet in self._packets():
            if packet.stream.index != self.stream.index:  # empty packets know no stream_index
                yield packet
                continue
            try:
                frames = packet.decode()
            except FFmpegError:
                self.damaged += 1
                continue
            for frame in frames:
                self._seen += 1 - frame.is_corrupt
                self.damaged += frame.is_corrupt
                yield from self.weaver.push(frame)
        yield from self.weaver.push(None)

    def _packets(self) -> Iterator[Packet]:
        """All packets; what is cut off in the middle simply ends."""
        packets = self.container.demux()
        while True:
            try:
                packet = next(packets)
            except (StopIteration, FFmpegError):
                return
            yield packet

    def covers(self, packet: Packet) -> bool:
        """Whether a packet that is no video belongs to the part that is asked for."""
        if packet.pts is None or packet.time_base is None:
            return not (self.part.start and packet.size)  # empty ones end a stream
        seconds = float(packet.pts * packet.time_base - self._origin)
        early = self.part.start and seconds < self.part.start - 1e-6  # a codec's lead-in is not
        return not early and not self._is_past(seconds)

    def _is_over(self, seconds: float) -> bool:
        return self._is_past(seconds) or self.decoded == self.part.frames

    def _is_past(self, seconds: float) -> bool:
        return self.part.end is not None and seconds >= self.part.end

    def _after(self, last: int | None) -> int:
        """The time of a frame that tells none: one frame after the last."""
        return 0 if last is None else last + max(1, round(1 / (self.rate * self.time_base)))

    def _upright(self, frame: av.VideoFrame) -> Planes:
        coding, layout = self.coding, self.layout
        planes = to_planes(frame, coding, layout=layout, size=self._stored, like=self.like)
        return planes.each(lambda plane: np.rot90(plane, self.turns)) if self.turns else planes
