"""Cutouts, masks, and people over new backgrounds, in the depth of the image they came from."""

import cv2
import numpy as np
from numpy.typing import NDArray

from figureground.arrays import Alpha, Color, Depth, Mask
from figureground.chunks import row_chunks
from figureground.errors import SizeError
from figureground.matting.background import flat

LINE = 10  # width of the line between the halves of `side_by_side`, pixels
GREY = 0.5  # its shade, as a share of white


def mask(alpha: Alpha) -> Mask:
    """The matte in 8 bits: uint8 (H, W), 0 background to 255 person, rounded to the nearest."""
    return _quantise(alpha, np.uint8)


def mask16(alpha: Alpha) -> NDArray[np.uint16]:
    """The matte in 16 bits: uint16 (H, W), 0 background to 65535 person."""
    return _quantise(alpha, np.uint16)


def cutout(pixels: NDArray[Depth], alpha: Alpha) -> NDArray[Depth]:
    """An image with its matte as fourth channel, straight (not premultiplied).

    Args:
        pixels: colours of the person, uint8 or uint16 (H, W, 3), sRGB.
        alpha: float32 (H, W), 0 to 1.
    Returns: (H, W, 4), in the depth of `pixels`.
    Raises:
        SizeError: `pixels` and `alpha` differ in height or width.
    """
    check_same_size(pixels, alpha)
    result = np.empty((*alpha.shape, 4), pixels.dtype)
    for rows in row_chunks(alpha.shape):
        cover = _quantise(alpha[rows], pixels.dtype.type)
        cv2.mixChannels([pixels[rows], cover], [result[rows]], [0, 0, 1, 1, 2, 2, 3, 3])
    return result


def composite(
    pixels: NDArray[Depth], alpha: Alpha, background: Color | NDArray[np.uint8] | NDArray[np.uint16]
) -> NDArray[Depth]:
    """Lay the person over a colour or an image, blending in sRGB as browsers do.

    Args:
        pixels: colours of the person, uint8 or uint16 (H, W, 3), sRGB.
        alpha: float32 (H, W), 0 to 1.
        background: a colour, three values from 0 to 255; or an image (H, W, 3) of 8 or 16 bits.
    Returns: (H, W, 3), in the depth of `pixels`.
    Raises:
        SizeError: `pixels`, `alpha` and `background` differ in height or width.
    Source: the `over` operator, Porter & Duff, "Compositing Digital Images", SIGGRAPH 1984.
    """
    check_same_size(pixels, alpha)
    result = _backdrop(background, like=pixels)
    lay_over(pixels, alpha, result)
    return result


def lay_over(pixels: NDArray[Depth], alpha: Alpha, behind: NDArray[Depth]) -> None:
    """As `composite`, but into the background itself, (H, W, 3) in the depth of `pixels`.

    Raises:
        SizeError: `pixels`, `alpha` and `behind` differ in height or width.
    """
    check_same_size(pixels, alpha)
    check_same_size(behind, alpha)
    for rows in row_chunks(alpha.shape):
        strip = np.ascontiguousarray(behind[rows])  # OpenCV writes to no other
        _over(pixels[rows], alpha[rows], strip)
        if not np.may_share_memory(strip, behind):
            behind[rows] = strip


def side_by_side(rgb: NDArray[Depth], foreground: NDArray[Depth], alpha: Alpha) -> NDArray[Depth]:
    """The image, a grey vertical line of 10 pixels, and the person on black.

    Args:
        rgb: the image, uint8 or uint16 (H, W, 3).
        foreground: the person's colours, like `rgb`.
        alpha: float32 (H, W), 0 to 1.
    Returns: (H, 2 W + 10, 3), in the depth of `rgb`.
    Raises:
        SizeError: `foreground` and `alpha` differ in height or width.
    """
    line = np.full((rgb.shape[0], LINE, 3), GREY * np.iinfo(rgb.dtype).max + 0.5, rgb.dtype)
    return np.concatenate([rgb, line, composite(foreground, alpha, (0, 0, 0))], axis=1)


def _quantise(alpha: Alpha, depth: type[Depth]) -> NDArray[Depth]:
    result = np.empty(alpha.shape, depth)
    white = np.float32(np.iinfo(depth).max)
    for rows in row_chunks(alpha.shape):
        scaled = alpha[rows] * white
        result[rows] = np.rint(scaled, out=scaled)
    return result


def _backdrop(
    background: Color | NDArray[np.uint8] | NDArray[np.uint16], *, like: NDArray[Depth]
) -> NDArray[Depth]:
    """A copy of the background, a whole image in the size and depth of `like`."""
    if isinstance(background, tuple):
        return flat(background, (like.shape[0], like.shape[1]), depth=like.dtype.type)
    if background.shape != like.shape:
        raise SizeError(
            f"background is {background.shape} but the image is {like.shape}; "
            "bring it to the image's size with background.cover, contain or tile"
        )
    return to_depth(background, like.dtype.type)


def _over(person: NDArray[Depth], alpha: Alpha, result: NDArray[Depth]) -> None:
    """Blend one strip of the person into `result`, which holds the background."""
    cv2.copyTo(person, (alpha >= 1).view(np.uint8), result)
    soft = np.nonzero((alpha > 0) & (alpha < 1))  # only these, mostly few, need arithmetic
    cover = alpha[soft][:, None]
    behind = result[soft].astype(np.float32)
    result[soft] = np.rint(behind + cover * (person[soft] - behind)).astype(result.dtype)


def check_same_size(pixels: NDArray[Depth], alpha: Alpha) -> None:
    """Refuse an image and a matte that do not belong together.

    Raises:
        SizeError: they differ in height or width.
    """
    if pixels.shape[:2] != alpha.shape:
        raise SizeError(
            f"image is {pixels.shape[:2]} but alpha is {alpha.shape} (rows, columns); "
            "bring alpha to the image's size with letterbox.unletterbox(alpha, placement)"
        )


def to_depth(pixels: NDArray[np.uint8] | NDArray[np.uint16], depth: type[Depth]) -> NDArray[Depth]:
    """A copy of an image in 8 or 16 bits; white stays white."""
    if pixels.dtype == depth:
        return np.array(pixels, depth, order="C")
    if depth is np.uint16:
        return np.asarray(pixels.astype(np.uint16) * np.uint16(257), depth)
    return np.asarray(cv2.convertScaleAbs(pixels, alpha=1 / 257), depth)
