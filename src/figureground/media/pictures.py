"""Pictures from files, bytes, Pillow images and arrays."""

import io
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from figureground.arrays import Alpha, Rgb
from figureground.errors import ExtraError, PictureError
from figureground.media.color import is_rgb_profile, to_srgb

Source: TypeAlias = "str | Path | bytes | Image.Image | NDArray[Any] | Picture"
"""What a picture can be read from."""

MAX_PIXELS = 250_000_000
ORIENTATION = 0x0112  # EXIF tag
BITS_PER_SAMPLE = 258  # TIFF tag
# What Pillow's readers raise on files that are missing, broken, hostile or too large for memory.
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, TypeError, IndexError, KeyError,
              OverflowError, MemoryError, NotImplementedError, RuntimeError,
              Image.DecompressionBombError, cv2.error)  # fmt: skip
_OPENING = threading.Lock()  # Pillow's limit on pixels is one variable for the whole process


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """What a file holds, upright."""

    pixels: NDArray[Any]  # uint8 or uint16 (H, W, 3), in the picture's own RGB space
    rgb: Rgb  # the same in 8-bit sRGB, as the network sees it; the same array where nothing differs
    alpha: Alpha | None = None  # transparency that is already there
    profile: bytes | None = None  # ICC profile of `pixels`; None is sRGB
    exif: bytes | None = None  # without the orientation, which is applied


def read_picture(source: Source, *, max_pixels: int = MAX_PIXELS) -> Picture:
    """Read a picture.

    Args:
        source: a path, a file's bytes, a Pillow image, or an array, uint8 or uint16, (H, W),
            (H, W, 3) RGB or (H, W, 4) RGBA.
        max_pixels: pictures of more are refused before they are unpacked.
    Raises:
        PictureError: it is missing, broken, too large, or no picture.
        ExtraError: it is HEIC and the package that reads it is missing.
    """
    if isinstance(source, Picture):
        return source
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _from_image(source, source)
    name = "the picture" if isinstance(source, bytes) else repr(str(source))
    file = io.BytesIO(source) if isinstance(source, bytes) else Path(source)
    try:
        with _open(file) as image:
            if image.width * image.height > max_pixels:
                raise PictureError(
                    f"{name} has {image.width}x{image.height} pixels, more than the limit of "
                    f"{max_pixels}; read it with a higher max_pixels if you trust it"
                )
            return _from_image(image, file if _is_deep(image) else image)
    except UnidentifiedImageError as error:
        _refuse_heic(file, name)
        raise PictureError(f"{name} is not a picture that can be read") from error
    except UNREADABLE as error:
        missing = isinstance(error, FileNotFoundError)
        reason = "there is no such file" if missing else str(error) or type(error).__name__
        raise PictureError(f"cannot read {name}: {reason}") from error


def _open(file: Path | io.BytesIO) -> Image.Image:
    """Open lazily, with our limit on pixels in place of Pillow's."""
    with _OPENING:
        limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(file)
        finally:
            Image.MAX_IMAGE_PIXELS = limit


def _refuse_heic(file: Path | io.BytesIO, name: str) -> None:
    with file.open("rb") if isinstance(file, Path) else io.BytesIO(file.getvalue()) as stream:
        head = stream.read(12)
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"hevc"):
        raise ExtraError("heif", f"reading {name}, a HEIC picture,")


def _is_deep(image: Image.Image) -> bool:
    """Whether a file has 16 bits a channel and more than one, which Pillow would cut to 8."""
    if image.mode not in ("RGB", "RGBA", "LA"):
        return False
    if image.format == "PNG":
        return any(";16" in str(tile[3]) for tile in getattr(image, "tile", ()))
    if image.format == "TIFF":
        bits: Any = image.tag_v2.get(BITS_PER_SAMPLE, ()) if hasattr(image, "tag_v2") else ()
        return 16 in bits
    return False


def _from_image(image: Image.Image, pixels_from: Image.Image | Path | io.BytesIO) -> Picture:
    """A Pillow image's picture; `pixels_from` is its file where OpenCV must decode it."""
    exif = image.getexif()
    orientation = exif.get(ORIENTATION, 1)
    exif.pop(ORIENTATION, None)
    profile = image.info.get("icc_profile") or None
    if isinstance(pixels_from, Image.Image):
        pixels, rgb, alpha = _decode(image, profile)
    else:
        pixels, alpha = _decode_deep(pixels_from)
        rgb = _eight_bits(pixels)
        if profile and is_rgb_profile(profile):
            rgb = np.asarray(to_srgb(Image.fromarray(rgb), profile))
    same = rgb is pixels
    pixels = _upright(pixels, orientation)
    return Picture(
        pixels=pixels,
        rgb=pixels if same else _upright(rgb, orientation),
        alpha=None if alpha is None else _upright(alpha, orientation),
        profile=profile if profile and is_rgb_profile(profile) and image.mode != "CMYK" else None,
        exif=exif.tobytes() if len(exif) else None,
    )


def _decode(image: Image.Image, profile: bytes | None) -> tuple[NDArray[Any], Rgb, Alpha | None]:
    """Pixels, the network's view of them, and alpha; the view is the pixels where it can be."""
    if image.mode in ("I;16", "I;16B", "I;16L", "I;16N", "I", "F"):
        grey = _sixteen_bits(np.asarray(image))
        deep: NDArray[np.uint16] = np.repeat(grey[..., None], 3, axis=2)
        return deep, _eight_bits(deep), None
    if image.mode == "CMYK":
        rgb = np.asarray(to_srgb(image, profile) if profile else image.convert("RGB"))
        return rgb, rgb, None
    alpha: Alpha | None = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        levels = np.asarray(image.getchannel("A"))
        alpha = None if levels.min() == 255 else levels.astype(np.float32) / np.float32(255)
    colors = image if image.mode == "RGB" else image.convert("RGB")
    pixels = np.asarray(colors)
    if profile and is_rgb_profile(profile):
        converted = to_srgb(colors, profile)
        return pixels, np.asarray(converted) if converted is not colors else pixels, alpha
    return pixels, pixels, alpha


def _eight_bits(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    levels: NDArray[np.uint8] = (pixels >> 8).astype(np.uint8)
    return levels


def _sixteen_bits(grey: NDArray[Any]) -> NDArray[np.uint16]:
    """Grey levels of 16 or 32 bits as uint16; floating-point levels count as 0 to 1."""
    if grey.dtype.kind == "f":
        grey = np.nan_to_num(grey, nan=0.0, posinf=1.0, neginf=0.0) * 65535
    levels: NDArray[np.uint16] = np.clip(grey, 0, 65535).astype(np.uint16)
    return levels


def _decode_deep(file: Path | io.BytesIO) -> tuple[NDArray[np.uint16], Alpha | None]:
    data = file.read_bytes() if isinstance(file, Path) else file.getvalue()
    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if decoded is None or decoded.dtype != np.uint16:
        raise OSError("its 16-bit pixels cannot be decoded")
    return _split_deep(cv2.cvtColor(decoded, _TO_RGB[1 if decoded.ndim == 2 else decoded.shape[2]]))


_TO_RGB = {1: cv2.COLOR_GRAY2RGB, 3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGBA}


def _split_deep(pixels: NDArray[Any]) -> tuple[NDArray[Any], Alpha | None]:
    if pixels.shape[2] == 3:
        return pixels, None
    white = np.float32(np.iinfo(pixels.dtype).max)
    alpha = pixels[..., 3].astype(np.float32) / white
    return np.ascontiguousarray(pixels[..., :3]), None if alpha.min() == 1 else alpha


def _from_array(array: NDArray[Any]) -> Picture:
    if array.dtype not in (np.uint8, np.uint16) or array.ndim not in (2, 3):
        raise PictureError(
            f"an array must be uint8 or uint16, (H, W), (H, W, 3) or (H, W, 4), "
            f"got {array.dtype} {array.shape}"
        )
    if array.ndim == 2:
        array = np.repeat(array[..., None], 3, axis=2)
    if array.shape[2] not in (3, 4) or 0 in array.shape:
        raise PictureError(f"an array must have 3 or 4 channels and a pixel, got {array.shape}")
    pixels, alpha = _split_deep(np.ascontiguousarray(array))
    rgb = pixels if pixels.dtype == np.uint8 else _eight_bits(pixels)
    return Picture(pixels=pixels, rgb=rgb, alpha=alpha)


# What each EXIF orientation asks for: flip columns, then quarter turns (EXIF 2.32, 4.6.4).
_TURNS = {1: (False, 0), 2: (True, 0), 3: (False, 2), 4: (True, 2), 5: (True, 1), 6: (False, 3),
          7: (True, 3), 8: (False, 1)}  # fmt: skip


def _upright(array: NDArray[Any], orientation: int) -> NDArray[Any]:
    flip, quarters = _TURNS.get(orientation, (False, 0))
    turned = np.rot90(array[:, ::-1] if flip else array, quarters)
    return np.ascontiguousarray(turned)
