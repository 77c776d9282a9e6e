"""Contact sheets: many images on one, each with a line below it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from figureground.arrays import Color, Mask, Rgb, Size
from figureground.matting.compositing import composite
from figureground.matting.resize import fit, resize

MAGENTA: Color = (255, 0, 255)  # no skin, hair or cloth has it, so every remnant shows
PAPER, INK = (245, 245, 245), (20, 20, 20)
GAP, LINE, LETTERS = 6, 18, 12  # pixels between tiles, of a caption, and of its letters


@dataclass(frozen=True, kw_only=True, eq=False)
class Tile:
    """Some images side by side, and what stands below them."""

    views: tuple[Rgb, ...]
    caption: str


def over_magenta(rgb: Rgb, mask: Mask, *, box: Size) -> tuple[Rgb, Rgb]:
    """An image, and its person over magenta, both as large as fits into a box of pixels."""
    size = fit(rgb.shape, box)
    small = resize(rgb, size)
    alpha = resize(mask, size).astype(np.float32) / np.float32(255)
    return small, composite(small, alpha, MAGENTA)


def draw_sheet(tiles: Sequence[Tile], *, columns: int, box: Size) -> Rgb:
    """Tiles in rows from the top left, uint8 (H, W, 3).

    Args:
        tiles: one at least, all with the same number of views.
        columns: tiles a row.
        box: rows and columns that a view may take, pixels; no view is larger.
    """
    width, height = box[1] * len(tiles[0].views), box[0] + LINE
    columns = min(columns, len(tiles))
    lines = -(-len(tiles) // columns)
    size = (columns * (width + GAP) + GAP, lines * (height + GAP) + GAP)
    sheet = Image.new("RGB", size, PAPER)
    pen = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(LETTERS)
    for number, tile in enumerate(tiles):
        line, column = divmod(number, columns)
        left, top = GAP + column * (width + GAP), GAP + line * (height + GAP)
        for place, view in enumerate(tile.views):
            sheet.paste(Image.fromarray(view), (left + place * box[1], top))
        pen.text((left, top + box[0] + 2), _shorten(tile.caption, font, width), INK, font)
    return np.asarray(sheet)


def _shorten(caption: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    """A caption that is no wider than its tile; a name's end tells more than its beginning."""
    if font.getlength(caption) <= width:
        return caption
    caption = caption[-width:]  # no letter is narrower than a pixel, and names may be very long
    while caption and font.getlength(f"…{caption}") > width:
        caption = caption[1:]
    return f"…{caption}"
