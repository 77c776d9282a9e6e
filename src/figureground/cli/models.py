"""List the networks that are there: those that ship, and those that are only to be trained.

Figures are IoU / boundary IoU / mean absolute error on validation images that no training has
seen; seconds an image are measured now, on this machine, on all its cores. The last line tells what
`remove --device` can run an .onnx network on here.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np

from figureground.engines import open_engine
from figureground.errors import ExtraError
from figureground.models.metadata import read_metadata
from figureground.models.presets import PRESETS
from figureground.models.shipped import shipped_figures, shipped_models

RUNS = 7
HEADER = """\
network      pixels   file    an image  IoU / boundary IoU / mean absolute error of alpha, 0 to 1"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument("--json", action="store_true", help="print one JSON object a network")


def run(arguments: argparse.Namespace) -> int:
    """Print what is known of each network."""
    shipped = shipped_models()
    rows = [shipped_row(name, path) for name, path in shipped.items()]
    rows += [
        {"name": name, "input": [preset.size, preset.size], "ready": False}
        for name, preset in PRESETS.items()
        if name not in shipped
    ]
    if not arguments.json:
        print(HEADER)
    for row in rows:
        print(json.dumps(row) if arguments.json else as_text(row))
    print(json.dumps({"name": ".onnx", "devices": list(here())}) if arguments.json else _devices())
    return 0


def here() -> tuple[str, ...]:
    """What ONNX Runtime runs on here; nothing where it is not installed."""
    try:
        from figureground.engines.onnx import devices
    except ExtraError:
        return ()
    return devices()


def _devices() -> str:
    names = here()
    missing = "needs more packages: pip install 'figureground[onnx]'"
    return f"{'.onnx':12} runs on {', '.join(names)}" if names else f"{'.onnx':12} {missing}"


def shipped_row(name: str, path: Path) -> dict[str, object]:
    """Return size, time and figures of a network that ships."""
    return {
        "name": name,
        "input": list(read_metadata(path).size),
        "ready": True,
        "megabytes": round(path.stat().st_size / 1e6, 1),
        "seconds": round(seconds(path), 5),
        "figures": shipped_figures(name),
    }


def seconds(path: Path) -> float:
    """Median time of one image, the network alone."""
    engine = open_engine(path)
    square = np.full((*engine.size, 3), 0.5, np.float32)
    times = []
    for _ in range(RUNS + 1):  # the first one warms up
        began = time.perf_counter()
        engine(square)
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def as_text(row: dict[str, object]) -> str:
    """One network for people."""
    rows, columns = row["input"] if isinstance(row["input"], list) else (0, 0)
    line = f"{row['name']:12} {rows}x{columns}"
    if not row["ready"]:
        return f"{line}  to be trained: figureground train --preset {row['name']}"
    line += f"  {row['megabytes']} MB  {row['seconds']} s"
    figures = row["figures"] if isinstance(row["figures"], dict) else {}
    for name, of in figures.items():
        line += f"  {name} {of['iou']:.3f} / {of['boundary_iou']:.3f} / {of['mae']:.3f}"
    return line
