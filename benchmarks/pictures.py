"""Time and memory of `figureground remove`, as whole processes, beside what no tool can avoid.

    python benchmarks/pictures.py

Prints medians of several runs, all in one go on the same machine: the network alone; the whole
command on a picture of 1 and of 12 megapixels, JPEG to PNG; and the same picture only decoded and
encoded again, in a bare Pillow script.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from figureground.engines import open_engine
from figureground.models.shipped import find_model

EXAMPLE = Path(__file__).parent.parent / "examples" / "astronaut.jpg"
FLOOR = """
import sys
from PIL import Image
image = Image.open(sys.argv[1]).convert("RGBA")
image.save(sys.argv[2], compress_level=1)
"""


def network_milliseconds(model: str, runs: int) -> float:
    """Median time of the network alone, on all cores."""
    engine = open_engine(find_model(model))
    square = np.random.default_rng(0).random((*engine.size, 3), np.float32)
    engine(square)
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        engine(square)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def process(command: list[str], runs: int) -> tuple[float, float]:
    """Median seconds and peak megabytes of a command."""
    seconds, megabytes = [], []
    for _ in range(runs + 1):  # the first warms the disk's cache
        began = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{command} failed")
        seconds.append(time.perf_counter() - began)
        megabytes.append(usage.ru_maxrss / 1000)
    return statistics.median(seconds[1:]), statistics.median(megabytes[1:])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="lite")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    print(f"network alone            {network_milliseconds(arguments.model, 20):8.1f} ms")
    with tempfile.TemporaryDirectory() as folder:
        for megapixels, size in ((1, (1000, 1000)), (12, (4000, 3000))):
            photo, result = f"{folder}/{megapixels}.jpg", f"{folder}/{megapixels}.png"
            with Image.open(EXAMPLE) as image:
                image.resize(size, Image.Resampling.BICUBIC).save(photo, quality=90)
            figureground = [sys.executable, "-m", "figureground", "remove", photo, "-o", result]
            figureground += ["--model", arguments.model]
            for name, command in (
                ("whole command", figureground),
                ("decode, encode", [sys.executable, "-c", FLOOR, photo, result]),
            ):
                seconds, megabytes = process(command, arguments.runs)
                print(f"{megapixels:2} MP {name:18} {seconds:8.2f} s {megabytes:8.0f} MB")


if __name__ == "__main__":
    main()
