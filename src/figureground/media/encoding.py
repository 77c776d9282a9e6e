"""How an image becomes a file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from figureground.errors import UsageError
from figureground.media.format_row import IMAGE, Writer
from figureground.media.formats import FORMATS, format_of, writer_of, written_endings


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
