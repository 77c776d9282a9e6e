"""New backgrounds: colours, and images brought to the size of the person's."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from figureground.arrays import Color, Depth, Size
from figureground.chunks import row_chunks
from figureground.errors import ColorError
from figureground.matting.resize import resize

BARE_HEX = re.compile(r"[0-9a-fA-F]{6}|[0-9a-fA-F]{3}")
BARE_RGB = re.compile(r"\d+\s*,\s*\d+\s*,\s*\d+")


def parse_color(text: str) -> Color:
    """A colour as CSS writes it: `#0f0`, `#00ff00`, `green`, `rgb(0, 255, 0)`, `hsl(120 100% 50%)`.

    `00ff00` and `0,255,0` are read, too.

    Raises:
        ColorError: `text` is none of these, or names an opacity.
    """
    refusal = ColorError(
        f"cannot read {text!r} as a colour; write #00ff00, a CSS name such as white, "
        "rgb(0, 255, 0) or hsl(120, 100%, 50%)"
    )
    try:
        channels = ImageColor.getrgb(_as_css(text.strip()))
    except ValueError as error:
        raise refusal from error
    if len(channels) != 3:  # a fourth is an opacity
        raise refusal
    red, green, blue = channels
    return red, green, blue


def _as_css(text: str) -> str:
    """A colour without its `#` or its `rgb()` with it, and with commas."""
    if BARE_HEX.fullmatch(text):
        return f"#{text}"
    if BARE_RGB.fullmatch(text):
        return f"rgb({text})"
    return _with_commas(text)


def _with_commas(text: str) -> str:
    """CSS's newer way of writing, with spaces and units of angles, in the older one with commas."""
    return re.sub(r"(?<=[\d%])\s+(?=\d)", ",", re.sub(r"(?<=\d)deg\b", "", text))


def cover(background: NDArray[Depth], size: Size) -> NDArray[Depth]:
    """Scale an image until it fills `size` without distortion, and cut off what juts out evenly.

    background: (H, W, 3), uint8 or uint16. Returns (*size, 3) in the same depth.
    """
    height, width = background.shape[:2]
    scale = max(size[0] / height, size[1] / width)
    # Cutting first leaves less to resize.
    rows = min(height, max(1, round(size[0] / scale)))
    columns = min(width, max(1, round(size[1] / scale)))
    top, left = (height - rows) // 2, (width - columns) // 2
    return resize(background[top : top + rows, left : left + columns], size)


def contain(background: NDArray[Depth], size: Size, *, color: Color) -> NDArray[Depth]:
    """Scale an image until all of it shows within `size`, in the middle of a flat colour.

    background: (H, W, 3), uint8 or uint16. Returns (*size, 3) in the same depth.
    """
    height, width = background.shape[:2]
    scale = min(size[0] / height, size[1] / width)
    rows = min(size[0], max(1, round(height * scale)))
    columns = min(size[1], max(1, round(width * scale)))
    top, left = (size[0] - rows) // 2, (size[1] - columns) // 2
    result = flat(color, size, depth=background.dtype.type)
    result[top : top + rows, left : left + columns] = resize(background, (rows, columns))
    return result


def tile(background: NDArray[Depth], size: Size) -> NDArray[Depth]:
    """Repeat an image from the top left corner, as tiles on a wall.

    background: (H, W, 3), uint8 or uint16. Returns (*size, 3) in the same depth.
    """
    rows = np.arange(size[0]) % background.shape[0]
    columns = np.arange(size[1]) % background.shape[1]
    return np.asarray(background[rows[:, None], columns], background.dtype)


def flat(color: Color, size: Size, *, depth: type[Depth]) -> NDArray[Depth]:
    """One colour all over: (*size, 3), uint8 or uint16."""
    level = np.array(color, np.uint8).astype(depth) * depth(np.iinfo(depth).max // 255)
    row = np.full((size[1], 3), level, depth)
    return np.repeat(row[None], size[0], axis=0)  # filling by rows is many times faster


def gradient(
    colors: Sequence[Color], size: Size, *, angle: float = 180.0, depth: type[Depth]
) -> NDArray[Depth]:
    """A smooth change from colour to colour along a line, as CSS `linear-gradient` draws it.

    Args:
        colors: two or more, evenly spaced along the line.
        size: rows and columns, pixels.
        angle: where the line leads, degrees: 0 up, 90 to the right, 180 down.
        depth: `np.uint8` or `np.uint16`.
    Returns: (*size, 3).
    Raises:
        ColorError: fewer than two colours.
    """
    if len(colors) < 2:
        raise ColorError(f"a gradient needs two or more colours, got {len(colors)}")
    right, down = np.sin(np.radians(angle)), -np.cos(np.radians(angle))
    length = abs(size[1] * right) + abs(size[0] * down)  # so that the corners have the pure ends
    columns = (np.arange(size[1]) + 0.5 - size[1] / 2) * right / length + 0.5
    stops = np.linspace(0, 1, len(colors))
    levels = np.array(colors, np.float64).T * (np.iinfo(depth).max / 255)
    result = np.empty((*size, 3), depth)
    for rows in row_chunks(size):
        lines = (np.arange(rows.start, rows.stop) + 0.5 - size[0] / 2) * down / length
        place = lines[:, None] + columns
        for channel, level in enumerate(levels):
            result[rows, :, channel] = np.rint(np.interp(place, stops, level))
    return result
