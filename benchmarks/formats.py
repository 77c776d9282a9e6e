"""Compare what `figureground export` writes: does it open, how near is it to Keras, how fast, how large.

    python benchmarks/formats.py                      lite, resnet50, tutorial (without ImageNet weights)
    python benchmarks/formats.py lite --formats onnx saved-model

Prints a Markdown table: format, precision, what runs it, the largest difference of its matte from
Keras's on a photo at the preset's size, milliseconds an image (median of 7, all cores), MB.
The first row of each network is Keras itself. --json prints a JSON object a row instead.

Each row is made by a process of its own, of at most 14 GB. What --files keeps is used again: write first,
and measure later on a quiet machine. `torch` and `openvino` need their packages; `web` needs Node and
`npm ci` in web/.
"""

import argparse
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from figureground.engines import ALL, open_engine, without_notices
from figureground.engines.keras import KerasEngine
from figureground.models.network import build_network
from figureground.models.photograph import photograph
from figureground.models.presets import find_preset
from figureground.models.shipped import find_keras_weights
from figureground.training.export import export_litert
from figureground.training.export_coreml import export_coreml, read_program, run_program
from figureground.training.export_keras import export_keras, export_saved_model, export_torch
from figureground.training.export_onnx import export_onnx
from figureground.training.export_others import export_openvino, export_web

ROOT = Path(__file__).resolve().parents[1]
MEMORY = 14_000_000_000  # bytes of a process
SECONDS = 1800  # that a row may take
RUNS = 7
COLUMNS = ("network", "format", "runs in", "differs by", "ms", "MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("presets", nargs="*", default=["lite", "resnet50", "tutorial"])
    parser.add_argument("--formats", nargs="+", default=list(FORMATS), choices=list(FORMATS))
    parser.add_argument(
        "--files", type=Path, metavar="DIR", help="keep what is written, and use it"
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--row", choices=("", *FORMATS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = arguments.files or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if arguments.row is not None:
            print(json.dumps(measured(arguments.row, arguments.presets[0], folder)))
            return
        if not arguments.json:
            print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
        for name in arguments.presets:
            for kind in ("", *arguments.formats):
                row = measured_apart(kind, name, folder)
                cells = [
                    f"{row[column]:.3g}" if isinstance(row[column], float) else row[column]
                    for column in COLUMNS
                ]
                print(json.dumps(row) if arguments.json else f"| {' | '.join(cells)} |", flush=True)


def measured_apart(kind: str, name: str, folder: Path) -> dict:
    """What a process of its own measures of one format; the reason where there is nothing."""
    words = [sys.executable, __file__, name, "--files", str(folder), "--row", kind]
    try:
        done = subprocess.run(
            words, stdout=subprocess.PIPE, text=True, timeout=SECONDS, preexec_fn=limit_memory
        )
        return json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        why = f"takes more than {SECONDS} s"
    except (ValueError, IndexError):
        why = f"ended by {done.returncode}: more than {MEMORY / 1e9:.0f} GB"
    runtime = FORMATS[kind][2] if kind else "Keras"
    return dict(zip(COLUMNS, (name, kind, runtime, why, "", ""), strict=True))


def limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))


def measured(kind: str, name: str, folder: Path) -> dict:
    """What is measured of one format, or of Keras; the reason where there is nothing."""
    preset = find_preset(name)
    keras.utils.set_random_seed(0)  # weights by chance are the same in each process
    network = build_network(preset, backbone_weights="none")
    if weights := find_keras_weights(name):
        network.load_weights(weights)
    square = np.ascontiguousarray(photograph(preset.size)[0])
    engine = KerasEngine(network, (preset.size, preset.size), Path(name))
    if not kind:
        cells = (name, "", "Keras", 0.0, milliseconds(engine, square), "")
        return dict(zip(COLUMNS, cells, strict=True))
    expected = engine(square)
    write, ending, runtime, load = FORMATS[kind]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{kind}{ending}"
    chat = contextlib.redirect_stdout(sys.stderr)  # what quantisation tells of itself is no result
    with without_notices(ALL), chat:
        try:
            if not path.exists():
                write(network, preset, path, square)
            run = load(path, square)
            differs = float(np.abs(run(square) - expected).max())
            time_of = getattr(run, "milliseconds", None)
            taken = time_of() if time_of else "" if load is core_ml else milliseconds(run, square)
            found = differs, taken, megabytes(path)
        except Exception as error:  # noqa: BLE001 - a table tells every one
            found = " ".join(str(error).split())[:120] or type(error).__name__, "", ""
    return dict(zip(COLUMNS, (name, kind, runtime, *found), strict=True))


def megabytes(path: Path) -> float:
    """What a network takes on the disk; of a page the network alone."""
    if (path / "network.tflite").is_file():
        path = path / "network.tflite"
    parts = [part for part in (path, *path.rglob("*")) if part.is_file()]
    if path.suffix == ".xml":
        parts.append(path.with_suffix(".bin"))
    return sum(part.stat().st_size for part in parts) / 1e6


def engine_of(path: Path, square: np.ndarray):
    """What figureground itself runs."""
    return open_engine(path).resized(square.shape[:2])


def torch_of(path: Path, square: np.ndarray):
    """PyTorch."""
    import torch

    module = torch.export.load(path).module()

    def run(square):
        with torch.no_grad():
            return module(torch.from_numpy(square[None])).numpy()[0, ..., -1]

    return run


def openvino_of(path: Path, square: np.ndarray):
    """OpenVINO, on the processor, in float32."""
    import openvino

    exact = {"INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(path, "CPU", exact)
    return lambda square: next(iter(compiled(square[None]).values()))[0, ..., 0]


def core_ml(path: Path, square: np.ndarray):
    """The package's program by Keras's operations; what Core ML takes for it cannot be seen here."""
    program = read_program(path)
    return lambda square: run_program(program, square[None])[0, ..., 0]


class Node:
    """LiteRT.js in Node, on WebAssembly, one thread."""

    def __init__(self, path: Path, square: np.ndarray) -> None:
        self.path = path / "network.tflite"
        self.told: list[float] = []

    def __call__(self, image: np.ndarray) -> np.ndarray:
        with tempfile.TemporaryDirectory() as name:
            seen, given = Path(name) / "image", Path(name) / "alpha"
            seen.write_bytes(image.tobytes())
            words = ["node", str(ROOT / "benchmarks" / "litert.mjs"), self.path, seen, given]
            done = subprocess.run(
                [*map(str, words), str(len(image)), str(RUNS)], check=True, text=True,
                stdout=subprocess.PIPE,
            )  # fmt: skip
            self.told = json.loads(done.stdout.splitlines()[-1])
            return np.frombuffer(given.read_bytes(), np.float32).reshape(image.shape[:2])

    def milliseconds(self) -> float:
        return statistics.median(self.told[1:])


def milliseconds(engine, square) -> float:
    """Median time of an image."""
    times = []
    for _ in range(RUNS + 1):  # the first one warms up
        began = time.perf_counter()
        engine(square)
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times[1:])


# How each is written, how its name ends, what runs it and how.
FORMATS = {
    "litert": (
        lambda n, p, path, s: export_litert(n, p, path, size=p.size), ".tflite", "LiteRT",
        engine_of),
    "int8": (
        lambda n, p, path, s: export_litert(n, p, path, size=p.size, calibration=[s]),
        ".tflite", "LiteRT", engine_of),
    "onnx": (
        lambda n, p, path, s: export_onnx(n, p, path), ".onnx", "ONNX Runtime", engine_of),
    "onnx-float16": (
        lambda n, p, path, s: export_onnx(n, p, path, precision="float16"), ".onnx", "ONNX Runtime",
        engine_of),
    "onnx-int8": (
        lambda n, p, path, s: export_onnx(n, p, path, precision="int8", calibration=[s]),
        ".onnx", "ONNX Runtime", engine_of),
    "saved-model": (
        lambda n, p, path, s: export_saved_model(n, p, path), "", "TensorFlow", engine_of),
    "keras": (
        lambda n, p, path, s: export_keras(n, p, path, size=p.size), ".keras", "Keras", engine_of),
    "torch": (
        lambda n, p, path, s: export_torch(n, p, path, size=p.size), ".pt2", "PyTorch", torch_of),
    "openvino": (
        lambda n, p, path, s: export_openvino(n, p, path, size=p.size), ".xml", "OpenVINO",
        openvino_of),
    "web": (
        lambda n, p, path, s: export_web(n, p, path, size=p.size), "-page", "LiteRT.js", Node),
    "coreml": (
        lambda n, p, path, s: export_coreml(n, p, path, size=p.size), ".mlpackage",
        "Keras, step by step", core_ml),
}  # fmt: skip

if __name__ == "__main__":
    main()
