"""Arrays to videos, with everything else that the source holds carried over."""

from collections import deque
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np

from figureground.arrays import Alpha, Size
from figureground.media.formats import VideoEncoding, container_of
from figureground.media.planes import Planes
from figureground.media.scheduling import usual_scheduling
from figureground.media.video_clock import fineness
from figureground.media.video_color import BT601, LIMITED, Coding, from_planes
from figureground.media.video_encoders import choose_encoder, open_encoder, settings_of
from figureground.media.video_end import REORDERED
from figureground.media.video_formats import BITS_PER_PIXEL, Codec
from figureground.media.video_open import codec_threads
from figureground.media.video_reader import Packet, VideoReader
from figureground.media.video_streams import CarriedStreams, has_cover
from figureground.media.video_tags import PLACES, choose_tags, stream_tags
from figureground.media.video_timecode import shifted

FASTEST = Fraction(240)  # frames a second that every encoder takes; times stay what they are
X265_DELAY = 2  # frames; of a shorter video it makes up when to decode them


class VideoWriter:
    """A video that is open for writing, with the times, sound, tags and chapters of its source.

    Close it whatever happens: that writes the index, without which a file cannot be played.
    `notes` tells what the container could not hold.
    """

    def __init__(  # noqa: PLR0913 - all but the first are named
        self,
        path: Path,
        *,
        like: VideoReader,
        size: Size,
        codec: Codec,
        encoding: VideoEncoding,
        alone: bool = False,
        template: av.VideoStream | None = None,
    ) -> None:
        """Open a file; nothing is written before the first frame.

        Args:
            path: its ending names the container.
            like: the source of times, colour coding, sound, subtitles, tags and chapters.
            size: rows and columns of what will be written.
            codec: see `video_formats.codec_for`.
            encoding: how much may be lost, and at what rate frames come.
            alone: leave out sound, tags and all else but frames.
            template: a stream like the result's; frames then come as packets, encoded already.
        Raises:
            UsageError: the codec knows no such quality.
            VideoError: the encoder cannot be opened.
        """
        codec, instead = choose_encoder(codec, encoding)
        self._like, self._codec, self._path = like, codec, path
        self._shift, self._count = like.shift, 0
        self._held = deque[Packet]()  # the newest, since the last needs a duration
        self._alone, self._rate = alone, encoding.rate
        options = settings_of(codec, encoding)
        finer = like.time_base / fineness(like.time_base, self._shift)
        self._time_base = 1 / encoding.rate if encoding.rate else finer
        suffix, kind = path.suffix.lower(), container_of(path)
        own = like.container.metadata if encoding.metadata and not alone else {}
        covers = has_cover(like.others, suffix)
        self._tags, keys, self.notes = choose_tags(own, suffix, covers=covers)
        self._container = av.open(
            str(path.absolute()),
            "w",
            format=kind.muxer if kind else None,
            container_options=self._exact_times() if alone else keys,
        )
        self._encodes = template is None
        rate = min(encoding.rate or like.rate, FASTEST, 1 / self._time_base)
        if template is None:
            stream = self._container.add_stream(codec.name, rate=rate, options=options)
            self._stream = cast(av.VideoStream, stream)
            self._set_up(size, encoding)
        else:
            self._stream = self._container.add_stream_from_template(template, opaque=True)
            self._stream.framerate = rate  # which the timecode counts by
            self._tag_stream()
        self._others: CarriedStreams | None = None
        if not alone:
            self._others = CarriedStreams(
                self._container, like, path, metadata=encoding.metadata, covers=not keys
            )
            self.notes += self._others.notes
            self._tag(encoding)
        self._tell_depth(like.coding, instead)

    def write_frame(self, planes: Planes, alpha: Alpha | None, pts: int) -> None:
        """Append a frame in the codec's layout; `alpha`, float32 (H, W), of transparent kinds.

        `pts` is as read, or in frames where a rate is set.
        """
        if self._codec.even and (planes.size[0] % 2 or planes.size[1] % 2):
            edges = (0, planes.size[0] % 2), (0, planes.size[1] % 2)
            planes = replace(planes, luma=np.pad(planes.luma, edges, mode="edge"))
        frame = from_planes(planes, alpha, pix_fmt=self._codec.pix_fmt)
        frame.time_base, self._count = self._time_base, self._count + 1
        moved = pts * self._like.time_base - self._shift
        frame.pts = pts if self._rate else round(moved / self._time_base)
        self._color(frame)
        for packet in self._stream.encode(frame):
            self._mux(packet)

    def write_video_packet(self, packet: Packet) -> None:
        """Append a frame that is encoded already, as of `template`."""
        packet.stream = self._stream
        self._mux(packet)

    def write_packet(self, packet: Packet) -> None:
        """Append a packet of another stream of the source."""
        if self._others is not None:
            self._container.mux(self._others.write(packet))

    def close(self) -> None:
        """Write what the encoders hold back, and the index."""
        try:
            last = self._last_packets() if self._encodes else []
            self._finish([*self._held, *last])
            if self._others is not None:
                self._container.mux(self._others.flush())
        finally:
            self._container.close()

    def _mux(self, packet: Packet) -> None:
        self._held.append(packet)
        if len(self._held) > REORDERED:
            self._container.mux(self._held.popleft())

    def _finish(self, packets: list[Packet]) -> None:
        """Write the last frames; the one shown last lasts as long as in the source."""
        if packets and not self._alone:
            newest = max(map(_time_of, packets))
            end = newest + 1 / self._rate if self._rate else self._like.ends - self._shift
            decoded_last = self._path.suffix.lower() in PLACES  # is what MP4 ends with
            last = packets[-1] if decoded_last else max(packets, key=_time_of)
            for packet in packets:
                rest = max(1, round((end - _time_of(packet)) / packet.time_base))
                packet.duration = rest if packet is last else min(packet.duration or 0, rest)
        self._container.mux(packets)

    def _color(self, frame: av.VideoFrame) -> None:
        """Say what a frame's numbers mean: some encoders ask the frame, others the context."""
        context = self._stream.codec_context
        frame.colorspace, frame.color_range = context.colorspace, LIMITED
        frame.color_primaries, frame.color_trc = context.color_primaries, context.color_trc

    def _exact_times(self) -> dict[str, str]:
        """Return the container's options that keep it from moving all times, as by the delay of an encoder."""
        exact = {"avoid_negative_ts": "disabled"}
        if self._path.suffix.lower() == ".mov":  # else it begins at a whole millisecond
            exact["movie_timescale"] = str(self._time_base.denominator)
        return exact

    def _last_packets(self) -> list[Packet]:
        packets = self._stream.encode(None)
        if self._codec.name == "libx265" and self._count <= X265_DELAY:
            for packet in packets:
                packet.dts = packet.pts
        return packets

    def _set_up(self, size: Size, encoding: VideoEncoding) -> None:
        context, coding = self._stream.codec_context, self._like.given
        spare = 1 if self._codec.even else 0
        context.height, context.width = (side + (side & spare) for side in size)
        context.pix_fmt = self._codec.pix_fmt
        context.time_base = self._stream.time_base = self._time_base
        context.thread_type = "AUTO"
        if self._codec.name == "libx264":
            context.thread_count = codec_threads()
        context.colorspace = 6 if coding.matrix == BT601 else coding.matrix
        context.color_range = LIMITED
        context.color_primaries, context.color_trc = coding.primaries, coding.transfer
        context.sample_aspect_ratio = self._like.aspect
        if encoding.bitrate is not None:
            context.bit_rate = encoding.bitrate
        elif self._codec.by_rate:
            rate = encoding.rate or self._like.rate
            context.bit_rate = round(BITS_PER_PIXEL * context.height * context.width * rate)
        if self._codec.by_rate:
            open_encoder(context)
        if self._codec.name == "libsvtav1":
            with usual_scheduling():
                context.open()
        self._tag_stream()

    def _tag_stream(self) -> None:
        hevc = self._codec.name.startswith(("libx265", "hevc_"))
        if hevc and (kind := container_of(self._path)) and kind.hevc_tag:
            self._stream.codec_context.codec_tag = kind.hevc_tag
        if self._codec.name == "prores_ks":
            self._stream.codec_context.codec_tag = "ap4h"  # a copied stream has none
        if "a" in self._codec.pix_fmt:
            self._stream.metadata["alpha_mode"] = "1"

    def _tell_depth(self, source: Coding, instead: list[str]) -> None:
        """Say which encoder is taken, and what becomes of more than 8 bits, and of HDR."""
        self.notes += instead
        deep = "10" in self._codec.pix_fmt
        name = self._codec.name.removeprefix("lib")
        if source.hdr and self._like.given.hdr is None:
            self.notes.append(f"{source.hdr} video is brought to the range of sRGB, since {name} "
                              "is written with 8 bits; --codec h265 keeps it")  # fmt: skip
        elif source.hdr and not deep:
            self.notes.append(f"{source.hdr} video is kept as such, but with 8 bits a channel")
        elif source.bits > 8 and deep:
            kind = f", {source.hdr}" if source.hdr else ""
            self.notes.append(f"10 bits a channel{kind} are kept, in {name}")
        elif source.bits > 8:
            self.notes.append(f"{source.bits} bits a channel became 8")

    def _tag(self, encoding: VideoEncoding) -> None:
        """Give the result tags, chapters and the timecode of its source."""
        source, stream, part = self._like.container, self._like.stream, self._like.part
        self._stream.metadata.update(
            stream_tags(stream.metadata, recoded=True, kept=encoding.metadata)
        )
        if not encoding.metadata:
            return
        self._container.metadata.update(self._tags)
        known = [*source.metadata.items(), *stream.metadata.items()]
        code = next((code for name, code in known if name.lower() == "timecode"), None)
        if code is not None:
            start, rate = Fraction(part.start).limit_denominator(1000), self._like.rate
            now = shifted(code, rate, start=start, result=encoding.rate or rate)
            if now is None:
                pace = f"{float(rate):g} frames a second"
                self.notes.append(f"left out: timecode ({code}), which fits no {pace}")
            else:
                self._stream.metadata["timecode"] = now  # the muxer makes its track from this
        whole = not part.start and part.end is None and part.frames is None
        if source.chapters() and whole:
            self._container.set_chapters(source.chapters())


def _time_of(packet: Packet) -> Fraction:
    """Return when a packet is shown, seconds."""
    return (packet.pts or 0) * (packet.time_base or Fraction(0))
