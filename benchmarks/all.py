"""Time and memory of this build beside another and beside what no tool can avoid, as one table.

    python benchmarks/all.py --against PATH_OF_OTHER_BUILD [--runs 5] [--folder 500] [--video FILE]

PATH is a checkout of another state, or its `src`. Each piece of work is done by turns, the floor,
the other build, this one, so that whatever else the machine does meets all alike; ratios are
medians over turns. The floor is the same files decoded and encoded by the same libraries in a bare
Python process. Where rembg is installed, it does the image of 1 megapixel, too (with --json).

Work that another build lacks has no figure there. Prints the table, or all figures as JSON with
--json, which record.py keeps with a description of the machine. Go by the seconds of all cores where
other work shares the machine; what threads and processes gain shows by the clock, beside the rows of
one core.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pieces import Work, works
from whole_process import Cost, Failed, measure_process

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", type=Path, help="a checkout of another state, or its src")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--folder", type=int, default=50, help="images in the folder")
    parser.add_argument("--largest", action="store_true", help="also 100 megapixels")
    parser.add_argument("--video", type=Path, action="append", default=[], help="also this video")
    parser.add_argument("--moving", type=int, default=0, help="also 1080p of so many frames")
    parser.add_argument("--frames", type=int, default=150, help="of each video")
    parser.add_argument(
        "--pairs", type=int, default=0, help="also the start of training on so many"
    )
    parser.add_argument("--only", default="", help="only work whose name holds this")
    parser.add_argument("--data", type=Path, help="also evaluate on these images and masks")
    parser.add_argument("--json", action="store_true", help="all figures, not the table")
    options = parser.parse_args()
    builds = {"this": ROOT / "src"}
    if options.against is not None:
        inside = options.against / "src"
        builds = {"other": inside if inside.is_dir() else options.against, **builds}
    with tempfile.TemporaryDirectory() as name:
        rows = [
            measure(work, builds, options.runs)
            for work in works(Path(name), options)
            if options.only in work.name
        ]
    print(json.dumps(rows) if options.json else table(rows))


def measure(work: Work, builds: dict[str, Path], runs: int) -> dict[str, object]:
    """Medians of each side, and of its ratios to the first build, by turns."""
    sides = sides_of(work, builds)
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    for turn in range(runs + 1):  # the first fills caches
        for name, side in list(sides.items()):
            cost = side()
            if cost is None:  # a build that lacks it
                del sides[name], costs[name]
            elif turn:
                costs[name].append(cost)
    row: dict[str, object] = {"work": work.name}
    if "this" not in costs:
        raise SystemExit(f"{work.name} failed")
    for name, taken in costs.items():
        columns = zip(Cost._fields, zip(*taken, strict=True), strict=True)
        row[name] = {field: statistics.median(column) for field, column in columns}
    for name in {"floor", "other"} & set(costs):
        pairs = zip(costs["this"], costs[name], strict=True)
        ratios = [(mine.cores / its.cores, mine.seconds / its.seconds) for mine, its in pairs]
        row[f"of {name}"] = [statistics.median(column) for column in zip(*ratios, strict=True)]
    return row


def sides_of(work: Work, builds: dict[str, Path]) -> dict[str, Callable[[], Cost | None]]:
    """What does a piece of work: the floor, the builds, and another tool where it is installed."""
    commands: dict[str, tuple[list[str], Path | None]] = {}
    if work.floor is not None:
        commands["floor"] = [sys.executable, *work.floor], None
    for name, source in builds.items():
        commands[name] = [sys.executable, *work.command], source
    if work.name == "1 megapixel" and (rembg := shutil.which("rembg")):
        photo, result = work.command[3], work.command[5]
        for model in ("u2netp", "u2net"):
            commands[f"rembg {model}"] = [rembg, "i", "-m", model, photo, result], None
    return {name: partial(run, *given, work) for name, given in commands.items()}


def run(command: list[str], source: Path | None, work: Work) -> Cost | None:
    """Do it once, with a build's modules, compiled as an installed package's are; None: it failed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = kept if source is None else {**kept, "PYTHONPATH": str(source)}
    try:
        cost, printed = measure_process(command, environment)
    except Failed:
        return None
    seconds, cores, megabytes = cost
    if work.timed:
        seconds, cores = map(float, printed.split()[-2:])
    return Cost(seconds / work.parts, cores / work.parts, megabytes)


def table(rows: list[dict[str, object]]) -> str:
    """The rows as Markdown: seconds of all cores, ratios of those, of the clock's, megabytes."""
    lines = ["| work | floor | other | this | of floor | of other | by the clock | MB other | MB this |",
             "|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for row in rows:
        cells = [str(row["work"])]
        for name in ("floor", "other", "this"):
            cost = row.get(name)
            cells.append(f"{cost['cores']:.3f} s" if isinstance(cost, dict) else "")
        for name, kind in (("of floor", 0), ("of other", 0), ("of other", 1)):
            ratio = row.get(name)
            cells.append(f"{ratio[kind]:.2f}" if isinstance(ratio, list) else "")
        for name in ("other", "this"):
            cost = row.get(name)
            cells.append(f"{cost['megabytes']:.0f}" if isinstance(cost, dict) else "")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
