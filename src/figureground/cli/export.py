"""Make a trained network into what other programs run, and prove that it does the same there.

Of several networks of one preset the weights are averaged first, equally or by the numbers after
their colons. That helps where they come from one start, say runs of other seeds or rates with the
same --init, or a network and what was fine-tuned from it; measure with `figureground compare`.

    figureground export runs/mine
    figureground export runs/mine lite:0.5 -o mixed.tflite
    figureground export lite --to onnx --precision float16 -o lite.onnx
    figureground export files/model.h5 --to saved-model -o person

| --to | what is written | who runs it |
|---|---|---|
| litert | .tflite, float16 | figureground, Android, iOS, MediaPipe, LiteRT.js |
| int8 | the same, smaller and faster, a little coarser | the same |
| onnx | .onnx of any size and batch, opset 17 | figureground, ONNX Runtime, OpenVINO |
| saved-model | a folder, any size and batch | figureground, TensorFlow, TensorFlow Serving |
| keras | .keras of Keras's own layers; .h5 as the tutorial's; .weights.h5 | Keras; `train --init` |
| torch | .pt2 | PyTorch, which has to be installed |
| coreml | .mlpackage of one size | Core ML; coremltools has to be installed |
| openvino | .xml and .bin, any size and batch | OpenVINO, which has to be installed |
| web | a folder with a page | a browser |
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from figureground.cli.silence import loading, working
from figureground.errors import UsageError
from figureground.media.atomic import telling_of_libraries
from figureground.models.presets import PRESETS, Preset, find_preset

# Endings of what is written, the first where none is given; a folder has none.
ENDINGS = {
    "litert": (".tflite",), "int8": (".tflite",), "onnx": (".onnx",), "saved-model": ("",),
    "keras": (".keras", ".weights.h5", ".h5"), "torch": (".pt2",), "coreml": (".mlpackage",),
    "openvino": (".xml",), "web": ("",),
}  # fmt: skip
PRECISIONS = ("float32", "float16", "int8")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be written."""

    network: Any  # a keras.Model
    preset: Preset
    path: Path
    size: int
    precision: str
    calibration: list[Any]  # squares of images


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument(
        "networks", nargs="+", metavar="RUN|PRESET|FILE[:SHARE]",
        help="folder of a training run, a preset that ships, a .weights.h5 file, or a network of "
        "the Keras tutorial; several are averaged, SHARE 2 counts twice",
    )  # fmt: skip
    parser.add_argument("--to", choices=list(ENDINGS), default="litert", help="default litert")
    parser.add_argument(
        "--precision", choices=PRECISIONS, default="float32",
        help="of an .onnx network's weights (default float32)",
    )  # fmt: skip
    parser.add_argument(
        "--calibration", type=Path, action="append", default=[], metavar="DIR|MANIFEST",
        help="for int8: images to take the ranges of values from, 100 of each set",
    )  # fmt: skip
    parser.add_argument("--preset", choices=sorted(PRESETS), help="what .weights.h5 files are of")
    parser.add_argument(
        "--color", choices=("bgr", "rgb"),
        help="order of channels that a file of the Keras tutorial takes (default bgr)",
    )  # fmt: skip
    parser.add_argument(
        "--size", type=int, metavar="PIXELS",
        help="rows and columns the network shall see (default: those the first RUN was trained at, "
        "else its preset's)",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE|DIR",
        help="where to write (default: in the folder of the first RUN)",
    )  # fmt: skip
    output = parser.add_mutually_exclusive_group()
    output.add_argument("-q", "--quiet", action="store_true", help="print nothing")
    output.add_argument("--json", action="store_true", help="print JSON in place of a line")


def run(arguments: argparse.Namespace) -> int:
    """Export, and say what was written."""
    eight = arguments.to == "int8" or arguments.precision == "int8"
    if arguments.precision != "float32" and arguments.to != "onnx":
        raise UsageError(f"--precision is of --to onnx, not of {arguments.to}")
    with loading("exporting a network"):
        from figureground.training.checkpoints import first_run, load_mean, trained_size
        from figureground.training.export import read_calibration
    given = None if arguments.preset is None else find_preset(arguments.preset)
    if eight and not arguments.calibration:
        raise UsageError("int8 needs images to calibrate with: --calibration DIR")
    run_folder = first_run(arguments.networks)
    place = _place(arguments, run_folder)
    if not arguments.quiet and sys.stderr.isatty():
        print("exporting, which takes about a minute ...", file=sys.stderr)
    with working():
        network, preset = load_mean(arguments.networks, preset=given, color=arguments.color)
    trained = None if run_folder is None else trained_size(str(run_folder))
    size = arguments.size or trained or preset.size
    squares = [square for part in arguments.calibration for square in read_calibration(part, size)]
    wanted = Wanted(
        network=network, preset=preset, path=_path(arguments, place, preset), size=size,
        precision=arguments.precision, calibration=squares,
    )  # fmt: skip
    if wanted.path.name.endswith(".weights.h5"):
        with telling_of_libraries(wanted.path):
            _export_weights(wanted)
        _tell(arguments, wanted.path)
        return 0
    with working(), telling_of_libraries(wanted.path):
        difference = EXPORTS[arguments.to](wanted)
    _tell(arguments, wanted.path, difference=difference, size=size)
    return 0


def _place(arguments: argparse.Namespace, run_folder: Path | None) -> Path:
    """Where to write, as far as can be told before the network is loaded."""
    place: Path | None = arguments.output or run_folder
    endings = ENDINGS[arguments.to]
    if place is None:
        raise UsageError("none of these is the folder of a run; say where the file goes: -o FILE")
    if endings != ("",) and not place.is_dir() and not place.name.endswith(endings):
        shown = " or ".join(endings)
        raise UsageError(f"a network for --to {arguments.to} ends in {shown}: -o NAME{endings[0]}")
    return place


def _path(arguments: argparse.Namespace, place: Path, preset: Preset) -> Path:
    """Where to write: in a folder a name of the preset, unless the network is itself a folder."""
    ending = ENDINGS[arguments.to][0]
    suffix = "-int8" if arguments.to == "int8" else f"-{arguments.to}" if not ending else ""
    suffix = f"-{arguments.precision}" if arguments.precision != "float32" else suffix
    if ending:
        return place / f"{preset.name}{suffix}{ending}" if place.is_dir() else place
    return place if arguments.output else place / f"{preset.name}{suffix}"


def _export_weights(wanted: Wanted) -> None:
    from figureground.training.export import export_weights

    export_weights(wanted.network, wanted.path)


def _export_litert(wanted: Wanted) -> float:
    from figureground.training.export import export_litert

    return export_litert(wanted.network, wanted.preset, wanted.path, size=wanted.size)


def _export_int8(wanted: Wanted) -> float:
    from figureground.training.export import export_litert

    return export_litert(
        wanted.network, wanted.preset, wanted.path, size=wanted.size,
        calibration=wanted.calibration,
    )  # fmt: skip


def _export_onnx(wanted: Wanted) -> float:
    from figureground.training.export_onnx import export_onnx

    return export_onnx(
        wanted.network, wanted.preset, wanted.path, precision=wanted.precision, size=wanted.size,
        calibration=wanted.calibration,
    )  # fmt: skip


def _export_saved_model(wanted: Wanted) -> float:
    from figureground.training.export_keras import export_saved_model

    return export_saved_model(wanted.network, wanted.preset, wanted.path)


def _export_keras(wanted: Wanted) -> float:
    from figureground.training.export_keras import export_keras

    return export_keras(wanted.network, wanted.preset, wanted.path, size=wanted.size)


def _export_torch(wanted: Wanted) -> float:
    from figureground.training.export_keras import export_torch

    return export_torch(wanted.network, wanted.preset, wanted.path, size=wanted.size)


def _export_coreml(wanted: Wanted) -> float:
    from figureground.training.export_coreml import export_coreml

    return export_coreml(wanted.network, wanted.preset, wanted.path, size=wanted.size)


def _export_openvino(wanted: Wanted) -> float:
    from figureground.training.export_others import export_openvino

    return export_openvino(wanted.network, wanted.preset, wanted.path, size=wanted.size)


def _export_web(wanted: Wanted) -> float:
    from figureground.training.export_others import export_web

    return export_web(wanted.network, wanted.preset, wanted.path, size=wanted.size)


EXPORTS: dict[str, Callable[[Wanted], float]] = {
    "litert": _export_litert,
    "int8": _export_int8,
    "onnx": _export_onnx,
    "saved-model": _export_saved_model,
    "keras": _export_keras,
    "torch": _export_torch,
    "coreml": _export_coreml,
    "openvino": _export_openvino,
    "web": _export_web,
}


def _tell(arguments: argparse.Namespace, path: Path, **figures: float) -> None:
    """What was written, and how well it agrees with the network."""
    files = [path] if path.is_file() else [part for part in path.rglob("*") if part.is_file()]
    size = sum(part.stat().st_size for part in files)
    if arguments.json:
        print(json.dumps({"file": str(path), "bytes": size, **figures}))
    elif not arguments.quiet and figures:
        within = f"within {figures['difference']:.1e} of the trained network"
        side = f"{figures['size']} x {figures['size']}"
        print(f"{path}: {side}, {size / 1e6:.1f} MB, {within}")
    elif not arguments.quiet:
        print(path)
