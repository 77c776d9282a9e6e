"""Which formats are read: told by a file's first bytes, never by its name.

    ┌ first bytes ─┬ READERS: format ─▶ Pillow's class, imported when such a file is met
    └ HEIC         ┴ pillow-heif, the extra `heif`

Pillow's own `Image.open` tries every plug-in it has, among them PostScript, which runs Ghostscript,
and holds pictures to a limit that belongs to the whole process; so it is not used.
"""

from importlib import import_module
from typing import BinaryIO

from PIL import ImageFile

from figureground.errors import ExtraError, PictureError

READERS = {
    "JPEG": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "PNG": ("PIL.PngImagePlugin", "PngImageFile"),
    "WebP": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "AVIF": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "TIFF": ("PIL.TiffImagePlugin", "TiffImageFile"),
    "BMP": ("PIL.BmpImagePlugin", "BmpImageFile"),
    "GIF": ("PIL.GifImagePlugin", "GifImageFile"),
    "HEIC": ("pillow_heif", "HeifImageFile"),
}
SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",  # BigTIFF
    b"MM\0+": "TIFF",
    b"BM": "BMP",
    b"GIF8": "GIF",
}
AVIF_BRANDS = {b"avif", b"avis"}
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
HEAD = 64  # bytes that tell every format apart


def tell_format(head: bytes) -> str | None:
    """The format of a file by its first 64 bytes, a key of `READERS`; None if it is none."""
    for signature, name in SIGNATURES.items():
        if head.startswith(signature):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    if head[4:8] == b"ftyp":  # ISO/IEC 14496-12, 4.3: the brands that a file can be read as
        end = min(int.from_bytes(head[:4], "big"), len(head))
        brands = {head[8:12], *(head[at : at + 4] for at in range(16, end, 4))}
        if brands & AVIF_BRANDS:
            return "AVIF"
        if brands & HEIC_BRANDS:
            return "HEIC"
    return None


def open_image(stream: BinaryIO, *, name: str) -> ImageFile.ImageFile:
    """A picture file whose headers are read and whose pixels are not.

    Args:
        stream: seekable, at its beginning; it must stay open while the image is used.
        name: what errors call it.
    Raises:
        PictureError: it is of no known format.
        ExtraError: it is HEIC and pillow-heif is missing.
        Others, where the headers are damaged: see `sources.refusing`.
    """
    head = stream.read(HEAD)
    stream.seek(0)
    if not head:
        raise PictureError(f"cannot read {name}: it is empty")
    known = tell_format(head)
    if known is None:
        raise PictureError(
            f"cannot read {name}: it is not a picture in a known format ({', '.join(READERS)})"
        )
    module, reader = READERS[known]
    try:
        image: ImageFile.ImageFile = getattr(import_module(module), reader)(stream)
    except ImportError as error:
        raise ExtraError("heif", f"reading {name}, a {known} picture,") from error
    return image
