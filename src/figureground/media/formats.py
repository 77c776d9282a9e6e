"""The formats of files: how each is found in the table, and how images and videos are packed.

    a path's ending  ─▶ format_of ───┐
    its first bytes  ─▶ tell_format ─┴▶ Format ─▶ reader, writer, joiner, container

What an image is, is told by its first bytes when it is read; endings say which files of a folder
are meant, and what is written. Pillow's own `Image.open` is not used: it tries every plug-in, among
them PostScript, which runs Ghostscript, and holds images to a limit of the whole process.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from figureground.errors import UsageError
from figureground.media.format_row import (
    HEAD,
    IMAGE,
    VIDEO,
    Container,
    Format,
    Joiner,
    Writer,
)  # fmt: skip
from figureground.media.format_table import FORMATS, tell_format


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How an image becomes a file."""

    quality: int | None = None  # of lossy formats, 0 to 100; None: hardly to be told apart
    lossless: bool = False  # WebP too keeps every value; PNG and TIFF always do
    level: int = 1  # of compression in PNG and TIFF, 0 to 9: 6 takes 3 times as long, saves 15 %
    metadata: bool = True  # keep EXIF and resolution; the colour profile is kept in any case

    def __post_init__(self) -> None:
        if self.quality is not None and not 0 <= self.quality <= 100:
            raise UsageError(f"quality must be 0 to 100, got {self.quality}")
        if not 0 <= self.level <= 9:
            raise UsageError(f"level of compression must be 0 to 9, got {self.level}")


DEFAULT = Encoding()


@dataclass(frozen=True, kw_only=True)
class VideoEncoding:
    """How a video is packed; by default it loses little that an eye sees."""

    crf: int | None = None  # constant quality: H.264 0 to 51, VP9 0 to 63, less is better
    bitrate: int | None = None  # bits per second
    rate: Fraction | None = None  # frames per second; None keeps every frame at its time
    codec: str | None = None  # a key of `video_formats.CODECS`; None: the container's usual one
    encoder: str | None = None  # one of its `video_formats.ENCODERS`; None for the usual one
    metadata: bool = True  # keep tags, covers, attachments, chapters and the timecode

    def __post_init__(self) -> None:
        if self.rate is not None and not 0 < self.rate <= 1000:
            raise UsageError(f"frames per second are above 0, at most 1000, got {self.rate}")
        if self.crf is not None and self.bitrate is not None:
            raise UsageError("give a quality or a bitrate, not both")
        if self.crf is not None and not 0 <= self.crf <= 63:
            raise UsageError(f"crf is 0 to 63 (H.264: to 51), got {self.crf}")
        if self.bitrate is not None and self.bitrate < 1000:
            raise UsageError(f"bitrate is bits per second, 1000 or more, got {self.bitrate}")


def format_of(path: Path) -> Format | None:
    """The format that a path's ending names; None if it names none."""
    ending = path.suffix.lower()
    return next((row for row in FORMATS.values() if ending in row.endings), None)


def endings_of(*kinds: str) -> frozenset[str]:
    """The endings of all formats that hold one of these kinds."""
    rows = (row for row in FORMATS.values() if not set(kinds).isdisjoint(row.kinds))
    return frozenset(ending for row in rows for ending in row.endings)


def written_endings(kind: str) -> list[str]:
    """The endings of what is written of a kind, in the order of the table."""
    if kind == VIDEO:
        return [end for row in FORMATS.values() if row.container for end in row.endings[:1]]
    rows = (row for row in FORMATS.values() if row.writer and (kind == IMAGE or row.joiner))
    return [ending for row in rows if row.writer for ending in row.writer.endings]


def writer_of(path: Path) -> Writer | None:
    """How an image of that name is written; None where none is."""
    row = format_of(path)
    found = None if row is None else row.writer
    return found if found is not None and path.suffix.lower() in found.endings else None


def joiner_of(path: Path) -> Joiner | None:
    """How an animation of that name is written; None where none is."""
    row = format_of(path)
    return row.joiner if row is not None and writer_of(path) is not None else None


def container_of(path: Path) -> Container | None:
    """How a video of that name is written; None where none is."""
    row = format_of(path)
    return row.container if row is not None and path.suffix.lower() == row.endings[0] else None


def kind_of(path: Path, *, named: bool) -> str | None:
    """IMAGE or VIDEO: what a file is, by its ending or, where that does not tell, its first bytes.

    Args:
        path: the file; it is opened only where its ending does not tell.
        named: a user named it, so that it is opened whatever its ending; and one that cannot be
            told, or read, is what its ending says, or an image: reading it says what is wrong.
    Returns: None where it is neither, or not known.
    """
    row = format_of(path)
    if row is not None and not row.unsure:
        return _main_kind(row)
    told = _tell_file(path) if named or row is not None or not path.suffix else None
    if told is None and named:
        return IMAGE if row is None else _main_kind(row)
    return None if told is None else _main_kind(told)


def _main_kind(row: Format) -> str:
    return VIDEO if VIDEO in row.kinds else IMAGE


def _tell_file(path: Path) -> Format | None:
    """The format of a file by its first bytes; None where it is none, or they cannot be read."""
    try:
        if not path.is_file():  # a pipe could keep us waiting for ever
            return None
        with path.open("rb") as stream:
            return tell_format(stream.read(HEAD))
    except (OSError, ValueError):
        return None


def check_format(path: Path, *, alpha: bool, lossless: bool = False) -> Writer:
    """How an image with or without transparency, or loss, is written to a path.

    Raises:
        UsageError: the ending is unknown, or stands for a format that cannot hold that.
    """
    row, writer = format_of(path), writer_of(path)
    if row is None or writer is None:
        endings = ", ".join(written_endings(IMAGE))
        raise UsageError(f"cannot write {str(path)!r}: give a name that ends in {endings}")
    if alpha and not writer.alpha_bits:
        raise UsageError(
            f"cannot write {str(path)!r}: {row.name} knows no transparency; take "
            f"{offer(lambda able: able.alpha_bits > 1)}, or give a --background"
        )
    if lossless and not writer.lossless:
        raise UsageError(
            f"cannot write {str(path)!r}: {row.name} is not written without loss; take "
            f"{offer(lambda able: able.lossless)}"
        )
    return writer


def offer(able: Callable[[Writer], bool]) -> str:
    """The usual endings of the formats that can do something, as a list of words."""
    fits = [row.writer for row in FORMATS.values() if row.writer is not None and able(row.writer)]
    *most, last = [writer.endings[0] for writer in fits]
    return f"{', '.join(most)} or {last}" if most else last
