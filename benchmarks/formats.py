"""Compare what `figureground export` writes: does it open, how near is it to Keras, how fast, how large.

    python benchmarks/formats.py                      lite, resnet50, tutorial (without ImageNet weights)
    python benchmarks/formats.py lite --formats onnx saved-model

Prints a Markdown table: format, precision, what runs it, the largest difference of its matte from
Keras's on a photo at the preset's size, milliseconds an image (median of 7, all cores), MB.
The first row of each network is Keras itself. --json prints a JSON object a row instead.
"""

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from figureground.engines import ALL, open_engine, without_notices
from figureground.engines.keras import KerasEngine
from figureground.models.network import build_network
from figureground.models.photograph import photograph
from figureground.models.presets import find_preset
from figureground.models.shipped import find_keras_weights
from figureground.training.export import export_litert
from figureground.training.export_keras import export_keras, export_saved_model
from figureground.training.export_onnx import export_onnx

RUNS = 7
COLUMNS = ("network", "format", "runs in", "differs by", "ms", "MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="*", default=["lite", "resnet50", "tutorial"])
    parser.add_argument("--formats", nargs="+", default=list(FORMATS), choices=list(FORMATS))
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if not arguments.json:
        print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    for name in arguments.presets:
        for row in rows(find_preset(name), arguments.formats):
            cells = [
                f"{row[column]:.3g}" if isinstance(row[column], float) else row[column]
                for column in COLUMNS
            ]
            print(json.dumps(row) if arguments.json else f"| {' | '.join(cells)} |", flush=True)


def rows(preset, kinds):
    """What is measured of a network: Keras itself, then each format."""
    network = build_network(preset, backbone_weights="none")
    if weights := find_keras_weights(preset.name):
        network.load_weights(weights)
    square = np.ascontiguousarray(photograph(preset.size)[0])
    engine = KerasEngine(network, (preset.size, preset.size), Path(preset.name))
    expected = engine(square)
    cells = (preset.name, "", "Keras", 0.0, milliseconds(engine, square), "")
    yield dict(zip(COLUMNS, cells, strict=True))
    for kind in kinds:
        yield measured(kind, network, preset, square, expected)


def measured(kind, network, preset, square, expected):
    """What is measured of one format; the reason where there is nothing."""
    write, ending, runtime = FORMATS[kind]
    chat = contextlib.redirect_stdout(sys.stderr)  # what quantisation tells of itself is no result
    with tempfile.TemporaryDirectory() as folder, without_notices(ALL), chat:
        path = Path(folder) / f"network{ending}"
        try:
            write(network, preset, path, square)
            engine = open_engine(path).resized(square.shape[:2])
            differs = float(np.abs(engine(square) - expected).max())
            parts = (part for part in (path, *path.rglob("*")) if part.is_file())
            megabytes = sum(part.stat().st_size for part in parts) / 1e6
            found = differs, milliseconds(engine, square), megabytes
        except Exception as error:  # noqa: BLE001 - a table tells every one
            found = " ".join(str(error).split())[:80], "", ""
    return dict(zip(COLUMNS, (preset.name, kind, runtime, *found), strict=True))


def milliseconds(engine, square) -> float:
    """Median time of an image."""
    times = []
    for _ in range(RUNS + 1):  # the first one warms up
        began = time.perf_counter()
        engine(square)
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times[1:])


FORMATS = {
    "litert": (
        lambda n, p, path, s: export_litert(n, p, path, size=p.size), ".tflite", "LiteRT"),
    "int8": (
        lambda n, p, path, s: export_litert(n, p, path, size=p.size, calibration=[s]),
        ".tflite", "LiteRT"),
    "onnx": (lambda n, p, path, s: export_onnx(n, p, path), ".onnx", "ONNX Runtime"),
    "onnx-float16": (
        lambda n, p, path, s: export_onnx(n, p, path, precision="float16"), ".onnx", "ONNX Runtime"),
    "onnx-int8": (
        lambda n, p, path, s: export_onnx(n, p, path, precision="int8", calibration=[s]),
        ".onnx", "ONNX Runtime"),
    "saved-model": (
        lambda n, p, path, s: export_saved_model(n, p, path), "-folder", "TensorFlow"),
    "keras": (lambda n, p, path, s: export_keras(n, p, path, size=p.size), ".keras", "Keras"),
}  # fmt: skip

if __name__ == "__main__":
    main()
