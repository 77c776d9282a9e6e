"""Sound of videos: which codec a stream has, and another where a container cannot hold it."""

import io
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.error import FFmpegError

from figureground.media.formats import container_of
from figureground.media.video_clock import Packet
from figureground.media.video_formats import holds
from figureground.media.video_open import open_container

# By the number of channels: what AAC and Opus both take. Sources name theirs in other ways too,
# "2 channels" (AVI) or "5.1(side)" (AC-3).
LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
USUAL_SOUND = "aac"
USUAL_RATE = 48_000  # samples a second, where an encoder does not take the source's
PLAIN = "matroska", "nut"  # containers that tell how many channels there are, not where they stand
APART = Fraction(2, 100)  # seconds between two samples that are a gap, not rounded times
SEAM = Fraction(1, 1000)  # the same, where sound of another kind begins
LONGEST = 60  # seconds of a gap that is filled with silence; beyond, times leap
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
    kind, decoder = container_of(path), plain_decoder(heard)
    name = kind.sound if kind else USUAL_SOUND
    rates = av.Codec(name, "w").audio_rates or []
    rate = decoder.sample_rate if decoder.sample_rate in rates else USUAL_RATE
    sound = cast(av.AudioStream, container.add_stream(name, rate=rate))
    sound.codec_context.layout = LAYOUTS.get(decoder.channels, "stereo")
    return Recoder(sound, decoder)


def plain_decoder(heard: av.AudioStream) -> av.AudioCodecContext:
    """Return a decoder of a stream of sound, as if it did not say where its channels stand.

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
    """Encodes decoded sound, whose channels and rate may change on the way.

    Samples follow each other as they are counted. Where the source leaves a gap, there is silence;
    what comes a second time is left out.
    """

    def __init__(self, sound: av.AudioStream, decoder: av.AudioCodecContext) -> None:
        self.sound, self._decoder = sound, decoder
        context = sound.codec_context
        self._rate = context.sample_rate
        self._target = context.format.name, context.layout.name, self._rate
        self._resampler: av.AudioResampler | None = None
        self._taken: tuple[str, str, int] | None = None  # what the resampler takes
        self._next: int | None = None  # samples, when the next one is heard
        self._skip = 0  # samples that were there before

    def encode(self, packet: Packet, shift: Fraction) -> list[Packet]:
        """Packets of what is encoded by now, `shift` seconds earlier than in the source."""
        try:
            frames = self._decoder.decode(packet if packet.size else None)
        except FFmpegError:
            return []  # a click, where the source has one
        packets = []
        for frame in frames:
            time = None
            if frame.pts is not None and frame.time_base is not None:
                time = frame.pts * frame.time_base - shift
            packets += self._encode(frame, time)
        return packets

    def flush(self) -> list[Packet]:
        """Packets of the rest."""
        rest = self._resampler.resample(None) if self._resampler else []
        packets = [packet for frame in rest for packet in self._append(frame)]
        return packets + self.sound.encode(None)

    def _encode(self, frame: av.AudioFrame, time: Fraction | None) -> list[Packet]:
        kind, packets = (frame.format.name, frame.layout.name, frame.sample_rate), list[Packet]()
        if self._resampler is None or kind != self._taken:
            for rest in self._resampler.resample(None) if self._resampler else []:
                packets += self._append(rest)
            self._resampler, self._taken = av.AudioResampler(*self._target), kind
            packets += self._keep_time(time, SEAM)
        else:
            packets += self._keep_time(time, APART)
        frame.pts = None  # counted, since sources round theirs
        for alike in self._resampler.resample(frame):
            packets += self._append(alike)
        return packets

    def _keep_time(self, time: Fraction | None, apart: Fraction) -> list[Packet]:
        """Fill a gap before what is heard at `time`, or note how much of it was heard before.

        Nothing is a gap up to `apart` seconds.
        """
        if time is None:
            self._next = self._next or 0
            return []
        now = round(time * self._rate)
        ahead = 0 if self._next is None else now - self._next
        if self._next is None and now < 0:  # before the result, which some containers cannot tell
            self._next, ahead = 0, now
        elif self._next is None or ahead > LONGEST * self._rate:
            self._next = now
        elif ahead > apart * self._rate:
            return self._append(self._silence(ahead))
        self._skip = -ahead if ahead < -apart * self._rate else 0
        return []

    def _silence(self, samples: int) -> av.AudioFrame:
        frame = av.AudioFrame(self._target[0], self._target[1], samples)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.sample_rate = self._rate
        return frame

    def _append(self, frame: av.AudioFrame) -> list[Packet]:
        """Encode samples of the result's kind."""
        if self._skip:
            gone = min(self._skip, frame.samples)
            self._skip -= gone
            if gone == frame.samples:
                return []
            across = 1 if frame.format.is_planar else frame.layout.nb_channels
            rest: Any = np.ascontiguousarray(frame.to_ndarray()[:, gone * across :])
            frame = av.AudioFrame.from_ndarray(rest, *self._target[:2])
            frame.sample_rate = self._rate
        frame.pts, frame.time_base = self._next or 0, Fraction(1, self._rate)
        self._next = (self._next or 0) + frame.samples
        return self.sound.encode(frame)
