"""Pictures to files."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figureground.errors import PictureError, UsageError
from figureground.media.atomic import atomic
from figureground.media.encoding import DEFAULT, FORMATS, Encoding, check_format
from figureground.media.gif import encode_gif
from figureground.media.pictures import Picture
from figureground.media.png import encode_png, hide_unseen
from figureground.media.tiff import encode_tiff

LOSSLESS = {"PNG": encode_png, "TIFF": encode_tiff}
LONGEST = {"WebP": 16_383, "JPEG": 65_500, "AVIF": 65_536, "GIF": 65_535}  # side, pixels
# Settings of Pillow's writers: the quickest, at qualities hard to tell from the original.
LOSSY: dict[str, dict[str, Any]] = {
    "WebP": {"quality": 90, "method": 0, "alpha_quality": 100},
    "AVIF": {"quality": 80, "speed": 9},
    "JPEG": {"quality": 92},
}
EXACT_WEBP = {"lossless": True, "quality": 0, "method": 0}  # quality is effort here
JPEG_SEGMENT = 65_533  # bytes; EXIF must fit into one (ITU-T T.81, B.1.1.4)


def write_picture(
    pixels: NDArray[Any],
    path: str | Path,
    *,
    like: Picture | None = None,
    encoding: Encoding = DEFAULT,
) -> None:
    """Write a picture in the format that its path's ending names, whole or not at all.

    Args:
        pixels: see `encode_picture`.
        path: where to; its folder is made if missing.
        like: the picture it comes from, whose colour profile, EXIF and resolution it keeps.
        encoding: how.
    Raises:
        PictureError: the file cannot be written, or the pixels do not fit its format.
        UsageError: the path's ending names no format, or one that cannot hold what is asked for.
    """
    path = Path(path)
    alpha = pixels.ndim == 3 and pixels.shape[2] in (2, 4)
    check_format(path, alpha=alpha, lossless=encoding.lossless)
    data = encode_picture(pixels, path.suffix, like=like, encoding=encoding)
    with atomic(path, error=PictureError) as temporary:
        temporary.write_bytes(data)


def encode_picture(
    pixels: NDArray[Any],
    suffix: str,
    *,
    like: Picture | None = None,
    encoding: Encoding = DEFAULT,
) -> bytes:
    """A file's content.

    Args:
        pixels: uint8 or uint16, (H, W) or (H, W, 1) grey, (H, W, 2) grey and alpha, (H, W, 3) RGB
            or (H, W, 4) RGBA. 16 bits stay so in PNG and TIFF and become 8 elsewhere. Colours
            where alpha is nought are written as black, or as whatever compresses best. GIF has
            256 colours, no profile, and alpha of 0 or 1, split at a half.
        suffix: ending that names the format, such as ".png".
        like: the picture it comes from, whose colour profile, EXIF and resolution it keeps. Grey
            pixels, such as masks, take no profile: they are not in the picture's colours.
        encoding: how.
    Raises:
        PictureError: the pixels do not fit the format.
        UsageError: the ending names no format, or one that cannot hold what is asked for.
    """
    alpha = pixels.ndim == 3 and pixels.shape[2] in (2, 4)
    if suffix.lower() not in FORMATS:
        raise UsageError(f"{suffix!r} is no ending of a format; there are {', '.join(FORMATS)}")
    check_format(Path(f"picture{suffix}"), alpha=alpha, lossless=encoding.lossless)
    kind = FORMATS[suffix.lower()]
    pixels = _checked(pixels, kind)
    known = _metadata(like, encoding, color=pixels.shape[2] > 2)
    if kind in LOSSLESS:
        return LOSSLESS[kind](pixels, level=encoding.level, **known)
    return _encode_lossy(pixels, kind, known, encoding)


def _checked(pixels: NDArray[Any], kind: str) -> NDArray[Any]:
    """Pixels as (H, W, C), if they can be written."""
    shaped = pixels[..., None] if pixels.ndim == 2 else pixels
    if pixels.dtype not in (np.uint8, np.uint16) or shaped.ndim != 3 or 0 in shaped.shape:
        raise PictureError(
            f"pixels must be uint8 or uint16, (H, W) or (H, W, 1 to 4), "
            f"got {pixels.dtype} {pixels.shape}"
        )
    if shaped.shape[2] > 4:
        raise PictureError(f"pixels must have 1 to 4 channels, got {shaped.shape[2]}")
    longest = max(shaped.shape[:2])
    if longest > LONGEST.get(kind, longest):
        raise PictureError(
            f"{kind} holds sides up to {LONGEST[kind]} pixels, this has {longest}; take PNG or TIFF"
        )
    return shaped


def _metadata(like: Picture | None, encoding: Encoding, *, color: bool) -> dict[str, Any]:
    if like is None:
        return {}
    known = {
        "profile": like.profile if color else None,
        "exif": like.exif if encoding.metadata else None,
        "dpi": like.dpi if encoding.metadata else None,
    }
    return {name: value for name, value in known.items() if value}


def _eight_bits(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    return (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels


def _encode_lossy(
    pixels: NDArray[Any], kind: str, known: dict[str, Any], encoding: Encoding
) -> bytes:
    pixels = _eight_bits(pixels)
    if kind == "GIF":
        return encode_gif(pixels)
    settings = dict(EXACT_WEBP if encoding.lossless else LOSSY[kind])
    if encoding.quality is not None and not encoding.lossless:
        settings["quality"] = encoding.quality
    if "profile" in known:
        settings["icc_profile"] = known["profile"]
    if "exif" in known and not (kind == "JPEG" and len(known["exif"]) > JPEG_SEGMENT):
        settings["exif"] = known["exif"]
    if "dpi" in known and kind == "JPEG":
        settings["dpi"] = known["dpi"]
    stream = io.BytesIO()
    grey = pixels.shape[2] == 1
    image = Image.fromarray(pixels[..., 0] if grey else hide_unseen(pixels))
    try:
        image.save(stream, kind, **settings)
    except (OSError, ValueError, RuntimeError, MemoryError) as error:
        raise PictureError(f"cannot encode {pixels.shape} as {kind}: {error}") from error
    return stream.getvalue()
