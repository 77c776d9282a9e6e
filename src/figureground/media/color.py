"""Colour profiles: what an image looks like that is not in sRGB."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from figureground.arrays import Rgb
from figureground.chunks import byte_chunks, map_chunks
from figureground.media.sources import DAMAGE

SPACES = {"RGB": b"RGB ", "CMYK": b"CMYK", "L": b"GRAY"}  # by Pillow's mode; ICC.1:2022, table 19


def suits(profile: bytes, mode: str) -> bool:
    """Return whether a profile is for colours of a Pillow mode: its space stands at byte 16 (7.2)."""
    return mode in SPACES and profile[16:20] == SPACES[mode]


def to_srgb(pixels: NDArray[np.uint8], profile: bytes, *, mode: str) -> Rgb | None:
    """Colours of a profile brought to sRGB.

    Args:
        pixels: uint8, (H, W, 3) of mode RGB, (H, W, 4) of CMYK or (H, W) of L.
        profile: ICC profile that describes them.
        mode: Pillow's name of the kind of colours.
    Returns: uint8 (H, W, 3); `pixels` itself where the profile is sRGB, whatever it calls itself;
        None where the profile cannot be used, whose values then count as sRGB, as in browsers.
    """
    from PIL import ImageCms  # only images with a profile pay for it

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        transform = ImageCms.buildTransform(source, target, mode, "RGB")
    except (ImageCms.PyCMSError, *DAMAGE):
        return None
    if mode == "RGB" and _is_identity(transform):
        return pixels
    rgb = np.empty((*pixels.shape[:2], 3), np.uint8)

    def convert(rows: slice) -> None:
        rgb[rows] = np.asarray(ImageCms.applyTransform(to_image(pixels[rows], mode), transform))

    map_chunks(convert, byte_chunks(pixels.shape[0], pixels[0].nbytes))
    return rgb


def deep_grey_to_srgb(pixels: NDArray[Any], profile: bytes) -> NDArray[Any]:
    """Grey of 16 bits brought to sRGB, between the 256 levels that a transform knows.

    Args:
        pixels: uint8 or uint16 (H, W, 3).
        profile: ICC profile that came with them.
    Returns: uint16 (H, W, 3); `pixels` itself where it has colours or 8 bits, or the profile is for
        other colours or broken.
    """
    grey = pixels[..., 0]
    if pixels.dtype != np.uint16 or not suits(profile, "L") or (pixels != grey[..., None]).any():
        return pixels
    levels = to_srgb(np.arange(256, dtype=np.uint8)[None], profile, mode="L")
    if levels is None:
        return pixels
    known, wanted = np.arange(256) * 257, np.arange(65536)
    curves = [np.interp(wanted, known, channel * 257.0) for channel in levels[0].T]
    table: NDArray[np.uint16] = np.rint(np.stack(curves, axis=-1)).astype(np.uint16)
    converted: NDArray[np.uint16] = table[grey]
    return converted


def to_full_range(pixels: NDArray[Any]) -> NDArray[Any]:
    """Colours whose black is 16 and white 235 of 255, stretched to all of the range (H.273, 8.3).

    pixels: uint8 or uint16; returns the same kind.
    """
    depth = pixels.dtype.type
    unit = 1 << (8 * pixels.dtype.itemsize - 8)
    most = np.iinfo(depth).max
    levels = (np.arange(most + 1) - 16 * unit) * (most / (219 * unit))
    return np.asarray(np.rint(np.clip(levels, 0, most)).astype(depth)[pixels], depth)


def to_image(pixels: NDArray[np.uint8], mode: str) -> Image.Image:
    """An array as a Pillow image of a mode that has its number of channels."""
    return Image.frombytes(mode, (pixels.shape[1], pixels.shape[0]), pixels.tobytes())


def _is_identity(transform: Any) -> bool:
    """Return whether a transform leaves a grid of colours as they are, but for rounding."""
    from PIL import ImageCms

    steps = np.linspace(0, 255, 9).astype(np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    seen = np.asarray(ImageCms.applyTransform(to_image(grid, "RGB"), transform))
    return int(np.abs(seen.astype(np.int16) - grid).max()) <= 2
