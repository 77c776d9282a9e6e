"""Sound of videos: which codec a stream has, and another where a container cannot hold it."""

from pathlib import Path
from typing import cast

import av

from figureground.media.video_formats import SOUND, holds

# By the number of channels: what AAC and Opus both take. Sources name theirs in other ways too,
# "2 channels" (AVI) or "5.1(side)" (AC-3).
LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
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
    name, source = SOUND[path.suffix.lower()], heard.codec_context
    rates = av.Codec(name, "w").audio_rates or []
    rate = source.sample_rate if source.sample_rate in rates else USUAL_RATE
    sound = cast(av.AudioStream, container.add_stream(name, rate=rate))
    sound.codec_context.layout = LAYOUTS.get(source.layout.nb_channels, "stereo")
    return sound
