"""Images to files."""

from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import numpy as np
from numpy.typing import NDArray

from figureground.errors import ImageError, UsageError
from figureground.media import color
from figureground.media.atomic import atomic
from figureground.media.format_row import IMAGE, Writer
from figureground.media.formats import DEFAULT, Encoding, check_format, offer, written_endings
from figureground.media.images import DecodedImage
from figureground.media.strips import Strips


def write_image(
    pixels: NDArray[Any],
    path: str | Path,
    *,
    like: DecodedImage | None = None,
    encoding: Encoding = DEFAULT,
) -> None:
    """Write an image in the format that its path's ending names, whole or not at all.

    Args:
        pixels: see `encode_image`.
        path: where to; its folder is made if missing.
        like: the image it comes from, whose colour profile, EXIF and resolution it keeps.
        encoding: how.
    Raises:
        ImageError: the file cannot be written, or the pixels do not fit its format.
        UsageError: the path's ending names no format, or one that cannot hold what is asked for.
    """
    path = Path(path)
    alpha = pixels.ndim == 3 and pixels.shape[2] in (2, 4)
    check_format(path, alpha=alpha, lossless=encoding.lossless)
    data = encode_image(pixels, path.suffix, like=like, encoding=encoding)
    with atomic(path, error=ImageError) as temporary:
        temporary.write_bytes(data)


def encode_image(
    pixels: NDArray[Any] | Strips,
    suffix: str,
    *,
    like: DecodedImage | None = None,
    encoding: Encoding = DEFAULT,
) -> bytes:
    """A file's content.

    Args:
        pixels: uint8 or uint16, (H, W) or (H, W, 1) grey, (H, W, 2) grey and alpha, (H, W, 3) RGB
            or (H, W, 4) RGBA. 16 bits stay so in PNG and TIFF and become 8 elsewhere. Colours
            where alpha is nought are written as black, or as whatever compresses best. GIF has
            256 colours, no profile, and alpha of 0 or 1, split at a half. Or what draws them.
        suffix: ending that names the format, such as ".png".
        like: the image it comes from, whose colour profile, EXIF and resolution it keeps. Grey
            pixels, such as masks, take no profile: they are not in the image's colours.
        encoding: how.
    Raises:
        ImageError: the pixels do not fit the format.
        UsageError: the ending names no format, or one that cannot hold what is asked for.
    """
    alpha = pixels.ndim == 3 and pixels.shape[2] in (2, 4)
    if suffix.lower() not in written_endings(IMAGE):
        endings = ", ".join(written_endings(IMAGE))
        raise UsageError(f"{suffix!r} is no ending of a format; there are {endings}")
    writer = check_format(Path(f"image{suffix}"), alpha=alpha, lossless=encoding.lossless)
    if isinstance(pixels, Strips) and not writer.strips:
        pixels = pixels.whole()
    pixels = _checked(pixels, writer, suffix)
    known = _metadata(like, encoding, writer, color=pixels.shape[2] > 2)
    if writer.bits == 8 and not isinstance(pixels, Strips):
        pixels = _in_srgb(_eight_bits(pixels), like, writer)
    asked = {name: getattr(encoding, name) for name in writer.options}
    data: bytes = resolve_name(writer.function)(pixels, **asked, **known)
    return data


def _checked(pixels: NDArray[Any] | Strips, writer: Writer, suffix: str) -> NDArray[Any] | Strips:
    """Pixels as (H, W, C), if they can be written."""
    if isinstance(pixels, Strips):
        _check_sides(pixels.shape, writer, suffix)
        return pixels
    shaped = pixels[..., None] if pixels.ndim == 2 else pixels
    if pixels.dtype not in (np.uint8, np.uint16) or shaped.ndim != 3 or 0 in shaped.shape:
        raise ImageError(
            f"pixels must be uint8 or uint16, (H, W) or (H, W, 1 to 4), "
            f"got {pixels.dtype} {pixels.shape}"
        )
    if shaped.shape[2] > 4:
        raise ImageError(f"pixels must have 1 to 4 channels, got {shaped.shape[2]}")
    _check_sides(shaped.shape, writer, suffix)
    return shaped


def _check_sides(shape: tuple[int, ...], writer: Writer, suffix: str) -> None:
    longest = max(shape[:2])
    if writer.longest is not None and longest > writer.longest:
        raise ImageError(
            f"{suffix} holds sides up to {writer.longest} pixels, this has {longest}; take "
            f"{offer(lambda able: able.longest is None)}"
        )


def _metadata(
    like: DecodedImage | None, encoding: Encoding, writer: Writer, *, color: bool
) -> dict[str, Any]:
    if like is None:
        return {}
    known = {
        "profile": like.profile if color else None,
        "exif": like.exif if encoding.metadata else None,
        "dpi": like.dpi if encoding.metadata else None,
    }
    return {name: value for name, value in known.items() if value and name in writer.keeps}


def _eight_bits(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    return (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels


def _in_srgb(
    pixels: NDArray[np.uint8], like: DecodedImage | None, writer: Writer
) -> NDArray[np.uint8]:
    """Colours as they are written where the format holds no profile that explains them."""
    profile = None if like is None or pixels.shape[2] < 3 else like.profile
    if profile is None or "profile" in writer.keeps:
        return pixels
    colors = color.to_srgb(np.ascontiguousarray(pixels[..., :3]), profile, mode="RGB")
    return pixels if colors is None else np.concatenate([colors, pixels[..., 3:]], axis=2)
