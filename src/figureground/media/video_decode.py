"""A video's packets, decoded: its frames in the order they are shown, all else as it comes."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import av
from av.error import FFmpegError

from figureground.media.deinterlacer import Deinterlacer
from figureground.media.video_clock import Clock, copy_to_show
from figureground.media.video_end import promised_end
from figureground.media.video_open import codec_threads

if TYPE_CHECKING:
    Packet: TypeAlias = av.Packet[Any]
else:  # generic for type checkers only
    Packet = av.Packet

# By codec: the decoder that also reads the second image of a packet, the transparency.
ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
SHORT = 2  # frames that a whole file may end before it says


class StreamDecoder:
    """Reads a file once; iterate over it.

    `damaged` counts what could not be read or decoded, or only with errors. Once `done` is set,
    nothing more is decoded, and the video's packets are given out too.
    """

    def __init__(
        self, container: av.container.InputContainer, stream: av.VideoStream, path: Path
    ) -> None:
        self.deinterlacer = Deinterlacer(stream)
        self.damaged, self.done = 0, False
        self.key: int | None = None  # pts of the first packet that needs no other
        self._container, self._stream = container, stream
        self._clock = Clock(container)
        self._decoder = _decoder_of(stream)
        self._read = self._dropped = self._seen = 0  # packets; those not to be shown; frames
        self._origin: int | None = None  # dts of the first packet that needs no other
        self._delay: int | None = None  # of the decoder, in packets
        self._last = -1  # place of the last frame
        self._promised, self._indexed = promised_end(container, stream, path), stream.frames
        self._end = Fraction(0)  # of what was read, seconds
        self.end = Fraction(0)  # of the video's own packets, seconds

    def __iter__(self) -> Iterator[Packet | av.VideoFrame]:
        """The frames, and the packets of other streams, in the order of the file."""
        for packet in self._packets():
            if self.done or packet.stream.index != self._stream.index:
                yield packet  # empty packets know no stream_index
                continue
            for frame in self._decode(packet):
                yield from self.deinterlacer.push(frame)
        yield from self.deinterlacer.push(None)

    def missing(self, rate: Fraction) -> int:
        """Frames that a file promises but did not hold, once all of it is read.

        Args:
            rate: frames per second, for files that do not tell how many frames they hold.
        """
        lost = self._read - self._dropped - self._seen - self.damaged if self._indexed else 0
        rest = round((self._promised - self._end) * rate) if self._promised else 0
        if rest <= SHORT:
            rest = 0
        elif self._indexed:
            rest = self._indexed - self._read
        return max(0, lost) + max(0, rest)

    def _packets(self) -> Iterator[Packet]:
        """All packets. What is cut off in the middle ends there; an empty packet ends the video."""
        packets = self._container.demux()
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except FFmpegError:
                self.damaged += 1
                packet = av.Packet()
                packet.stream = self._stream
                yield packet
                return
            self._clock.set(packet)
            if packet.is_discard and self._clock.joined:
                packet = copy_to_show(packet)
            if packet.size:
                self._note(packet)
            yield packet

    def _note(self, packet: Packet) -> None:
        """Keep count, and how far the file has come."""
        is_film = packet.stream.index == self._stream.index
        self._read += is_film
        self._dropped += is_film and packet.is_discard
        if is_film and self._origin is None and packet.is_keyframe:
            self._origin, self.key = packet.dts, packet.pts
        if packet.pts is not None and (is_film or not self._stream.duration):
            end = (packet.pts + (packet.duration or 0)) * packet.time_base
            self._end = max(self._end, end)
            if is_film and not packet.is_discard:
                self.end = max(self.end, end)

    def _decode(self, packet: Packet) -> list[av.VideoFrame]:
        try:
            frames = self._decoder.decode(packet if packet.size else None)
        except FFmpegError:
            self.damaged += 1
            return []
        for frame in frames:
            self._seen += 1 - frame.is_corrupt
            self.damaged += frame.is_corrupt
            if self._container.format.name == "avi":
                frame.pts = self._place(frame)
        return frames

    def _place(self, frame: av.VideoFrame) -> int:
        """When a frame of AVI is shown, where a packet's time is but its place in the file.

        It is the place of the packet that brought the frame out, less the decoder's delay.
        """
        if frame.dts is None:  # at the end, no packet brings it out
            self._last += 1
            return self._last
        if self._delay is None:
            self._delay = 0 if self._origin is None else frame.dts - self._origin
        self._last = max(self._last + 1, frame.dts - self._delay)
        return self._last


def _decoder_of(stream: av.VideoStream) -> av.VideoCodecContext:
    """Return the decoder of a video: the stream's own, but where that leaves its transparency out."""
    own = stream.codec_context
    tagged = "1" in map(stream.metadata.get, ("alpha_mode", "ALPHA_MODE"))
    if not tagged or own.name not in ALPHA_DECODERS:
        return own
    decoder = cast(av.VideoCodecContext, av.CodecContext.create(ALPHA_DECODERS[own.name], "r"))
    decoder.thread_count = codec_threads()
    return decoder


def first_frame(
    items: Iterator[Packet | av.VideoFrame],
) -> tuple[av.VideoFrame | None, Iterator[Packet | av.VideoFrame]]:
    """Return the first frame, if there is one, and all items again."""
    early: list[Packet | av.VideoFrame] = []
    for item in items:
        early.append(item)
        if isinstance(item, av.VideoFrame):
            return item, chain(early, items)
    return None, iter(early)
