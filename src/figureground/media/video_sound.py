"""Sound of videos: which codec a stream has, and another where a container cannot hold it."""

import io
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.error import FFmpegError

from figureground.media.video_clock import Packet
from figureground.media.video_formats import SOUND, holds
from figureground.media.video_open import open_container

# By the number of channels: what AAC and Opus both take. Sources name theirs in other ways too,
# "2 channels" (AVI) or "5.1(side)" (AC-3).
LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
USUAL_RATE = 48_000  # samples a second, where an encoder does not take the source's
PLAIN = "matroska", "nut"  # containers that tell how many channels there are, not where they stand
LEAST_MP3 = 16_000  # samples a second of the slowest MP3 that MP4 knows


def codec_of(stream: av.stream.Stream) -> str:
    """The codec's name, not the decoder's (`mp3float`, `cc_dec`); unknown, the stream's kind."""
    context = stream.codec_context
    return context.codec.canonical_name if context else stream.type


def can_copy(stream: av.stream.Stream, path: Path) -> bool:
    """Return whether a file of this name can hold a stream of sound or subtitles as it is."""
    codec = codec_of(stream)
    carried = stream.type in ("audio", "subtitle") and stream.codec_context is not None
    if not carried or not holds(path, codec):
        return False
    slow = codec == "mp3" and cast(av.AudioStream, stream).codec_context.sample_rate < LEAST_MP3
    return not slow or path.suffix.lower() == ".mkv"


def changes(path: Path, container: av.container.InputContainer, stream: av.stream.Stream) -> bool:
    """Return whether AAC in a transport stream changes its channels or rate.

    Each of its packets tells them anew (ADTS, ISO/IEC 13818-7); other containers tell them once, so
    that a copy would be decoded wrongly from there on. Reads all packets.
    """
    if container.format.name != "mpegts" or codec_of(stream) != "aac":
        return False
    with open_container(path) as again:
        told = set()
        for packet in again.demux(again.streams[stream.index]):
            start = bytes(memoryview(packet)[:4])
            if len(start) == 4 and start[0] == 0xFF and start[1] & 0xF6 == 0xF0:
                told.add((start[2] & 0x3D, start[3] & 0xC0))  # rate and channels
            if len(told) > 1:
                return True
    return False


def add_sound(
    container: av.container.OutputContainer, heard: av.AudioStream, path: Path
) -> "Recoder":
    """A stream for what `heard` holds, in the codec that sound has in a file of this name."""
    name, decoder = SOUND[path.suffix.lower()], plain_decoder(heard)
    rates = av.Codec(name, "w").audio_rates or []
    rate = decoder.sample_rate if decoder.sample_rate in rates else USUAL_RATE
    sound = cast(av.AudioStream, container.add_stream(name, rate=rate))
    sound.codec_context.layout = LAYOUTS.get(decoder.channels, "stereo")
    return Recoder(sound, decoder)


def plain_decoder(heard: av.AudioStream) -> av.AudioCodecContext:
    """Return what decodes a stream of sound, as if it did not say where its channels stand.

    PyAV 18.1 frees such a list of places twice when asked for the channels, and for each frame,
    which ends the process. MOV files of editors and cameras have it. A container in memory that
    knows no such list passes the stream on without it.
    """
    for kind in PLAIN:
        file = io.BytesIO()
        try:
            with av.open(file, "w", format=kind) as made:
                copy = made.add_stream_from_template(heard)
                silence = av.Packet(bytes(64))
                silence.pts = silence.dts = 0
                silence.time_base, silence.stream = heard.time_base or Fraction(1, 1000), copy
                made.mux(silence)
            file.seek(0)
            with av.open(file) as plain:
                return plain.streams.audio[0].codec_context
        except (FFmpegError, IndexError, ValueError):  # it does not hold this codec
            continue
    return heard.codec_context


class Recoder:
    """Encodes decoded sound, whose channels and rate may change on the way."""

    def __init__(self, sound: av.AudioStream, decoder: av.AudioCodecContext) -> None:
        self.sound, self._decoder = sound, decoder
        self._first: av.AudioFrame | None = None
        self._resampler: av.AudioResampler | None = None  # of what differs from the first
        self._taken: tuple[str, str, int] | None = None  # what the resampler takes

    def encode(self, packet: Packet, shift: Fraction) -> list[Packet]:
        """Packets of what is encoded by now, `shift` seconds earlier than in the source."""
        try:
            frames = self._decoder.decode(packet if packet.size else None)
        except FFmpegError:
            return []  # a click, where the source has one
        packets = []
        for frame in frames:
            if frame.pts is not None and frame.time_base is not None:
                moved = frame.pts * frame.time_base - shift
                frame.time_base = Fraction(1, frame.sample_rate)
                frame.pts = round(moved / frame.time_base)
            packets += self._encode(frame)
        return packets

    def _encode(self, frame: av.AudioFrame) -> list[Packet]:
        if self._first is None:
            self._first = frame
        if self._resampler is None:
            try:
                return self.sound.encode(frame)
            except ValueError:  # of PyAV's resampler, which takes one kind of sound only
                pass
        return [packet for same in self._alike(frame) for packet in self.sound.encode(same)]

    def flush(self) -> list[Packet]:
        """Packets of the rest."""
        rest = self._resampler.resample(None) if self._resampler else []
        packets = [packet for frame in rest for packet in self.sound.encode(frame)]
        return packets + self.sound.encode(None)

    def _alike(self, frame: av.AudioFrame) -> list[av.AudioFrame]:
        """A frame with the channels and rate of the first."""
        first, frames = self._first or frame, list[av.AudioFrame]()
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or kind != self._taken:
            if self._resampler is not None:
                frames += self._resampler.resample(None)
            self._resampler = av.AudioResampler(first.format, first.layout, first.sample_rate)
            self._taken = kind
        frames += self._resampler.resample(frame)
        for same in frames:  # the encoder's own resampler takes one time base only
            if same.pts is not None and same.time_base and first.time_base:
                same.pts = round(same.pts * same.time_base / first.time_base)
                same.time_base = first.time_base
        return frames
