"""The sheet in docs/images.md: what estimating the person's own colours does to soft edges.

    python benchmarks/edges.py docs/images/edges.jpg

Crops of the example, twice its size, over three backgrounds: above with the image's own colours,
in which the old wall shines through, below with the estimated ones. The matte is the same.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from figureground import Remover
from figureground.matting.compositing import composite

EXAMPLE = Path(__file__).parent.parent / "examples" / "astronaut.jpg"
SIDE = 1024  # of the image, pixels
CROP = (100, 240, 480, 600)  # top, left, bottom, right: hair and helmet ring
BACKGROUNDS = (255, 0, 255), (0, 0, 0), (20, 90, 60)


def main() -> None:
    """Write the sheet."""
    with Image.open(EXAMPLE) as opened:
        image = np.asarray(opened.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
    cutout = Remover().remove(image)
    top, left, bottom, right = CROP
    part = slice(top, bottom), slice(left, right)
    rows = [
        np.hstack([composite(colors[part], cutout.alpha[part], color) for color in BACKGROUNDS])
        for colors in (image, cutout.foreground)
    ]
    Image.fromarray(np.vstack(rows)).save(sys.argv[1], quality=88)


if __name__ == "__main__":
    main()
