"""A long video in segments: killed, it goes on where its last whole segment ends."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import av

from figureground.arrays import Alpha, Size
from figureground.errors import UsageError
from figureground.media.atomic import atomic, check_own, naming
from figureground.media.formats import VideoEncoding, container_of
from figureground.media.planes import Planes
from figureground.media.video_clock import Clock
from figureground.media.video_formats import Codec
from figureground.media.video_open import open_container
from figureground.media.video_reader import Packet, VideoReader
from figureground.media.video_writer import VideoWriter

STAMP = "settings.txt"
EXACT_TIMES = ".nut"  # a container that knows every time base


class SegmentWriter:
    """Writes frames as segments of `length`, each whole or not at all, without sound."""

    def __init__(self, folder: Path, *, stamp: str, length: int) -> None:
        """Look for segments of an earlier run.

        Args:
            folder: where segments are; made with the first frame.
            stamp: what they depend on; segments made with another are thrown away.
            length: frames in a segment.
        """
        self.notes: list[str] = []
        self._anew: list[str] = []  # what is told of an earlier run
        self._folder, self._stamp, self._length, self._count = folder, stamp, length, 0
        self._open: VideoWriter | None = None
        found = _read(folder / STAMP)
        if folder.exists() and found != stamp:
            shutil.rmtree(folder)
            if found == "":
                self._anew = ["settings of an earlier run could not be read; it began anew"]
        self._mend()
        self.done = sum(int(path.stem.split("-")[1]) for path in self.segments)  # frames

    def _mend(self) -> None:
        """Drop what does not go on where the segments before it end, or is not whole.

        Two processes that once worked here at the same time can leave such.
        """
        done, sound = 0, True
        for path in self.segments:
            begin, _, count = path.stem.partition("-")
            sound = sound and count.isdecimal() and int(begin) == done and _holds(path, int(count))
            if sound:
                done += int(count)
            else:
                path.unlink()

    def prepare(
        self,
        target: Path,
        like: VideoReader,
        *,
        size: Size,
        codec: Codec | None,
        encoding: VideoEncoding,
    ) -> None:
        """Say what segments are made of, and for; as `VideoWriter`. Call it before any frame.

        Raises UsageError where there is no codec: it becomes no video.
        """
        if codec is None:
            raise UsageError(f"only videos are resumed, and {str(target)!r} is none")
        self._like, self._size, self._codec, self._encoding = like, size, codec, encoding
        self._target, suffix, kind = target, target.suffix.lower(), container_of(target)
        own = (kind and kind.milliseconds) or codec.name == "prores_ks"  # which NUT knows not
        self._suffix = suffix if own else EXACT_TIMES

    @property
    def segments(self) -> list[Path]:
        """The whole ones, in order: `00000250-250.nut` begins at frame 250 and has 250."""
        return sorted(self._folder.glob("[0-9]*-*.*"))

    def write_frame(self, planes: Planes, alpha: Alpha | None, pts: int) -> None:
        """Append a frame; see `VideoWriter.write_frame`."""
        if self._open is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._write_stamp(self._folder / STAMP)
            self._open = VideoWriter(
                self._folder / f"open{self._suffix}", like=self._like, size=self._size,
                codec=self._codec, encoding=self._encoding, alone=True,
            )  # fmt: skip
            self.notes = [*self._anew, *self._open.notes]
        writer, self._open = self._open, None  # should this fail, the segment is never whole
        writer.write_frame(planes, alpha, pts)
        self._open, self._count = writer, self._count + 1
        if self._count == self._length:
            self.close()

    def _write_stamp(self, path: Path) -> None:
        check_own(path)
        with naming(self._target, path), atomic(path) as part:
            part.write_text(self._stamp, "utf-8")

    def write_packet(self, packet: Packet) -> None:
        """Pass over a packet of another stream: `join` brings them."""

    def close(self) -> None:
        """End the segment that is being written."""
        if self._open is None:
            return
        self._open.close()
        name = f"{self.done:08}-{self._count}{self._suffix}"
        (self._folder / f"open{self._suffix}").replace(self._folder / name)
        self._open, self.done, self._count = None, self.done + self._count, 0

    def join(self, path: Path) -> list[str]:
        """All segments as one file, with the source's sound and all else; returns its notes."""
        packets = self._packets()
        first = next(packets)
        writer = VideoWriter(
            path, like=self._like, size=self._size, codec=self._codec, encoding=self._encoding,
            template=first.stream,
        )  # fmt: skip
        waiting: Packet | None = first
        try:
            for other in self._others():
                until = None if other.dts is None else float(other.dts * other.time_base)
                while waiting and until is not None and _time(waiting) <= until:
                    writer.write_video_packet(waiting)
                    waiting = next(packets, None)
                writer.write_packet(other)
            while waiting is not None:
                writer.write_video_packet(waiting)
                waiting = next(packets, None)
        finally:
            writer.close()
        return writer.notes

    def _packets(self) -> Iterator[Packet]:
        """All encoded frames, in the order of the file, each with its time of decoding."""
        orders = decode_times([packet.pts or 0 for packet in self._stored()])
        for packet, dts in zip(self._stored(), orders, strict=True):
            packet.dts = dts
            yield packet

    def _stored(self) -> Iterator[Packet]:
        for segment in self.segments:
            with av.open(str(segment.absolute())) as video:
                yield from (packet for packet in video.demux(video=0) if packet.size)

    def _others(self) -> Iterator[Packet]:
        """The source's packets that are no video, of the part that is asked for."""
        video = self._like.stream.index
        with open_container(self._like.path) as source:
            if len(source.streams) == 1:
                return
            clock = Clock(source)
            for packet in source.demux():  # all, since any may tell where a recording begins
                clock.set(packet)
                if packet.stream.index != video and self._like.covers(packet):
                    yield packet


def _holds(path: Path, count: int) -> bool:
    """Return whether a segment can be read and has so many frames."""
    try:
        with av.open(str(path.absolute())) as video:
            return sum(1 for packet in video.demux(video=0) if packet.size) == count
    except (av.error.FFmpegError, IndexError):
        return False


def _time(packet: Packet) -> float:
    return float((packet.dts or 0) * packet.time_base)


def decode_times(shown: Sequence[int]) -> list[int]:
    """When each packet is to be decoded, given when it is shown, both in the order of the file.

    Files without these times lose them where frames refer to later ones, so they are made anew, as
    encoders do: no frame after it is shown, each after the one before it.
    """
    order = sorted(shown)
    rank = {pts: place for place, pts in enumerate(order)}
    late = max(place - rank[pts] for place, pts in enumerate(shown))
    lead = order[late] - order[0]
    return [pts - lead for pts in order[:late]] + order[: len(order) - late]


def _read(path: Path) -> str | None:
    """Return what a file of settings holds: "" where that is no text, None where it is not there."""
    try:
        return path.read_text("utf-8") if path.is_file() else None
    except (UnicodeDecodeError, OSError):
        return ""
