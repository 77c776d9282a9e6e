"""Small data sets of images and masks, and what `data check` finds in them."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from figureground.cli import main

SIZE = (60, 48)  # rows, columns


def scene(seed: int) -> np.ndarray:
    """An image like no other."""
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 5, 3), np.uint8)
    return cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_CUBIC)


def person(levels: tuple[int, int] = (0, 255)) -> np.ndarray:
    mask = np.full(SIZE, levels[0], np.uint8)
    mask[20:50, 10:30] = levels[1]
    return mask


def add(folder: Path, name: str, image: np.ndarray, mask: np.ndarray) -> None:
    for room, array in (("images", image), ("masks", mask)):
        path = folder / room / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(array).save(path)


def found_in(folder: Path, *options: str) -> dict:
    with redirect_stdout(io.StringIO()) as told:
        code = main(["data", "check", str(folder), "-q", "--json", *options])
    report = json.loads(told.getvalue())
    assert code == (1 if report["errors"] else 0)
    return report


def kinds(report: dict) -> dict[str, list[str]]:
    named: dict[str, list[str]] = {}
    for finding in report["findings"]:
        named.setdefault(finding["kind"], []).append(finding["name"])
    return named
