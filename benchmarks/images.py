"""Time and memory of `figureground remove`, as whole processes, beside what no tool can avoid.

    python benchmarks/images.py [--folder 500] [--largest] [--against COMMAND]

Prints medians of several runs, all in one go on the same machine: the network alone; the whole
command on an image of 1 and of 12 megapixels, JPEG to PNG; and the same image only decoded and
encoded again, in a bare Pillow script. With --folder, a folder of so many images of 1 megapixel,
beside the same images only decoded, resized and encoded on the same cores, and the memory after
50 images beside that at the end. With --largest, an image of 100 megapixels. With --against, any
other command on the same images, such as 'rembg i -m u2netp {photo} {result}'. Where other work
shares the machine, go by the seconds of all cores together, which it changes less.

Python may keep its compiled modules, as it does for whoever installs a package, whatever
PYTHONDONTWRITEBYTECODE says here.
"""

import argparse
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image
from whole_process import Cost, measure_process

from figureground.arrays import Size
from figureground.engines import Engine, open_engine
from figureground.models.shipped import find_model

EXAMPLE = Path(__file__).parent.parent / "examples" / "astronaut.jpg"
FLOOR = """
import sys
from PIL import Image
Image.MAX_IMAGE_PIXELS = None
image = Image.open(sys.argv[1]).convert("RGBA")
image.save(sys.argv[2], compress_level=1)
"""

FOLDER_FLOOR = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from PIL import Image
def work(path):
    image = Image.open(path).convert("RGBA")
    image.resize((int(sys.argv[3]), int(sys.argv[4])), Image.Resampling.BOX)
    image.save(Path(sys.argv[2], path.stem + ".png"), compress_level=1)
with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
    list(pool.map(work, sorted(Path(sys.argv[1]).iterdir())))
"""

ENVIRONMENT = {name: value for name, value in os.environ.items()
               if name != "PYTHONDONTWRITEBYTECODE"}  # fmt: skip


def network_milliseconds(engine: Engine, runs: int) -> float:
    """Median time of the network alone, on all cores."""
    square = np.random.default_rng(0).random((*engine.size, 3), np.float32)
    engine(square)
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        engine(square)
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def medians(command: list[str], runs: int) -> Cost:
    """Of so many runs of a command, after one that warms the disk's cache."""
    costs = [measure_process(command, ENVIRONMENT)[0] for _ in range(runs + 1)]
    return Cost(*map(statistics.median, zip(*costs[1:], strict=True)))


def make_photo(path: str, size: tuple[int, int], *, shift: int = 0) -> None:
    """The example, enlarged; `shift` pixels make it another image."""
    with Image.open(EXAMPLE) as image:
        box = (shift % 64, shift // 64 % 64, 448 + shift % 64, 448 + shift // 64 % 64)
        image.resize(size, Image.Resampling.BICUBIC, box=box).save(path, quality=90)


def one_image(megapixels: int, size: tuple[int, int], arguments: argparse.Namespace) -> None:
    """Print a line for each command on an image of that size."""
    with tempfile.TemporaryDirectory() as folder:
        photo, result = f"{folder}/in.jpg", f"{folder}/out.png"
        make_photo(photo, size)
        ours = [sys.executable, "-m", "figureground", "remove", photo, "-o", result]
        commands = {
            "whole command": [*ours, "--model", arguments.model],
            "decode, encode": [sys.executable, "-c", FLOOR, photo, result],
        }
        if arguments.against:
            words = shlex.split(arguments.against)
            commands[words[0].rpartition("/")[2]] = [
                word.replace("{photo}", photo).replace("{result}", result) for word in words
            ]
        for name, command in commands.items():
            seconds, work, megabytes = medians(command, arguments.runs)
            print(f"{megapixels:3} MP {name:18} {seconds:8.2f} s ", end="")
            print(f"{work:8.2f} s of all cores {megabytes:8.0f} MB")


def folder_job(count: int, model: str, size: Size) -> None:
    """A folder of images of 1 megapixel: rate, floor, and memory early and late."""
    with tempfile.TemporaryDirectory() as folder:
        images, results = f"{folder}/in", f"{folder}/out"
        Path(images).mkdir()
        Path(results).mkdir()
        for number in range(count):
            make_photo(f"{images}/{number:05}.jpg", (1000, 1000), shift=number)
        columns, rows = str(size[1]), str(size[0])
        bare = [sys.executable, "-c", FOLDER_FLOOR, images, results, columns, rows]
        floor, floor_work, _ = medians(bare, 1)
        command = [sys.executable, "-m", "figureground", "remove", images, "-o", results]
        began, resident, before = time.perf_counter(), [], os.times()
        with subprocess.Popen(
            [*command, "--model", model], stdout=subprocess.PIPE, env=ENVIRONMENT
        ) as child:
            for _ in child.stdout or ():
                status = Path(f"/proc/{child.pid}/status")
                fields = status.read_text().split() if status.exists() else []
                if "VmRSS:" in fields:
                    resident.append(int(fields[fields.index("VmRSS:") + 1]) / 1000)
        seconds, after = time.perf_counter() - began, os.times()
        work = sum(after[2:4]) - sum(before[2:4])  # of children, once they have ended
        print(f"{count} images of 1 MP {seconds:8.1f} s, {count / seconds:.1f} images/s, ", end="")
        print(f"{seconds / floor:.2f} times decoding, resizing, encoding ({floor:.1f} s)")
        print(
            f"  work of all cores: {work:.1f} s, {work / floor_work:.2f} times ({floor_work:.1f} s)"
        )
        early, late = max(resident[:50]), max(resident[50:] or [0])
        print(f"  memory: {early:.0f} MB in the first 50, {late:.0f} MB after")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="lite")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=int, metavar="N", help="also a folder of N images")
    parser.add_argument("--largest", action="store_true", help="also 100 megapixels")
    parser.add_argument(
        "--against", metavar="COMMAND", help="another command, with {photo} and {result} in it"
    )
    arguments = parser.parse_args()
    engine = open_engine(find_model(arguments.model))
    print(f"network alone            {network_milliseconds(engine, 20):8.1f} ms")
    sizes = {1: (1000, 1000), 12: (4000, 3000)}
    if arguments.largest:
        sizes[100] = (11600, 8700)
    for megapixels, size in sizes.items():
        one_image(megapixels, size, arguments)
    if arguments.folder:
        folder_job(arguments.folder, arguments.model, engine.size)


if __name__ == "__main__":
    main()
