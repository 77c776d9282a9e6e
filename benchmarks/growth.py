"""Where time goes as work grows: images of more pixels, folders of more images, longer videos, more pairs.

    python benchmarks/growth.py [--megapixels 1 4 12 50 100] [--images 100 1000] [--seconds 10 60]
        [--pairs 100 1000 10000] [--runs 3] [--json]

Each list may be left empty (`--pairs`). Of each size the command runs as users run it, so often, or
once where that takes minutes, and medians are taken of the seconds of all cores together, and of peak
memory. Pairs are learnt from up to the end of the first step, in a run of 64 x 64 whose cache is full.
`slope` is the exponent by which time grew from the size before: 1 is in proportion to the work, less
is better, more is worse.

Prints tables, or JSON with --json.
"""

import argparse
import json
import math
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from all import ROOT, run
from pieces import ENLARGE, EXAMPLE, START, Work, make_pairs, remove
from PIL import Image
from video import make_clip
from whole_process import Cost

LONG = 60.0  # seconds
SIDE = 320  # of the small images in folders, pixels
FOURS = 4 / 3  # columns to rows of images


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, sizes in (
        ("megapixels", [1, 4, 12, 50, 100]), ("images", [100, 1000]), ("seconds", [10, 60]),
        ("pairs", [100, 1000]),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, nargs="*", default=sizes)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="not tables")
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for what, commands in (
            ("megapixels", images(folder, options.megapixels)),
            ("images", folders(folder, options.images)),
            ("seconds", videos(folder, options.seconds)),
            ("pairs", trainings(folder, options.pairs)),
        ):
            found[what] = grown([(size, measure(work, options.runs)) for size, work in commands])
            if found[what] and not options.json:
                print(table(what, found[what]), flush=True)
    if options.json:
        print(json.dumps(found))


def images(folder: Path, sizes: list[int]) -> Iterator[tuple[int, Work]]:
    """One image of so many megapixels."""
    for size in sizes:
        rows = round(math.sqrt(size * 1e6 / FOURS))
        path = str(folder / f"{size}.jpg")
        command = [
            sys.executable,
            "-c",
            ENLARGE,
            str(EXAMPLE),
            path,
            str(round(rows * FOURS)),
            str(rows),
        ]
        subprocess.run(command, check=True)
        yield size, Work("image", remove(path, str(folder / "result.png")))


def folders(folder: Path, sizes: list[int]) -> Iterator[tuple[int, Work]]:
    """A folder of so many small images."""
    small = folder / "small.jpg"
    with Image.open(EXAMPLE) as photo:
        photo.convert("RGB").resize((SIDE, SIDE)).save(small)
    for size in sizes:
        place = folder / f"images-{size}"
        place.mkdir()
        for number in range(size):
            shutil.copy(small, place / f"{number:06}.jpg")
        yield size, Work("folder", remove(str(place), f"{folder}/results-{size}/"))


def videos(folder: Path, sizes: list[int]) -> Iterator[tuple[int, Work]]:
    """A video of 720 rows, so many seconds long."""
    for size in sizes:
        path = folder / f"{size}.mp4"
        make_clip(str(path), size * 30, (720, 1280))
        yield size, Work("video", remove(str(path), str(folder / "result.mp4")))
        path.unlink()


def trainings(folder: Path, sizes: list[int]) -> Iterator[tuple[int, Work]]:
    """The start of a training on so many pairs."""
    for size in sizes:
        place, cache = folder / f"pairs-{size}", str(folder / "cache")
        make_pairs(place, size)
        yield size, Work("start", ["-c", START, str(place), cache, str(folder / f"run-{size}")])


def measure(work: Work, runs: int) -> dict[str, float]:
    """Medians of what it costs; once before, to fill caches, but of long work that one run is all."""
    taken: list[Cost] = []
    while len(taken) <= runs and (not taken or taken[0].seconds < LONG):
        cost = run([sys.executable, *work.command], ROOT / "src", work)
        if cost is None:
            raise SystemExit(f"{work.name} failed")
        taken.append(cost)
    taken = taken[1:] or taken
    seconds, cores, megabytes = map(statistics.median, zip(*taken, strict=True))
    return {"seconds": seconds, "cores": cores, "megabytes": megabytes}


def grown(rows: list[tuple[int, dict[str, float]]]) -> list[dict[str, float]]:
    """Each size's costs, and the exponent by which time grew from the size before."""
    found: list[dict[str, float]] = []
    for size, cost in rows:
        row = {"size": size, **cost}
        if found:
            last = found[-1]
            row["slope"] = math.log(cost["cores"] / last["cores"]) / math.log(size / last["size"])
        found.append(row)
    return found


def table(what: str, rows: list[dict[str, float]]) -> str:
    """The rows as Markdown."""
    lines = [f"| {what} | seconds of all cores | of one | slope | MB |", "|---|---|---|---|---|"]
    for row in rows:
        each, slope = row["cores"] / row["size"], row.get("slope")
        shown = "" if slope is None else f"{slope:.2f}"
        lines.append(
            f"| {row['size']:,} | {row['cores']:.2f} | {each:.4f} | {shown} "
            f"| {row['megabytes']:.0f} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    main()
