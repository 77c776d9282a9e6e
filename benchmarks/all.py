"""Time and memory of this build beside another and beside what no tool can avoid, as one table.

    python benchmarks/all.py --against PATH_OF_OTHER_BUILD [--runs 5] [--folder 500] [--video FILE]

PATH is a checkout of another state, or its `src`. Each piece of work is done by turns, the floor,
the other build, this one, so that whatever else the machine does meets all alike; ratios are
medians over turns. The floor is the same files decoded and encoded by the same libraries in a bare
Python process. Where rembg is installed, its smallest network does the image of 1 megapixel, too.

Prints the table, and writes it with a description of the machine as JSON (--json FILE). Go by the
seconds of all cores where other work shares the machine.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from machine import machine
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "astronaut.jpg"
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


class Cost(NamedTuple):
    """What a piece of work took."""

    seconds: float  # of the clock
    cores: float  # of all cores together
    megabytes: float  # of memory, at most


class Work(NamedTuple):
    """A piece of work that is done by turns."""

    name: str
    command: list[str]  # of a build, after `python`
    floor: list[str] | None = None  # likewise, of what no tool can avoid
    parts: int = 1  # images or frames, to which time is related
    timed: bool = False  # it prints its own seconds, of the clock and of all cores


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", type=Path, help="a checkout of another state, or its src")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=int, default=50, help="images in the folder")
    parser.add_argument("--largest", action="store_true", help="also 100 megapixels")
    parser.add_argument("--video", type=Path, action="append", default=[], help="also this video")
    parser.add_argument("--json", type=Path, default=Path("benchmark.json"))
    options = parser.parse_args()
    builds = {"this": ROOT / "src"}
    if options.against is not None:
        inside = options.against / "src"
        builds = {"other": inside if inside.is_dir() else options.against, **builds}
    with tempfile.TemporaryDirectory() as name:
        rows = [measure(work, builds, options.runs) for work in works(Path(name), options)]
    print(table(rows))
    found = {"machine": machine(), "runs": options.runs, "rows": rows}
    options.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


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
    for video in options.video:
        target = str(folder / "result.mp4")
        found.append(
            Work(video.name, remove(str(video), target), ["-c", VIDEO_FLOOR, str(video), target])
        )
    return found


def animation(photo: Image.Image, folder: Path) -> Work:
    """A GIF file of 12 frames, of which each moves by a pixel."""
    frames = [photo.crop((step, 0, step + 500, 500)).resize((512, 512)) for step in range(12)]
    path = str(folder / "moving.gif")
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=80, loop=0)
    return Work("GIF, a frame", remove(path, str(folder / "result.gif")), parts=len(frames))


def remove(source: str, target: str) -> list[str]:
    """The command that cuts out."""
    return ["-m", "figureground", "remove", source, "-o", target, "--quiet", "--overwrite"]


def measure(work: Work, builds: dict[str, Path], runs: int) -> dict[str, object]:
    """Medians of each side, and of its ratios to the first build, by turns."""
    sides = sides_of(work, builds)
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for turn in range(runs + 1):  # the first fills caches
        for name, side in sides.items():
            cost = side()
            costs[name] += [cost] if turn else []
    row: dict[str, object] = {"work": work.name}
    for name, taken in costs.items():
        columns = zip(Cost._fields, zip(*taken, strict=True), strict=True)
        row[name] = {field: statistics.median(column) for field, column in columns}
    for name in {"floor", "other"} & set(costs):
        pairs = zip(costs["this"], costs[name], strict=True)
        ratios = [(mine.cores / its.cores, mine.seconds / its.seconds) for mine, its in pairs]
        row[f"of {name}"] = [statistics.median(column) for column in zip(*ratios, strict=True)]
    return row


def sides_of(work: Work, builds: dict[str, Path]) -> dict[str, Callable[[], Cost]]:
    """What does a piece of work: the floor, the builds, and another tool where it is installed."""
    commands: dict[str, tuple[list[str], Path | None]] = {}
    if work.floor is not None:
        commands["floor"] = [sys.executable, *work.floor], None
    for name, source in builds.items():
        commands[name] = [sys.executable, *work.command], source
    if work.name == "1 megapixel" and (rembg := shutil.which("rembg")):
        photo, result = work.command[3], work.command[5]
        commands["rembg"] = [rembg, "i", "-m", "u2netp", photo, result], None
    return {name: partial(run, *given, work) for name, given in commands.items()}


def run(command: list[str], source: Path | None, work: Work) -> Cost:
    """Do it once, with a build's modules, compiled as an installed package's are."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = kept if source is None else {**kept, "PYTHONPATH": str(source)}
    began = perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        printed = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:4])} ended with {process.returncode}")
    seconds, cores = perf_counter() - began, used.ru_utime + used.ru_stime
    if work.timed:
        seconds, cores = map(float, printed.split()[-2:])
    return Cost(seconds / work.parts, cores / work.parts, used.ru_maxrss / 1024)


def table(rows: list[dict[str, object]]) -> str:
    """The rows as Markdown: seconds of all cores, ratios of those, megabytes."""
    lines = ["| work | floor | other | this | of floor | of other | MB other | MB this |",
             "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for row in rows:
        cells = [str(row["work"])]
        for name in ("floor", "other", "this"):
            cost = row.get(name)
            cells.append(f"{cost['cores']:.3f} s" if isinstance(cost, dict) else "")
        for name in ("of floor", "of other"):
            ratio = row.get(name)
            cells.append(f"{ratio[0]:.2f}" if isinstance(ratio, list) else "")
        for name in ("other", "this"):
            cost = row.get(name)
            cells.append(f"{cost['megabytes']:.0f}" if isinstance(cost, dict) else "")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
