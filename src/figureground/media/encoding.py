"""How a picture becomes a file."""

from dataclasses import dataclass
from pathlib import Path

from figureground.errors import UsageError

FORMATS = {
    ".png": "PNG", ".webp": "WebP", ".avif": "AVIF", ".tif": "TIFF", ".tiff": "TIFF",
    ".jpg": "JPEG", ".jpeg": "JPEG", ".gif": "GIF",
}  # fmt: skip
ANIMATIONS = (".webp", ".png", ".gif")
WITH_ALPHA = ".png, .webp, .avif or .tif"


@dataclass(frozen=True, kw_only=True)
class Encoding:
    """How a picture becomes a file."""

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


def check_format(path: Path, *, alpha: bool, lossless: bool = False) -> None:
    """See that a picture with or without transparency, or loss, can be written to a path.

    Raises:
        UsageError: the ending is unknown, or stands for a format that cannot hold that.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UsageError(
            f"cannot write {str(path)!r}: give a name that ends in {', '.join(FORMATS)}"
        )
    if alpha and FORMATS[suffix] == "JPEG":
        raise UsageError(
            f"cannot write {str(path)!r}: JPEG knows no transparency; take {WITH_ALPHA}, "
            "or give a --background"
        )
    if lossless and FORMATS[suffix] in ("AVIF", "GIF", "JPEG"):
        raise UsageError(
            f"cannot write {str(path)!r}: {FORMATS[suffix]} is not written without loss; "
            "take .png, .webp or .tif"
        )
