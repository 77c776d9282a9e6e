"""Images in formats that lose a little: JPEG, WebP and AVIF, by Pillow's writers.

Settings are the quickest at qualities that are hard to tell from the original.
"""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figureground.errors import ImageError
from figureground.media.png import hide_unseen

JPEG_SEGMENT = 65_533  # bytes; EXIF must fit into one (ITU-T T.81, B.1.1.4)
JPEG_QUALITY, WEBP_QUALITY, AVIF_QUALITY = 92, 90, 80
EXACT_WEBP = {"lossless": True, "quality": 0, "method": 0}  # quality is effort here
FASTEST_AVIF = 9
Pixels = NDArray[np.uint8]


def encode_jpeg(
    pixels: Pixels,
    *,
    quality: int | None,
    profile: bytes | None = None,
    exif: bytes | None = None,
    dpi: tuple[float, float] | None = None,
) -> bytes:
    """A JPEG file; EXIF that is too long for one is left out.

    Args:
        pixels: uint8 (H, W, 1) or (H, W, 3).
        quality: 0 to 100.
        profile: ICC profile of the colours.
        exif: as Pillow writes it.
        dpi: pixels per inch, across and down.
    """
    fits = exif is not None and len(exif) <= JPEG_SEGMENT
    return _encode(
        pixels,
        "JPEG",
        {"quality": JPEG_QUALITY if quality is None else quality, "dpi": dpi},
        profile=profile,
        exif=exif if fits else None,
    )


def encode_webp(
    pixels: Pixels,
    *,
    quality: int | None,
    lossless: bool,
    profile: bytes | None = None,
    exif: bytes | None = None,
) -> bytes:
    """A WebP file; see `encode_jpeg`. pixels: uint8 (H, W, C), C 1, 3 or 4."""
    settings: dict[str, Any] = {"method": 0, "alpha_quality": 100}
    settings["quality"] = WEBP_QUALITY if quality is None else quality
    return _encode(pixels, "WebP", EXACT_WEBP if lossless else settings, profile=profile, exif=exif)


def encode_avif(
    pixels: Pixels,
    *,
    quality: int | None,
    profile: bytes | None = None,
    exif: bytes | None = None,
) -> bytes:
    """An AVIF file; see `encode_jpeg`. pixels: uint8 (H, W, C), C 1, 3 or 4."""
    return _encode(pixels, "AVIF", _avif(quality), profile=profile, exif=exif)


def join_avif(
    stills: Sequence[bytes], milliseconds: Sequence[float], *, quality: int | None
) -> bytes:
    """An animated AVIF file, which Pillow writes to be shown for ever.

    Args:
        stills: PNG files, all of one size and kind; the first's colour profile is kept.
        milliseconds: how long each is shown.
        quality: 0 to 100.
    Raises:
        ImageError: it cannot be packed.
    """
    from PIL.PngImagePlugin import PngImageFile  # only who writes such animations pays for it

    from figureground.media.apng import join_frames

    whole = join_frames(stills, milliseconds, plays=0)  # of which Pillow unpacks a frame at a time
    stream, times = io.BytesIO(), [max(1, round(time)) for time in milliseconds]
    try:
        with PngImageFile(io.BytesIO(whole)) as image:
            image.save(stream, "AVIF", save_all=True, duration=times, **_avif(quality))
    except (OSError, ValueError, RuntimeError, MemoryError) as error:
        raise ImageError(f"cannot encode an animation as AVIF: {error}") from error
    return stream.getvalue()


def _avif(quality: int | None) -> dict[str, Any]:
    return {"quality": AVIF_QUALITY if quality is None else quality, "speed": FASTEST_AVIF}


def _encode(
    pixels: Pixels,
    kind: str,
    settings: dict[str, Any],
    *,
    profile: bytes | None,
    exif: bytes | None,
) -> bytes:
    known = {"icc_profile": profile, "exif": exif, **settings}
    stream = io.BytesIO()
    grey = pixels.shape[2] == 1
    image = Image.fromarray(pixels[..., 0] if grey else hide_unseen(pixels))
    try:
        image.save(
            stream, kind, **{name: value for name, value in known.items() if value is not None}
        )
    except (OSError, ValueError, RuntimeError, MemoryError) as error:
        raise ImageError(f"cannot encode {pixels.shape} as {kind}: {error}") from error
    return stream.getvalue()
