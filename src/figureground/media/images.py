"""Images from files, bytes, streams, Pillow images and arrays."""

import os
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figureground.arrays import Alpha, Rgb
from figureground.errors import ImageError
from figureground.media import color
from figureground.media.decode import (
    REDUCED,
    SUBFILE,
    decode,
    decode_deep,
    grey_to_rgb,
    is_deep,
    load_pixels,
    split,
    tag,
    to_array,
)
from figureground.media.memory_budget import check_image
from figureground.media.metadata import Colors, read_colors, read_tags, turn_upright
from figureground.media.sources import UnreadableError, name_of, opened, refusing

Source: TypeAlias = (
    "str | os.PathLike[str] | bytes | BinaryIO | Image.Image | NDArray[Any] | DecodedImage"
)
"""What an image can be read from."""

# As Pillow calls them; others are not searched for more.
ANIMATIONS = {"AVIF", "GIF", "PNG", "WEBP"}


@dataclass(frozen=True, kw_only=True, eq=False)
class DecodedImage:
    """What a file holds, upright. Its arrays may share memory: treat them as read-only."""

    pixels: NDArray[Any]  # uint8 or uint16 (H, W, 3), in the image's own RGB space
    rgb: Rgb  # the same in 8-bit sRGB, as the network sees it; the same array where nothing differs
    alpha: Alpha | None = None  # transparency that is already there; None where all is opaque
    profile: bytes | None = None  # ICC profile of `pixels`, made where tags say it; None is sRGB
    exif: bytes | None = None  # what stays true of a cutout; orientation is applied and left out
    dpi: tuple[float, float] | None = None  # pixels per inch, across and down
    notes: tuple[str, ...] = ()  # what reading could not keep, as words
    moves: bool = False  # whether its file holds more images, as animations do


def read_image(
    source: Source, *, max_pixels: int | None = None, max_memory: int | None = None
) -> DecodedImage:
    """Read an image; of an animation the first frame, of a file with several pages the first.

    Colours of CMYK and grey profiles are brought to sRGB, since no output is in their spaces; those
    of RGB profiles are kept as they are, for the output, beside an sRGB view of them.

    Args:
        source: a path, a file's bytes, a binary stream, a Pillow image, or an array, uint8 or
            uint16, (H, W) grey, (H, W, 3) RGB or (H, W, 4) RGBA, in sRGB. Arrays of floats are
            refused: they do not say what is white.
        max_pixels: files of more are refused before they are unpacked. None is 250 million, and 50
            million for a file that packs more than 100 of them into a byte, as bombs do.
        max_memory: files that need more bytes of it to be worked on are refused likewise. None is
            half of what this process may have.
    Raises:
        ImageError: it is missing, damaged, too large, or no image.
        ExtraError: it is HEIC and the package that reads it is missing.
    """
    if isinstance(source, DecodedImage):
        return source
    if isinstance(source, np.ndarray):
        return _from_array(source)
    name = name_of(source)
    if isinstance(source, Image.Image):
        with refusing(name):
            check_image(source, name=name, max_pixels=max_pixels, max_memory=max_memory)
            return decode_image(source)
    with opened(source, name=name) as (image, stream):
        check_image(image, name=name, max_pixels=max_pixels, max_memory=max_memory, stream=stream)
        return decode_image(image, stream=stream)


def decode_image(
    image: Image.Image, *, stream: BinaryIO | None = None, deep: bool = True
) -> DecodedImage:
    """Decode an opened image.

    Args:
        image: not loaded yet.
        stream: its file, which says more of colours than Pillow does, and has the bits that it drops.
        deep: read more than 8 bits a channel where the file has them.
    """
    if tag(image, SUBFILE)[:1] == (REDUCED,):
        raise UnreadableError("its image is but a preview, as in raw files; develop it to TIFF")
    colors = read_colors(image, stream)
    # Before the orientation is asked for: Pillow turns TIFF upright on loading.
    large = load_pixels(image, stream)
    tags = read_tags(image)
    # A TIFF file's orientation is applied by both decoders.
    orientation = 1 if image.format == "TIFF" else tags.orientation
    profile = colors.profile
    if stream is not None and deep and is_deep(image, stream, bits=colors.bits):
        pixels, alpha = decode_deep(image, stream, bits=colors.bits)
    elif profile and image.mode in ("CMYK", "L", "LA") and (found := _converted(image, profile)):
        pixels, alpha = found
    else:
        pixels, alpha = decode(image) if large is None else (large, None)
    if profile and not color.suits(profile, "RGB"):
        pixels = color.deep_grey_to_srgb(pixels, profile)
        profile = None
    pixels, notes = _tone_mapped(pixels, colors)
    pixels = turn_upright(pixels, orientation)
    return DecodedImage(
        pixels=pixels,
        rgb=_view(pixels, profile),
        alpha=None if alpha is None else turn_upright(alpha, orientation),
        profile=profile,
        exif=tags.exif,
        dpi=tags.dpi,
        notes=notes,
        moves=image.format in ANIMATIONS and getattr(image, "is_animated", False),
    )


def _tone_mapped(pixels: NDArray[Any], colors: Colors) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Pixels of full range in what a profile can tell, and what is to be said of that."""
    if not colors.full:
        pixels = color.to_full_range(pixels)
    if colors.hdr is None:
        return pixels, ()
    from figureground.media import hdr_image

    note = f"its high dynamic range ({colors.hdr.hdr}) is brought to that of sRGB"
    return hdr_image.to_srgb(pixels, colors.hdr), (note,)


def _converted(image: Image.Image, profile: bytes) -> tuple[Rgb, Alpha | None] | None:
    """CMYK or grey in sRGB, and alpha; None where the profile is for other colours or broken."""
    mode = image.mode.removesuffix("A")
    if not color.suits(profile, mode):
        return None
    rgb = color.to_srgb(to_array(image, mode), profile, mode=mode)
    return None if rgb is None else (rgb, decode(image)[1] if mode == "L" else None)


def _view(pixels: NDArray[Any], profile: bytes | None) -> Rgb:
    """Pixels in 8-bit sRGB; the array itself where they are so already."""
    rgb: Rgb = pixels if pixels.dtype == np.uint8 else (pixels >> 8).astype(np.uint8)
    if profile is None:
        return rgb
    converted = color.to_srgb(rgb, profile, mode="RGB")
    return rgb if converted is None else converted


def _from_array(array: NDArray[Any]) -> DecodedImage:
    if array.dtype not in (np.uint8, np.uint16) or array.ndim not in (2, 3):
        remedy = "; levels from 0 to 1 become uint8 by (255 * array).round().astype('uint8')"
        raise ImageError(
            "an array must be uint8 or uint16, (H, W), (H, W, 3) or (H, W, 4), got "
            f"{array.dtype} {array.shape}{remedy if array.dtype.kind == 'f' else ''}"
        )
    if (array.ndim == 3 and array.shape[2] not in (3, 4)) or 0 in array.shape:
        raise ImageError(f"an array must have 3 or 4 channels and a pixel, got {array.shape}")
    array = grey_to_rgb(array) if array.ndim == 2 else np.ascontiguousarray(array)
    pixels, alpha = split(array)
    return DecodedImage(pixels=pixels, rgb=_view(pixels, None), alpha=alpha)
