"""What several tests need: a network small enough to be made on the spot, and images."""

import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.fixture(scope="session")
def astronaut() -> Path:
    """NASA's portrait of Eileen Collins, the image that the demo uses."""
    return EXAMPLES / "astronaut.jpg"


@pytest.fixture
def draw(tmp_path: Path) -> Callable[..., Path]:
    """Saves a small image with four distinct corners under a name, in a Pillow mode."""

    def save(name: str, mode: str = "RGB", size: tuple[int, int] = (24, 16), **options) -> Path:
        columns, rows = size
        levels = np.zeros((rows, columns, 3), np.uint8)
        levels[: rows // 2, : columns // 2, 0] = 200
        levels[: rows // 2, columns // 2 :, 1] = 200
        levels[rows // 2 :, : columns // 2, 2] = 200
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(levels).convert(mode).save(path, **options)
        return path

    return save


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve bright ellipses on dark noise, with their masks."""
    folder = tmp_path_factory.mktemp("people")
    (folder / "images").mkdir()
    (folder / "masks").mkdir()
    random = np.random.default_rng(0)
    for number in range(12):
        mask = np.zeros((80, 64), np.uint8)
        centre = (int(random.integers(20, 44)), int(random.integers(25, 55)))
        cv2.ellipse(mask, centre, (14, 24), 0, 0, 360, 255, -1)
        image = random.integers(0, 90, (80, 64, 3)).astype(np.uint8)
        image[mask > 0] += 150
        cv2.imwrite(str(folder / "images" / f"{number}.jpg"), image)
        cv2.imwrite(str(folder / "masks" / f"{number}.png"), mask)
    return folder


@pytest.fixture(scope="session")
def tutorial_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Networks of the Keras tutorial as versions of TensorFlow save them, by tools/make_tutorial_files.py."""
    folder = tmp_path_factory.mktemp("networks")
    for archive in sorted((Path(__file__).parent / "networks").glob("*.tar.xz")):
        with tarfile.open(archive) as file:
            file.extractall(folder, filter="data")
    return folder
