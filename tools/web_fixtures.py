"""Write what the browser library's tests compare with: what Python makes of a few small images.

python tools/web_fixtures.py  # writes web/tests/fixtures/stages.json
"""

import base64
import json
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from figureground.engines import open_engine
from figureground.matting.compositing import mask
from figureground.matting.edited_foreground import edited_foreground
from figureground.matting.image_alpha import IMAGE_LEVELS, estimate_alpha, stretch_levels
from figureground.matting.letterbox import letterbox
from figureground.matting.morphology import grow
from figureground.matting.small_regions import resolve_uncertain_regions
from figureground.models.shipped import find_model

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "web" / "tests" / "fixtures" / "stages.json"
SIDE = 64  # of the network's input here, pixels: the steps are the same at any


class Recorder:
    """The shipped network at a small size, whose mattes are kept in 8 bits."""

    def __init__(self) -> None:
        self.engine = open_engine(find_model("lite"), threads=1, size=(SIDE, SIDE))
        self.size = self.engine.size
        self.mattes: list[np.ndarray] = []

    def __call__(self, image: np.ndarray) -> np.ndarray:
        self.mattes.append(mask(self.engine(image)))
        return matte_of(self.mattes[-1])

    def resized(self, size: tuple[int, int]) -> "Recorder":
        return self


def scenes() -> Iterator[tuple[str, np.ndarray]]:
    """Names and images, uint8 (H, W, 3): shrunk, halved, small in a wide image, and grown."""
    person = np.asarray(Image.open(ROOT / "examples" / "astronaut.jpg").convert("RGB"))
    yield "shrunk", cv2.resize(person, (104, 120), interpolation=cv2.INTER_AREA)
    yield "halved", cv2.resize(person, (2 * SIDE, 2 * SIDE), interpolation=cv2.INTER_AREA)
    wide = np.full((90, 200, 3), (70, 110, 150), np.uint8)
    wide[10:90, 30:110] = cv2.resize(person, (80, 80), interpolation=cv2.INTER_AREA)
    yield "wide", wide
    yield "grown", cv2.resize(person, (61, 53), interpolation=cv2.INTER_AREA)


def record(image: np.ndarray) -> dict[str, Any]:
    """What each step gives for one image."""
    recorder = Recorder()
    alpha = mask(estimate_alpha(image, recorder))
    square, _ = letterbox(image, recorder.size)
    first = stretch_levels(matte_of(recorder.mattes[0]), IMAGE_LEVELS)
    matte = matte_of(alpha)
    shown = mask(grow(matte, pixels=3))
    edited = edited_foreground(image, matte, shown=matte_of(shown), opacity=None)
    return {
        "image": packed(image),
        "mattes": [packed(matte) for matte in recorder.mattes],
        "square": packed(np.rint(square * 255).astype(np.uint8)),
        "settled": packed(mask(resolve_uncertain_regions(first))),
        "alpha": packed(alpha),
        "foreground": packed(edited_foreground(image, matte, shown=None, opacity=None)),
        "shown": packed(shown),
        "edited": packed(edited),
    }


def matte_of(levels: np.ndarray) -> np.ndarray:
    """A matte that was kept in 8 bits."""
    return np.asarray(levels / 255, np.float32)


def packed(array: np.ndarray) -> dict[str, Any]:
    """An array of bytes as JSON: its shape, and its values, deflated, in base 64."""
    data = base64.b64encode(zlib.compress(array.tobytes(), 9)).decode()
    return {"shape": list(array.shape), "data": data}


def main() -> None:
    """Write the file."""
    made = {name: record(image) for name, image in scenes()}
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(made, indent=1) + "\n")
    sys.stdout.write(f"wrote {TARGET.relative_to(ROOT)}, {TARGET.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
