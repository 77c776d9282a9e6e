"""Arrays to videos, with everything else that the source holds carried over."""

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias, cast

import av
import numpy as np
from av.error import FFmpegError
from av.subtitles.stream import SubtitleStream

from figureground.arrays import Alpha, Size
from figureground.media.formats import container_of
from figureground.media.planes import Planes
from figureground.media.video_color import BT601, LIMITED, Coding, from_planes
from figureground.media.video_formats import Codec, VideoEncoding, encoder_options
from figureground.media.video_reader import Packet, VideoReader
from figureground.media.video_sound import Recoder, add_sound, can_copy, codec_of

AnyStream: TypeAlias = av.VideoStream | av.AudioStream | SubtitleStream
FASTEST = Fraction(240)  # frames a second that every encoder takes; times stay what they are
X265_DELAY = 2  # frames; of a shorter video it makes up when to decode them
HEARD = {"handler_name", "language", "title"}  # tags that stay true of sound in another codec
PLAIN_TIMECODE = re.compile(r"\d\d:\d\d:\d\d:\d\d")  # that every rate can have
UPRIGHT = {"rotate", "encoder", "creation_time"}  # tags that are no longer true of the result


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
        self.notes: list[str] = []
        self._like, self._codec, self._path = like, codec, path
        self._shift, self._count = like.shift, 0
        self._held: Packet | None = None  # the newest, since the last needs a duration
        self._alone, self._rate = alone, encoding.rate
        options = encoder_options(codec, encoding)
        self._time_base = 1 / encoding.rate if encoding.rate else like.time_base
        kind = container_of(path)
        self._container = av.open(
            str(path.absolute()),
            "w",
            format=kind.muxer if kind else None,
            container_options=self._exact_times() if alone else {},
        )
        self._encodes = template is None
        if template is None:
            rate = min(encoding.rate or like.rate, FASTEST, 1 / self._time_base)
            stream = self._container.add_stream(codec.name, rate=rate, options=options)
            self._stream = cast(av.VideoStream, stream)
            self._set_up(size, encoding)
        else:
            self._stream = self._container.add_stream_from_template(template, opaque=True)
            self._tag_stream()
        self._copied: dict[int, AnyStream] = {}
        self._recoded: dict[int, Recoder] = {}
        if not alone:
            for other in like.others:
                self._carry(other)
            self._tag()
        self._tell_depth(like.coding)

    def write_frame(self, planes: Planes, alpha: Alpha | None, pts: int) -> None:
        """Append a frame in the codec's layout; `alpha`, float32 (H, W), of transparent kinds.

        `pts` is as read, or in frames where a rate is set.
        """
        if self._codec.even and (planes.size[0] % 2 or planes.size[1] % 2):
            edges = (0, planes.size[0] % 2), (0, planes.size[1] % 2)
            planes = replace(planes, luma=np.pad(planes.luma, edges, mode="edge"))
        frame = from_planes(planes, alpha, pix_fmt=self._codec.pix_fmt)
        frame.time_base, self._count = self._time_base, self._count + 1
        frame.pts = pts if self._rate else pts - round(self._shift / self._time_base)
        self._color(frame)
        for packet in self._stream.encode(frame):
            self._mux(packet)

    def write_video_packet(self, packet: Packet) -> None:
        """Append a frame that is encoded already, as of `template`."""
        packet.stream = self._stream
        self._mux(packet)

    def write_packet(self, packet: Packet) -> None:
        """Append a packet of another stream of the source."""
        index = packet.stream.index
        if index in self._copied:
            if not packet.size:
                return  # ends a decoder, and there is none
            ticks = round(self._shift / packet.time_base)
            packet.pts = None if packet.pts is None else packet.pts - ticks
            packet.dts = None if packet.dts is None else packet.dts - ticks
            packet.stream = self._copied[index]
            self._container.mux(packet)
        elif index in self._recoded:
            target = self._recoded[index]
            try:
                frames = packet.decode()
            except FFmpegError:
                return  # a click, where the source has one
            for frame in cast(list[av.AudioFrame], frames):
                if frame.pts is not None and frame.time_base is not None:
                    frame.pts -= round(self._shift / frame.time_base)
                self._container.mux(target.encode(frame))

    def close(self) -> None:
        """Write what the encoders hold back, and the index."""
        try:
            last = self._last_packets() if self._encodes else []
            self._finish([*([] if self._held is None else [self._held]), *last])
            for sound in self._recoded.values():
                self._container.mux(sound.flush())
        finally:
            self._container.close()

    def _mux(self, packet: Packet) -> None:
        if self._held is not None:
            self._container.mux(self._held)
        self._held = packet

    def _finish(self, packets: list[Packet]) -> None:
        """Write the last frames; the one shown last lasts as long as in the source."""
        last = max(packets, key=lambda packet: packet.pts or 0, default=None)
        if last is not None and last.pts is not None and not self._alone:
            shown = last.pts * last.time_base
            lasts = 1 / self._rate if self._rate else self._like.ends - self._shift - shown
            last.duration = max(1, round(lasts / last.time_base))
            packets[-1].duration = last.duration  # MP4 ends with what is decoded last
        self._container.mux(packets)

    def _color(self, frame: av.VideoFrame) -> None:
        """Say what a frame's numbers mean: some encoders ask the frame, others the context."""
        context = self._stream.codec_context
        frame.colorspace, frame.color_range = context.colorspace, LIMITED
        frame.color_primaries, frame.color_trc = context.color_primaries, context.color_trc

    def _exact_times(self) -> dict[str, str]:
        """Return what the container must be told lest it move all times, as by the delay of an encoder."""
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
        context.colorspace = 6 if coding.matrix == BT601 else coding.matrix
        context.color_range = LIMITED
        context.color_primaries, context.color_trc = coding.primaries, coding.transfer
        context.sample_aspect_ratio = self._like.aspect
        if encoding.bitrate is not None:
            context.bit_rate = encoding.bitrate
        self._tag_stream()

    def _tag_stream(self) -> None:
        if self._codec.name == "libx265" and (kind := container_of(self._path)) and kind.hevc_tag:
            self._stream.codec_context.codec_tag = kind.hevc_tag
        if self._codec.name == "prores_ks":
            self._stream.codec_context.codec_tag = "ap4h"  # a copied stream has none
        if "a" in self._codec.pix_fmt:
            self._stream.metadata["alpha_mode"] = "1"

    def _carry(self, stream: av.stream.Stream) -> None:
        """Give the result a stream of its source's, as it is or, of sound, in a codec it holds."""
        codec, suffix = codec_of(stream), self._path.suffix.lower()
        if can_copy(stream, self._path):
            copy = self._container.add_stream_from_template(stream)
            copy.metadata.update(stream.metadata)
            copy.disposition = stream.disposition  # what is on from the start, or always
            self._copied[stream.index] = cast(AnyStream, copy)
        elif stream.type == "audio" and stream.codec_context:
            heard = cast(av.AudioStream, stream)
            sound = add_sound(self._container, heard, self._path)
            self._recoded[stream.index] = Recoder(sound)
            sound.metadata.update(
                {key: value for key, value in heard.metadata.items() if key in HEARD}
            )
            sound.disposition = heard.disposition
            name = sound.codec_context.name.removeprefix("lib")
            self.notes.append(f"sound became {name}, since {suffix} cannot hold {codec}")
        else:
            self.notes.append(f"left out: {stream.type} ({codec}), which {suffix} cannot hold")

    def _tell_depth(self, source: Coding) -> None:
        """Say what becomes of more than 8 bits, and of HDR."""
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

    def _tag(self) -> None:
        source = self._like.container
        tags = {key: value for key, value in source.metadata.items() if key not in UPRIGHT}
        self._container.metadata.update(tags)
        timecode = source.metadata.get("timecode") or self._like.stream.metadata.get("timecode")
        plain = self._encodes and not self._like.part.start and not self._rate
        if timecode and plain and PLAIN_TIMECODE.fullmatch(timecode):
            self._stream.metadata["timecode"] = timecode  # the muxer makes its track from this
        part = self._like.part
        whole = not part.start and part.end is None and part.frames is None
        if source.chapters() and whole:
            self._container.set_chapters(source.chapters())
