"""What the table of formats says of each: how it is told, read, written, joined.

A format is told by its file's first bytes, whatever it is called: a function takes the first `HEAD`
of them, or all where the file is shorter.
"""

from collections.abc import Callable
from typing import NamedTuple

HEAD = 512  # bytes that tell every format apart
Tell = Callable[[bytes], bool]
"""Returns whether a file that begins so is of a format."""

IMAGE, ANIMATION, VIDEO = "image", "animation", "video"
ALL_KNOWN = ("profile", "exif", "dpi")


class Writer(NamedTuple):
    """How pixels become an image of a format."""

    function: str  # module:name; takes uint8 or uint16 (H, W, 1 to 4), `options` and what `keeps`
    endings: tuple[str, ...]  # that are written, the usual one first
    options: tuple[str, ...] = ()  # fields of `Encoding` that it goes by
    keeps: tuple[str, ...] = ALL_KNOWN  # what it holds of the source's colours, EXIF, resolution
    alpha_bits: int = 0  # of transparency; 1 is all or nothing
    bits: int = 8  # a channel, at most
    lossless: bool = False  # every value comes back, if that is asked for
    longest: int | None = None  # side, pixels
    strips: bool = False  # takes `media.strips.Strips`, too


class Joiner(NamedTuple):
    """How images become an animation of a format."""

    function: str  # module:name; takes files, milliseconds and `options`
    frames: str  # ending of the format that frames are encoded as before they are joined
    options: tuple[str, ...] = ("plays",)  # that, and fields of `Encoding`, as it goes by them
    step: int = 1  # milliseconds that the format counts in
    least: int = 1  # that a frame lasts: browsers take frames of 10 in a GIF for such of 100


class Container(NamedTuple):
    """What a kind of video file is written with."""

    codecs: tuple[str, ...]  # keys of `video_formats.CODECS`; the first where none is asked for
    sound: str  # libavcodec's encoder of what it cannot hold as it is
    holds: frozenset[str] | None  # sound and subtitles it holds as they are; None: nearly all
    transparent: str | None = None  # key of `video_formats.TRANSPARENT_CODECS`
    muxer: str | None = None  # libavformat's name, where its own choice does not do
    hevc_tag: str | None = None  # of H.265, where players of Apple's know no other
    milliseconds: bool = False  # whether times are whole ones


class Format(NamedTuple):
    """A kind of file."""

    name: str
    kinds: tuple[str, ...]  # what it holds: IMAGE, ANIMATION, VIDEO
    endings: tuple[str, ...]  # lower case, the usual one first
    tell: Tell  # by a file's first bytes
    reader: str | None = None  # module:class of Pillow's kind; None: FFmpeg reads it
    extra: str | None = None  # the extra that brings the reader
    unsure: bool = False  # its endings are also those of other files, which first bytes tell
    numbered: tuple[str, ...] = ()  # endings of numbered files that are a video's frames
    writer: Writer | None = None
    joiner: Joiner | None = None
    container: Container | None = None
