"""Small data sets in other layouts, for tests: images, masks drawn as text, conversions."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from figureground.cli import main
from figureground.datasets.masks import read_mask
from figureground.datasets.pairs import find_pairs

SIZE = (4, 6)  # rows, columns of most images
SQUARE = [1, 1, 4, 1, 4, 3, 1, 3]  # x from 1 to 4, y from 1 to 3
SQUARE_ROWS = "...... .###.. .###.. ......"  # of it, as COCO fills


def image(path: Path, size: tuple[int, int] = SIZE, level: int = 100, **options: Any) -> Path:
    """A grey image of (rows, columns)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size[::-1], (level,) * 3).save(path, **options)
    return path


def turned(orientation: int) -> Image.Exif:
    """EXIF that says how an image is turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def rows(text: str) -> np.ndarray:
    """A mask from rows of dots and hashes."""
    return np.array([[255 * (c == "#") for c in line] for line in text.split()], np.uint8)


def masks(out: Path) -> dict[str, np.ndarray]:
    """All masks of a data set by name."""
    return {pair.name: read_mask(pair.mask) for pair in find_pairs(out)}


def write(path: Path, content: Any) -> Path:
    """An object as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def convert(source: Path, out: Path, *options: str) -> int:
    """Convert as a command does; returns its exit code."""
    return main(["data", "convert", str(source), "-o", str(out), "-q", *options])


def coco(*segmentations: Any, **changes: Any) -> dict[str, Any]:
    """COCO's object for `a.jpg`, with a person for each segmentation; `changes` are its entry's."""
    entry = {"id": 1, "file_name": "a.jpg", "height": SIZE[0], "width": SIZE[1]} | changes
    people = [
        {"id": number, "image_id": 1, "category_id": 1, "segmentation": segmentation}
        for number, segmentation in enumerate(segmentations)
    ]
    classes = [{"id": 1, "name": "person"}]
    return {"categories": classes, "images": [entry], "annotations": people}
