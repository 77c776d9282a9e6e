"""The pieces of work that `all.py` and `growth.py` measure: files, commands, and what no tool can avoid."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image
from video import make_clip

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "astronaut.jpg"
SIZES = {"1 megapixel": (1152, 896), "12 megapixels": (4000, 3000), "100 megapixels": (12000, 8334)}
FLOOR = """
import sys
from PIL import Image
Image.MAX_IMAGE_PIXELS = None
Image.open(sys.argv[1]).convert("RGBA").save(sys.argv[2], compress_level=1)
"""
FOLDER_FLOOR = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from PIL import Image
def work(path):
    image = Image.open(path).convert("RGBA")
    image.resize((384, 384), Image.Resampling.BOX)
    image.save(Path(sys.argv[2], path.stem + ".png"), compress_level=1)
with ThreadPoolExecutor(os.cpu_count()) as pool:
    list(pool.map(work, sorted(Path(sys.argv[1]).iterdir())))
"""
VIDEO_FLOOR = """
import sys, av
with av.open(sys.argv[1]) as source, av.open(sys.argv[2], "w") as target:
    stream = source.streams.video[0]
    stream.thread_type = "AUTO"
    out = target.add_stream("libx264", rate=stream.average_rate, options={"preset": "veryfast", "crf": "18"})
    out.width, out.height, out.pix_fmt = stream.width, stream.height, "yuv420p"
    for frame in source.decode(stream):
        target.mux(out.encode(frame))
    target.mux(out.encode(None))
"""
ENLARGE = """
import sys
from PIL import Image
image = Image.open(sys.argv[1]).convert("RGB")
image.resize((int(sys.argv[3]), int(sys.argv[4])), Image.Resampling.LANCZOS).save(sys.argv[2], quality=92)
"""
WARM = """
import os, sys, time
if sys.argv[3:]:
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:int(sys.argv[3])])
from pathlib import Path
from figureground import Remover
data, remover = Path(sys.argv[1]).read_bytes(), Remover()
remover.remove(data).save(sys.argv[2])
wall, cores = time.perf_counter(), time.process_time()
for _ in range(5):
    remover.remove(data).save(sys.argv[2])
print((time.perf_counter() - wall) / 5, (time.process_time() - cores) / 5)
"""
ONE_CORE = """
import os, runpy, sys
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:1])
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""
NETWORK = """
import sys, time
import numpy as np
from figureground.engines import open_engine
from figureground.models.shipped import find_model
engine = open_engine(find_model(sys.argv[1]), threads=int(sys.argv[2]) or None)
square = np.random.default_rng(0).random((*engine.size, 3), np.float32)
engine(square)
wall, cores = time.perf_counter(), time.process_time()
for _ in range(20):
    engine(square)
print((time.perf_counter() - wall) / 20, (time.process_time() - cores) / 20)
"""
STEP = """
import time
import numpy as np
from figureground.training.optimizer import compile_network
from figureground.training.recipe import Recipe
from figureground.training.start import start_network
random = np.random.default_rng(0)
images = random.random((8, 384, 384, 3), np.float32)
masks = (random.random((8, 384, 384, 1)) > 0.5).astype(np.float32)
recipe = Recipe(data=("x",), image_size=384, batch_size=8, backbone_weights="none", epochs=2)
network = start_network(recipe)
compile_network(network, recipe, 100)
network.train_on_batch(images, masks)
wall, cores = time.perf_counter(), time.process_time()
for _ in range(3):
    network.train_on_batch(images, masks)
print((time.perf_counter() - wall) / 24, (time.process_time() - cores) / 24)
"""
START = """
import os, shutil, sys
from pathlib import Path
from figureground.training import train
from figureground.training.recipe import Recipe
train.RunCallback.on_train_batch_end = lambda *_, **__: os._exit(0)
data, cache, out = sys.argv[1:]
shutil.rmtree(out, ignore_errors=True)
train.train(Recipe(data=(data,), image_size=64, cache=cache, backbone_weights="none"), Path(out))
"""


class Work(NamedTuple):
    """A piece of work that is done by turns."""

    name: str
    command: list[str]  # of a build, after `python`
    floor: list[str] | None = None  # likewise, of what no tool can avoid
    parts: int = 1  # images or frames, to which time is related
    timed: bool = False  # it prints its own seconds, of the clock and of all cores


def works(folder: Path, options: argparse.Namespace) -> list[Work]:
    """Make the files, and name all that is measured."""
    photo, result = Image.open(EXAMPLE).convert("RGB"), str(folder / "result.png")
    found = []
    for name, size in SIZES.items():
        if name.startswith("100") and not options.largest:
            continue
        path = str(folder / f"{size[0]}.jpg")
        # In another process, as the memory of those that are measured begins with that of this.
        subprocess.run([sys.executable, "-c", ENLARGE, EXAMPLE, path, *map(str, size)], check=True)
        found.append(Work(name, remove(path, result), ["-c", FLOOR, path, result]))
        if not name.startswith("100"):
            warm = ["-c", WARM, path, result]
            found.append(Work(f"{name}, warm", warm, timed=True))
            found.append(Work(f"{name}, warm, one core", [*warm, "1"], timed=True))
    images, results = folder / "images", folder / "results"
    images.mkdir()
    results.mkdir()
    for number in range(options.folder):
        shutil.copy(folder / "1152.jpg", images / f"{number}.jpg")
    floor = ["-c", FOLDER_FLOOR, str(images), str(results)]
    command = remove(str(images), f"{results}/")
    found.append(Work(f"folder of {options.folder}", command, floor, parts=options.folder))
    alone = ["-c", ONE_CORE, *command[1:]]
    found.append(Work(f"folder of {options.folder}, one core", alone, parts=options.folder))
    found.append(animation(photo, folder))
    videos = [make_drifting(folder, rows, options.frames) for rows in (720, 1080)]
    if options.moving:
        videos.append(folder / "moving.mp4")
        make_moving(videos[-1], options.moving)
    for video in [*videos, *options.video]:
        target = str(folder / "result.mp4")
        found.append(
            Work(video.name, remove(str(video), target), ["-c", VIDEO_FLOOR, str(video), target])
        )
    return [*found, *networks(), *measuring(options.data), *training(folder, options.pairs)]


def measuring(data: Path | None) -> list[Work]:
    """Measuring a network on images and masks."""
    if data is None:
        return []
    count = sum(1 for _ in (data / "images").iterdir())
    command = ["-m", "figureground", "evaluate", "--data", str(data), "--json", "--quiet"]
    return [Work("evaluate, an image", command, parts=count)]


def networks() -> list[Work]:
    """The networks alone, on one core and on all."""
    return [
        Work(f"{name}, {where}", ["-c", NETWORK, name, threads], timed=True)
        for name in ("lite", "lite-int8")
        for where, threads in (("one core", "1"), ("all cores", "0"))
    ]


def training(folder: Path, pairs: int) -> list[Work]:
    """A training step, a sample; and all up to the end of the first, of pairs that are cached."""
    if not pairs:
        return []
    step = Work("training, a sample", ["-c", STEP], timed=True)
    make_pairs(folder / "pairs", pairs)
    # Each build fills the folder once, before what counts.
    command = ["-c", START, *(str(folder / name) for name in ("pairs", "cache", "run"))]
    return [step, Work(f"start of training, {pairs} pairs", command)]


def make_pairs(place: Path, count: int) -> None:
    """Discs before soft noise, each another."""
    random = np.random.default_rng(0)
    for room in ("images", "masks"):
        (place / room).mkdir(parents=True)
    for number in range(count):
        image = cv2.resize(random.integers(0, 255, (8, 8, 3), np.uint8), (96, 96))
        mask = np.zeros((96, 96), np.uint8)
        centre = int(random.integers(30, 66)), int(random.integers(30, 66))
        cv2.circle(mask, centre, 24, 255, -1)
        image[mask > 0] = image[mask > 0] // 2 + 120
        cv2.imwrite(str(place / "images" / f"{number:06}.jpg"), image)
        cv2.imwrite(str(place / "masks" / f"{number:06}.png"), mask)


def make_drifting(folder: Path, rows: int, frames: int) -> Path:
    """A video of so many rows in which the image drifts."""
    path = folder / f"{rows}p.mp4"
    make_clip(str(path), frames, (rows, rows * 16 // 9))
    return path


def make_moving(path: Path, frames: int) -> None:
    """A video of 1080 rows in which everything moves."""
    make_clip(str(path), frames, (1080, 1920), pace=8)


def animation(photo: Image.Image, folder: Path) -> Work:
    """A GIF file of 12 frames, of which each moves by a pixel."""
    frames = [photo.crop((step, 0, step + 500, 500)).resize((512, 512)) for step in range(12)]
    path = str(folder / "moving.gif")
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=80, loop=0)
    return Work("GIF, a frame", remove(path, str(folder / "result.gif")), parts=len(frames))


def remove(source: str, target: str) -> list[str]:
    """The command that cuts out."""
    return ["-m", "figureground", "remove", source, "-o", target, "--quiet", "--overwrite"]
