"""Sound of videos: which codec a stream has, and another where a container cannot hold it."""

from pathlib import Path
from typing import cast

import av

from figureground.media.formats import container_of
from figureground.media.video_clock import Packet
from figureground.media.video_formats import holds

# By the number of channels: what AAC and Opus both take. Sources name theirs in other ways too,
# "2 channels" (AVI) or "5.1(side)" (AC-3).
LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
USUAL_SOUND = "aac"
USUAL_RATE = 48_000  # samples a second, where an encoder does not take the source's
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


def add_sound(
    container: av.container.OutputContainer, heard: av.AudioStream, path: Path
) -> av.AudioStream:
    """A stream for what `heard` holds, in the codec that sound has in a file of this name."""
    kind, source = container_of(path), heard.codec_context
    name = kind.sound if kind else USUAL_SOUND
    rates = av.Codec(name, "w").audio_rates or []
    rate = source.sample_rate if source.sample_rate in rates else USUAL_RATE
    sound = cast(av.AudioStream, container.add_stream(name, rate=rate))
    sound.codec_context.layout = LAYOUTS.get(source.channels, "stereo")
    return sound


class Recoder:
    """Encodes decoded sound, whose channels and rate may change on the way."""

    def __init__(self, sound: av.AudioStream) -> None:
        self._sound = sound
        self._first: av.AudioFrame | None = None
        self._resampler: av.AudioResampler | None = None  # of what differs from the first
        self._taken: tuple[str, str, int] | None = None  # what the resampler takes

    def encode(self, frame: av.AudioFrame) -> list[Packet]:
        """Packets of what is encoded by now."""
        if self._first is None:
            self._first = frame
        if self._resampler is None:
            try:
                return self._sound.encode(frame)
            except ValueError:  # of PyAV's resampler, which takes one kind of sound only
                pass
        return [packet for same in self._alike(frame) for packet in self._sound.encode(same)]

    def flush(self) -> list[Packet]:
        """Packets of the rest."""
        rest = self._resampler.resample(None) if self._resampler else []
        packets = [packet for frame in rest for packet in self._sound.encode(frame)]
        return packets + self._sound.encode(None)

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
