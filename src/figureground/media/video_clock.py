"""Times of packets that go on where a file's own begin anew."""

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, TypeAlias

import av

if TYPE_CHECKING:
    Packet: TypeAlias = av.Packet[Any]
else:  # generic for type checkers only
    Packet = av.Packet

FINE = 90_000  # units of time in a second that a shift is exact to, as of MPEG
BACK = Fraction(1, 4)  # seconds that a stream's times go back where a new recording begins
AHEAD = Fraction(10)  # seconds that they leap ahead there, in TS; as FFmpeg's dts_delta_threshold


class Clock:
    """Sets the times of a file's packets, in the order of the file.

    Recordings that were joined byte by byte (TS, MediaRecorder) count from their own beginning
    each. The first stream that does says where the new one begins, which is where all before it
    ends; the other streams keep their offsets to it.
    """

    def __init__(self, container: av.container.InputContainer) -> None:
        self._leaps = container.format.name == "mpegts"
        self._shift = Fraction(0)  # seconds, of the newest recording
        self._shifts: dict[int, Fraction] = {}  # by stream
        self._last: dict[int, Fraction] = {}  # by stream, when its last packet is decoded
        self._end = Fraction(0)  # seconds, of all so far
        self.joined = False

    def set(self, packet: Packet) -> None:
        """Change a packet's times, if they belong to a later recording than the first."""
        time = packet.dts
        if time is None or not packet.size or packet.time_base is None:
            return  # a time of showing may go back where frames refer to later ones
        index, base = packet.stream.index, packet.time_base
        last, seconds = self._last.get(index), time * base
        if last is not None and self._is_anew(seconds + self._shifts.get(index, 0) - last):
            if self._is_anew(seconds + self._shift - last):
                self._shift, self.joined = self._end - seconds, True
            self._shifts[index] = self._shift
        elif last is None and self.joined:
            self._shifts[index] = self._shift
        shift = self._shifts.get(index)
        if shift:
            self._move(packet, round(shift / base))
        dts = (packet.pts if packet.dts is None else packet.dts) or 0
        self._last[index] = dts * base
        shown = max(dts, dts if packet.pts is None else packet.pts)
        self._end = max(self._end, (shown + (packet.duration or 0)) * base)

    def _is_anew(self, step: Fraction) -> bool:
        return step < -BACK or (self._leaps and step > AHEAD)

    def _move(self, packet: Packet, ticks: int) -> None:
        """Move a packet, but never before the one that came before it, if it need not be reordered."""
        base, last = packet.time_base, self._last.get(packet.stream.index)
        time = (packet.pts if packet.dts is None else packet.dts) or 0
        if last is not None and packet.stream.type != "video":
            ticks = max(ticks, int(last / base) + 1 - time)
        packet.pts = None if packet.pts is None else packet.pts + ticks
        packet.dts = None if packet.dts is None else packet.dts + ticks


def shift_packet(packet: Packet, seconds: Fraction) -> None:
    """Make a packet earlier, in units that are fine enough for it where its own are not."""
    base = packet.time_base
    finer = fineness(base, seconds)
    packet.time_base = base / finer
    ticks = round(seconds / packet.time_base)
    packet.duration = (packet.duration or 0) * finer
    packet.pts = None if packet.pts is None else packet.pts * finer - ticks
    packet.dts = None if packet.dts is None else packet.dts * finer - ticks


def fineness(base: Fraction, seconds: Fraction) -> int:
    """Return into how many parts a unit of time is to be split so that a shift is exact."""
    return 1 if (seconds / base).denominator == 1 else ceil(base * FINE)


def copy_to_show(packet: Packet) -> Packet:
    """A packet of a joined recording that an edit list of the first one does not hide."""
    copy = av.Packet(bytes(packet))
    copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
    copy.duration, copy.stream, copy.is_keyframe = (
        packet.duration,
        packet.stream,
        packet.is_keyframe,
    )
    return copy
