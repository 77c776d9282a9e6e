"""The sheet of docs/images.md that tells --crop, --size, --canvas and --aspect apart.

python benchmarks/framing.py docs/images/framing.jpg
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from figureground import Remover
from figureground.arrays import Rgb
from figureground.matting.resize import resize

PHOTO = Path(__file__).parent.parent / "examples" / "astronaut.jpg"
SIDE, GAP, LINE = 220, 12, 26  # pixels: of a tile, between tiles, of the words below
WAYS = {
    "as it is": {},
    "--crop 0.1": {"crop": 0.1},
    "--size 600x600": {"size": (600, 600)},
    "--size 400x800": {"size": (800, 400)},
    "... --fit cover": {"size": (800, 400), "fit": "cover"},
    "--canvas 600x600": {"canvas": (600, 600)},
}


def draw_tile(rgb: Rgb, words: str) -> Rgb:
    """A result within a square, and below it what asked for it: uint8 (SIDE + LINE, SIDE, 3)."""
    tile = np.full((SIDE + LINE, SIDE, 3), 255, np.uint8)
    scale = SIDE / max(rgb.shape[:2])
    rows, columns = (round(length * scale) for length in rgb.shape[:2])
    top, left = (SIDE - rows) // 2, (SIDE - columns) // 2
    tile[top : top + rows, left : left + columns] = resize(rgb, (rows, columns))
    place = (4, SIDE + LINE - 8)
    return cv2.putText(tile, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)


def main(target: str) -> None:
    """Draw it."""
    remover = Remover()
    tiles = []
    for words, framing in WAYS.items():
        cutout = remover.remove(PHOTO, background=(255, 190, 60), **framing)
        tiles += [
            draw_tile(cutout.rendered(), words),
            np.full((SIDE + LINE, GAP, 3), 255, np.uint8),
        ]
    sheet = np.hstack(tiles[:-1])
    cv2.imwrite(target, sheet[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main(sys.argv[1])
