"""Compose groups and small figures, with masks, out of images of single people.

    python tools/make_groups.py lists/ccp.csv lists/vs.csv --rooms backgrounds -o groups
    python tools/make_groups.py lists/judging.csv --rooms backgrounds --held -o groups-held

Two to five people stand in a room or before a house, each 12 to 90 % as high as the image, the
nearer before the farther, in the colours of the scene. Whom the frame of his own image cuts off
below is cut off by the frame here. One in five rooms by hash is only for --held, so that what is
learnt from and what judges share no room; people have to be kept apart by the lists.
"""

import argparse
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from figureground.arrays import Mask, Rgb
from figureground.datasets.masks import read_mask
from figureground.datasets.pairs import Pair, find_pairs, list_images
from figureground.media.images import read_image
from figureground.training.mixing import blend, gain_to, soften, tint

ROWS, COLUMNS = 576, 768
PEOPLE = (2, 5)
TALL = (0.12, 0.9)  # height of a whole body, as a share of the image's; drawn by logarithm
CUT_OFF = (0.25, 0.9)  # the same of who is cut off below
CLEAR = 12  # alpha above which a pixel is cut out
EVERY = 5  # rooms, of which one is held
FEATHER = (0.4, 1.0)  # softening of an edge, pixels
LEAST = 0.002  # share of the image that people cover at least
QUALITY = 92  # of JPEG


def is_held(path: Path) -> bool:
    """Return whether a room is kept for judging, by its name."""
    return int(hashlib.sha256(path.stem.encode()).hexdigest(), 16) % EVERY == 0


def cut_out(pair: Pair) -> tuple[Rgb, Mask, bool] | None:
    """A person's box, RGB and alpha, and whether the frame cuts it off below; None without one."""
    rgb, alpha = read_image(pair.image).rgb, read_mask(pair.mask)
    if alpha.shape != rgb.shape[:2]:
        alpha = np.asarray(cv2.resize(alpha, rgb.shape[1::-1], interpolation=cv2.INTER_AREA))
    x, y, width, height = cv2.boundingRect((alpha > CLEAR).astype(np.uint8))
    if not width or y == 0 or (x == 0 and x + width == rgb.shape[1]):
        return None  # nobody, or a head or both sides cut off, which no place here could hide
    box = slice(y, y + height), slice(x, x + width)
    return rgb[box], alpha[box], y + height >= len(rgb) - 2


def bring(cut: tuple[Rgb, Mask, bool], random: np.random.Generator) -> tuple[Rgb, Mask, int, int]:
    """A person at the size and place drawn: RGB, alpha, column of the left and row of the feet."""
    rgb, alpha, low = cut
    least, most = np.log(CUT_OFF if low else TALL)
    height = round(ROWS * float(np.exp(random.uniform(least, most))))
    width = max(4, round(height * rgb.shape[1] / len(rgb)))
    method = cv2.INTER_AREA if height < len(rgb) else cv2.INTER_LINEAR
    rgb = np.asarray(cv2.resize(rgb, (width, height), interpolation=method), np.uint8)
    alpha = np.asarray(cv2.resize(alpha, (width, height), interpolation=method), np.uint8)
    foot = ROWS if low else round(min(ROWS - 2, max(height, ROWS * random.uniform(0.6, 1.0))))
    left = round(random.uniform(-0.2 * width, COLUMNS - 0.8 * width))
    return rgb, soften(alpha, random.uniform(*FEATHER)), left, foot


def compose(room: Rgb, cuts: Sequence[tuple], random: np.random.Generator) -> tuple[Rgb, Mask]:
    """People in a room, the nearer before the farther, and their alpha."""
    size = (COLUMNS, ROWS)
    scene = np.asarray(cv2.resize(room, size, interpolation=cv2.INTER_AREA), np.uint8)
    there = np.zeros((ROWS, COLUMNS), np.uint8)
    light = cv2.mean(scene)
    for rgb, alpha, left, foot in sorted((bring(c, random) for c in cuts), key=lambda b: b[3]):
        rgb = tint(rgb, gain_to(light, cv2.mean(rgb), random))
        if random.random() < 0.5:
            rgb, alpha = rgb[:, ::-1].copy(), alpha[:, ::-1].copy()
        first, last = max(0, left), min(COLUMNS, left + rgb.shape[1])
        rows = slice(foot - len(rgb), foot)
        front, share = rgb[:, first - left : last - left], alpha[:, first - left : last - left]
        scene[rows, first:last] = blend(scene[rows, first:last], front.copy(), share.copy())
        behind = cv2.multiply(there[rows, first:last], 255 - share, scale=1 / 255)
        there[rows, first:last] = cv2.add(share, behind)
    return scene, there


def main() -> None:
    """Write images and masks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("people", type=Path, nargs="+", help="folders or manifests of pairs")
    parser.add_argument("--rooms", type=Path, required=True, help="images without people")
    parser.add_argument("--held", action="store_true", help="use the rooms kept for judging")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("-o", "--output", type=Path, required=True)
    given = parser.parse_args()
    pairs = [pair for place in given.people for pair in find_pairs(place)]
    rooms = [room for room in list_images(given.rooms) if is_held(room) == given.held]
    for folder in ("images", "masks"):
        (given.output / folder).mkdir(parents=True, exist_ok=True)
    made = 0
    random = np.random.default_rng(given.seed)
    while made < given.count:
        wanted = random.integers(PEOPLE[0], PEOPLE[1] + 1)
        chosen = [cut_out(pairs[i]) for i in random.choice(len(pairs), wanted)]
        room = read_image(rooms[int(random.integers(len(rooms)))]).rgb
        rgb, alpha = compose(room, [cut for cut in chosen if cut is not None], random)
        if (alpha > 127).mean() < LEAST:
            continue
        image = given.output / "images" / f"g{made:04d}.jpg"
        cv2.imwrite(str(image), rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        cv2.imwrite(str(given.output / "masks" / f"g{made:04d}.png"), alpha)
        made += 1
    sys.stdout.write(f"{given.output}: {made} images, {len(pairs)} people, {len(rooms)} rooms\n")


if __name__ == "__main__":
    main()
