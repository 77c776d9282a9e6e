"""The sheet of docs/images.md that shows --people: two people, and who is kept of them.

python benchmarks/people.py docs/images/people.jpg
"""

import sys
from pathlib import Path

import cv2
import numpy as np

from figureground import Remover
from figureground.arrays import Rgb, Size
from figureground.matting.background import gradient
from figureground.matting.compositing import composite
from figureground.matting.resize import resize

PHOTO = Path(__file__).parent.parent / "examples" / "astronaut.jpg"
SCENE = 360, 560  # rows and columns
NEAR, FAR = (340, 20), (150, 390)  # side of the square that holds each, and its first column
GAP, LINE = 12, 26  # pixels between tiles, and of the words below
WAYS = {
    "the image": None,
    "--people all": {},
    "--people largest": {"people": "largest"},
    "--people 460,300": {"people": [(460, 300)]},
}


def draw_scene(remover: Remover) -> Rgb:
    """The astronaut twice, near and far, before a wall; uint8 (*SCENE, 3)."""
    cutout = remover.remove(PHOTO)
    scene = gradient(((196, 188, 176), (120, 112, 104)), SCENE, depth=np.uint8)
    for side, left in (NEAR, FAR):
        size: Size = (side, side)
        part = slice(SCENE[0] - side, None), slice(left, left + side)
        pixels, alpha = resize(cutout.foreground, size), resize(cutout.alpha, size)
        mirrored = np.ascontiguousarray(pixels[:, ::-1]), np.ascontiguousarray(alpha[:, ::-1])
        shown = mirrored if (side, left) == FAR else (pixels, alpha)
        scene[part] = composite(*shown, np.ascontiguousarray(scene[part]))
    return scene


def draw_tile(rgb: Rgb, words: str) -> Rgb:
    """An image, and below it what asked for it; uint8 (rows + LINE, columns, 3)."""
    tile = cv2.copyMakeBorder(rgb, 0, LINE, 0, 0, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    place = (4, tile.shape[0] - 8)
    return cv2.putText(tile, words, place, cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)


def main(target: str) -> None:
    """Draw it."""
    remover = Remover()
    scene = draw_scene(remover)
    tiles = []
    for words, options in WAYS.items():
        shown = scene
        if options is not None:
            shown = remover.remove(scene, background=(255, 190, 60), **options).rendered()
        space = np.full((SCENE[0] + LINE, GAP, 3), 255, np.uint8)
        tiles += [draw_tile(shown, words), space]
    sheet = np.hstack(tiles[:-1])
    cv2.imwrite(target, resize(sheet, (sheet.shape[0] // 2, sheet.shape[1] // 2))[..., ::-1])


if __name__ == "__main__":
    main(sys.argv[1])
