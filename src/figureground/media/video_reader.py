"""Videos to arrays: frames with their time, and the packets of all else in the file."""

from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager
from fractions import Fraction
from math import ceil, inf
from pathlib import Path

import av

from figureground.arrays import Size
from figureground.errors import VideoError
from figureground.media.video_color import Coding, coding_of, to_planes
from figureground.media.video_decode import Packet as Packet  # for those who iterate
from figureground.media.video_decode import StreamDecoder, first_frame
from figureground.media.video_end import shown_until
from figureground.media.video_open import IMAGES, exact, open_container, video_stream
from figureground.media.video_part import Frame as Frame
from figureground.media.video_part import Part as Part
from figureground.media.video_part import (
    begins,
    covers,
    expected_frames,
    origin_of,
    scaled_size,
    turn_of,
)

FALLBACK_RATE = Fraction(25)  # of a video that tells neither its rate nor its frames' times
# Seconds before the start from where a part is read until its frame that needs no other is found.
EARLIER = (0, 2, 10, 60)
UNSOUGHT = "avi", "mpeg"  # formats whose frames have no times of their own behind a jump
STILL = 0.1  # seconds after its start that a part begins with the frame that is shown then
LATE = 2.0  # seconds of video in a file before its sound; phones write up to one


class VideoReader(AbstractContextManager["VideoReader"]):
    """A video that is open for reading; iterate over it once.

    Yields `Frame`s, and between them the packets of sound, subtitles and so on, in the order of the
    file. Frames come in `layout`, a planar YUV format of libavutil's, and with the matrix of
    `like`, if one is set.
    """

    layout = "yuv420p"
    like: Coding | None = None

    def __init__(self, path: Path, part: Part | None = None, *, images: Fraction = IMAGES) -> None:
        """Open a video and decode its first frame; `images` a second of a sequence of them.

        Raises:
            VideoError: it cannot be read, is no video, or has no frame that can be decoded.
        """
        self.path, self.part = path, part or Part()
        self.decoded, self._square = 0, False
        self._next: int | None = None  # pts of the first frame beyond the part
        self.last: int | None = None  # pts of the last frame so far
        self._now = self.part.start  # seconds, of the last frame
        self._end = inf if self.part.end is None else self.part.end  # seconds, once it is known
        self._early: tuple[av.VideoFrame, int] | None = None  # the last before the part, its pts
        self._waiting = deque[Packet]()  # of which it is not known yet whether the part has them
        self._images = images
        self.container = open_container(path, images)
        try:
            self.stream = video_stream(self.container, self.path)
            self.time_base = exact(self.stream.time_base or 1 / self.rate)
            self._origin = origin_of(self.container, self.stream)
            first = self._at_start()
        except BaseException:
            self.container.close()
            raise
        self.coding: Coding = coding_of(first, self.stream.codec_context)
        self.turn = turn_of(first)
        self._stored = scaled_size(first, self.part.scale)

    @property
    def given(self) -> Coding:
        """What the numbers mean that are given out."""
        return self.like or self.coding

    @property
    def rate(self) -> Fraction:
        """Frames per second; of a variable rate the mean."""
        return exact(self.stream.average_rate or self.stream.guessed_rate or FALLBACK_RATE)

    @property
    def size(self) -> Size:
        """Rows and columns of the frames, upright and scaled."""
        return self._stored[::-1] if self.turn.quarters % 2 else self._stored

    @property
    def aspect(self) -> Fraction:
        """Width of a pixel over its height, upright."""
        ratio = (not self._square and self.stream.sample_aspect_ratio) or Fraction(1)
        return 1 / ratio if self.turn.quarters % 2 else ratio

    def square_pixels(self) -> None:
        """Give out frames as they are seen, for what cannot hold `aspect`."""
        columns = round(self._stored[1] * (self.stream.sample_aspect_ratio or 1))
        self._stored, self._square = (self._stored[0], max(1, columns)), True

    @property
    def others(self) -> list[av.stream.Stream]:
        """Every stream but the video."""
        return [stream for stream in self.container.streams if stream.index != self.stream.index]

    @property
    def expected(self) -> int | None:
        """How many frames are to come, as far as the file tells; None if it does not."""
        return expected_frames(self.container, self.stream, self.part, self.rate)

    @property
    def damaged(self) -> int:
        """How much could not be read or decoded, or only with errors."""
        return self._video.damaged

    @property
    def missing(self) -> int:
        """Frames that the whole file promises but did not hold, once it is read."""
        return 0 if self.part.start or self._video.done else self._video.missing(self.rate)

    @property
    def shift(self) -> Fraction:
        """What is taken from the file's times, so that the part begins at 0; seconds."""
        return self._origin + Fraction(self.part.start).limit_denominator(1000)

    @property
    def ends(self) -> Fraction:
        """When the last frame so far ends by the file's clock, seconds."""
        end = (self._next or 0) * self.time_base
        if self._next is None:
            last, source = (self.last or 0) * self.time_base, (self.container, self.stream)
            usual, packets = last + self._step * self.time_base, self._video.end
            end = shown_until(*source, self.path, last=last, usual=usual, packets=packets)
        if self.part.end is None:
            return end
        return min(end, self._origin + Fraction(self.part.end).limit_denominator(1000))

    def __iter__(self) -> Iterator[Frame | Packet]:
        """The frames and packets of the part that is asked for."""
        yield from self._read()
        if not self.decoded and self._sought:
            self._from_the_beginning()  # where recordings were joined, seeking may miss a later one
            yield from self._read()
        yield from self._ready(inf)

    def _read(self) -> Iterator[Frame | Packet]:
        for item in self._items:
            if isinstance(item, av.VideoFrame):
                yield from self._shown(item)
                if self._video.done and not self.others:
                    return
            elif item.stream.index != self.stream.index:
                self._waiting.append(item)
            elif (begins(item, self._origin) or 0.0) >= self._end + LATE:
                break  # so far beyond the end that no sound can follow it
            yield from self._ready(inf if self.part.frames is None else self._now)
        yield from self._still()

    def close(self) -> None:
        """Close the file."""
        self.container.close()

    def __exit__(self, *error: object) -> None:
        self.close()

    def _at_start(self) -> av.VideoFrame:
        """Go where the part can be decoded from, and give out the first frame there."""
        start = 0 if self.container.format.name in UNSOUGHT else self.part.start
        for earlier in EARLIER if start else ():
            if earlier < start:
                self.container.seek(int((self._origin + start - earlier) * av.time_base))
                first = self._begin()
                key = self._video.key
                if first and key is not None and key * self.time_base <= self._origin + start:
                    self._sought = True
                    return first
        return self._from_the_beginning(again=bool(start))

    def _from_the_beginning(self, *, again: bool = True) -> av.VideoFrame:
        """Give out the first frame of all; no seeking finds the beginning of every TS."""
        self._sought, self._early, self.last = False, None, None
        if again:
            self.container.close()
            self.container = open_container(self.path, self._images)
            self.stream = video_stream(self.container, self.path)
        first = self._begin()
        if first is None:
            lost = f"; {self.damaged} could not be decoded" if self.damaged else ""
            raise VideoError(f"there are no frames in {str(self.path)!r}{lost}")
        return first

    def _begin(self) -> av.VideoFrame | None:
        self._video = StreamDecoder(self.container, self.stream, self.path)
        self.deinterlacer = self._video.deinterlacer
        first, self._items = first_frame(iter(self._video))
        return first

    def _shown(self, frame: av.VideoFrame) -> Iterator[Frame]:
        """The frame, if it belongs to the part; the first beyond it ends the decoding."""
        pts = frame.pts
        if pts is None:  # it is one frame after the last
            pts = 0 if self.last is None else self.last + self._step
        if self._video.done or (self.last is not None and pts <= self.last):
            return  # two frames of one time: a player shows the first, no file holds both
        seconds = float(pts * self.time_base - self._origin)
        if seconds < self.part.start - 1e-6 and self.part.start:
            self._early = frame, pts
            return
        if not self.decoded and seconds - self.part.start > STILL:
            self._next = pts
            yield from self._still()
            self._next = None
        if seconds >= self._end or self.decoded == self.part.frames:
            self._video.done, self._end, self._next = True, min(seconds, self._end), pts
            return
        yield self._give(frame, pts, seconds)

    def _still(self) -> Iterator[Frame]:
        """The last frame before the part, if that begins while it is still shown."""
        if self.decoded or self._early is None:
            return
        frame, self.last = self._early
        if self.ends <= self.shift:
            return
        yield self._give(frame, ceil(self.shift / self.time_base), self.part.start)

    def _ready(self, until: float) -> Iterator[Packet]:
        """Yield what waits and begins by then, in the order of the file."""
        while self._waiting and (begins(self._waiting[0], self._origin) or 0.0) <= until:
            packet = self._waiting.popleft()
            if self.covers(packet):
                yield packet

    def covers(self, packet: Packet) -> bool:
        """Return whether a packet that is no video belongs to the part, as far as its end is known."""
        return covers(packet, self.part, origin=self._origin, end=self._end)

    @property
    def _step(self) -> int:
        """A frame's usual duration, in units of the time base."""
        return max(1, round(1 / (self.rate * self.time_base)))

    def _give(self, frame: av.VideoFrame, pts: int, seconds: float) -> Frame:
        """Count a frame, and turn it upright."""
        self.last, self._now, self.decoded = pts, seconds, self.decoded + 1
        size, layout = self._stored, self.layout
        planes = to_planes(frame, self.coding, layout=layout, size=size, like=self.like)
        return Frame(planes=self.turn(planes), pts=pts, seconds=seconds)
