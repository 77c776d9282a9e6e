"""The pieces of work that `all.py` and `growth.py` measure: files, commands, and what no tool can avoid."""

import argparse
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

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
import sys, time
from pathlib import Path
from figureground import Remover
data, remover = Path(sys.argv[1]).read_bytes(), Remover()
remover.remove(data).save(sys.argv[2])
wall, cores = time.perf_counter(), time.process_time()
for _ in range(5):
    remover.remove(data).save(sys.argv[2])
print((time.perf_counter() - wall) / 5, (time.process_time() - cores) / 5)
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
            found.append(Work(f"{name}, warm", ["-c", WARM, path, result], timed=True))
    images, results = folder / "images", folder / "results"
    images.mkdir()
    results.mkdir()
    for number in range(options.folder):
        shutil.copy(folder / "1152.jpg", images / f"{number}.jpg")
    floor = ["-c", FOLDER_FLOOR, str(images), str(results)]
    command = remove(str(images), f"{results}/")
    found.append(Work(f"folder of {options.folder}", command, floor, parts=options.folder))
    found.append(animation(photo, folder))
    if options.moving:
        moving = folder / "moving.mp4"
        make_moving(moving, options.moving)
        options.video.append(moving)
    for video in options.video:
        target = str(folder / "result.mp4")
        found.append(
            Work(video.name, remove(str(video), target), ["-c", VIDEO_FLOOR, str(video), target])
        )
    return found + measuring(options.data)


def measuring(data: Path | None) -> list[Work]:
    """Measuring a network on images and masks."""
    if data is None:
        return []
    count = sum(1 for _ in (data / "images").iterdir())
    command = ["-m", "figureground", "evaluate", "--data", str(data), "--json", "--quiet"]
    return [Work("evaluate, an image", command, parts=count)]


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
