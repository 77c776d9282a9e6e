"""One process takes any number of images in the memory of some."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

# Prints how many MiB the process fills, a number after each tenth of the images.
SCRIPT = """
import io, json, random, sys
import numpy as np, psutil
from PIL import Image
from figureground import Remover

count, chance, levels = int(sys.argv[2]), random.Random(5), []
person = Image.open(sys.argv[1]).convert("RGBA")
remover, process = Remover("lite-int8"), psutil.Process()
for number in range(1, count + 1):
    image = person.resize((chance.randint(16, 200), chance.randint(16, 200)))
    if number % 3:
        image = image.convert("RGB")
    if number % 2:
        file = io.BytesIO()
        image.save(file, "PNG")
        image = file.getvalue()
    cutout = remover.remove(image)
    cutout.to_bytes((".png", ".webp", ".tif")[number % 3])
    cutout.composite("#00ff00")
    if number % (count // 10) == 0:
        levels.append(round(process.memory_info().rss / 2**20, 1))
print(json.dumps(levels))
"""


@pytest.mark.parametrize("count", [60, pytest.param(10_000, marks=pytest.mark.soak)])
def test_memory_stays_flat_over_many_images(count: int, astronaut: Path, tmp_path: Path) -> None:
    (tmp_path / "many.py").write_text(SCRIPT)
    command = [sys.executable, tmp_path / "many.py", astronaut, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=3000)
    assert done.returncode == 0, done.stderr
    levels = json.loads(done.stdout)
    assert max(levels) - levels[1] < 12, levels  # MiB; the first images bring libraries with them
