"""Pictures to files."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figureground.errors import PictureError
from figureground.media.atomic import write_whole
from figureground.media.pictures import Picture

# Pillow's format, and settings. PNG: level 1 takes a fifth of the time of the default, 6, for files
# a few per cent larger. WebP: method 0 is the quickest.
FORMATS: dict[str, tuple[str, dict[str, Any]]] = {
    ".png": ("PNG", {"compress_level": 1}),
    ".webp": ("WEBP", {"quality": 90, "method": 2, "alpha_quality": 100}),
    ".avif": ("AVIF", {"quality": 80, "speed": 8}),
    ".tif": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    ".tiff": ("TIFF", {"compression": "tiff_adobe_deflate"}),
    ".jpg": ("JPEG", {"quality": 92}),
    ".jpeg": ("JPEG", {"quality": 92}),
}
WITH_ALPHA = ".png, .webp, .avif or .tif"


def check_format(path: Path, *, alpha: bool) -> None:
    """See that a picture with or without transparency can be written to a path.

    Raises:
        PictureError: the ending is unknown, or stands for a format without transparency.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise PictureError(
            f"cannot write {str(path)!r}: give a name that ends in {', '.join(FORMATS)}"
        )
    if alpha and FORMATS[suffix][0] == "JPEG":
        raise PictureError(
            f"cannot write {str(path)!r}: JPEG knows no transparency; take {WITH_ALPHA}, "
            "or give a --background"
        )


def write_picture(pixels: NDArray[Any], path: str | Path, *, like: Picture | None = None) -> None:
    """Write a picture in the format that its path's ending names, whole or not at all.

    16-bit pixels stay so in PNG and TIFF and become 8-bit elsewhere.

    Args:
        pixels: uint8 or uint16, (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA.
        path: where to; its folder is made if missing.
        like: the picture it comes from, whose colour profile and EXIF it keeps.
    Raises:
        PictureError: the format does not fit, or the file cannot be written.
    """
    path = Path(path)
    check_format(path, alpha=pixels.ndim == 3 and pixels.shape[2] == 4)
    write = _deep_writer if _is_deep(pixels, path) else _pillow_writer
    write_whole(path, write(pixels, path.suffix.lower(), _metadata(like)))


def _is_deep(pixels: NDArray[Any], path: Path) -> bool:
    return pixels.dtype == np.uint16 and FORMATS[path.suffix.lower()][0] in ("PNG", "TIFF")


def _metadata(like: Picture | None) -> dict[str, bytes]:
    if like is None:
        return {}
    known = {"icc_profile": like.profile, "exif": like.exif}
    return {name: value for name, value in known.items() if value}


Writer = Callable[[Path], object]


def _pillow_writer(pixels: NDArray[Any], suffix: str, metadata: dict[str, bytes]) -> Writer:
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    name, settings = FORMATS[suffix]
    if pixels.ndim == 2:  # a mask is no longer in the picture's colours
        metadata = {key: value for key, value in metadata.items() if key != "icc_profile"}
    image = Image.fromarray(pixels)
    return lambda path: image.save(path, name, **settings, **metadata)


def _deep_writer(pixels: NDArray[Any], suffix: str, metadata: dict[str, bytes]) -> Writer:
    """16 bits a channel through OpenCV, which Pillow cannot write; the profile is put in after."""
    order = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}
    if pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, order[pixels.shape[2]])
    done, data = cv2.imencode(suffix, pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise PictureError(f"cannot encode {pixels.shape} {pixels.dtype} as {suffix}")
    encoded = data.tobytes()
    if suffix == ".png" and "icc_profile" in metadata and pixels.ndim == 3:
        encoded = _with_profile(encoded, metadata["icc_profile"])
    return lambda path: path.write_bytes(encoded)


def _with_profile(png: bytes, profile: bytes) -> bytes:
    """Put an iCCP chunk behind the header, as the PNG specification (11.3.2.3) asks."""
    import zlib

    body = b"iCCP" + b"icc\0\0" + zlib.compress(profile)
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    header = 33  # signature, 8, and IHDR, 25 bytes
    stream = io.BytesIO()
    stream.write(png[:header] + chunk + png[header:])
    return stream.getvalue()
