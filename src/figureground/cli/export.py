"""Make a trained network into one file that `figureground remove --model FILE` can use.

Of several networks of one preset the weights are averaged first, equally or by the numbers after
their colons. That helps where they come from one start, say runs of other seeds or rates with the
same --init, or a network and what was fine-tuned from it; measure with `figureground compare`.

    figureground export runs/mine
    figureground export runs/mine lite:0.5 -o mixed.tflite
"""

import argparse
import json
import sys
from pathlib import Path

from figureground.cli.silence import loading, working
from figureground.errors import UsageError
from figureground.models.presets import PRESETS, find_preset

ENDINGS = {"litert": ".tflite", "int8": ".tflite", "keras": ".weights.h5"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument(
        "networks", nargs="+", metavar="RUN|PRESET|WEIGHTS[:SHARE]",
        help="folder of a training run, a preset that ships, or a .weights.h5 file; several are "
        "averaged, SHARE 2 counts twice",
    )  # fmt: skip
    parser.add_argument(
        "--to", choices=["litert", "int8", "keras"], default="litert",
        help="litert: the network for `remove`; int8: the same, smaller and faster, a little "
        "coarser; keras: weights for `train --init`",
    )  # fmt: skip
    parser.add_argument(
        "--calibration", type=Path, action="append", default=[], metavar="DIR|MANIFEST",
        help="for int8: pictures to take the ranges of values from, 100 of each set",
    )  # fmt: skip
    parser.add_argument("--preset", choices=sorted(PRESETS), help="what .weights.h5 files are of")
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
    with loading("exporting a network"):
        from figureground.training.checkpoints import first_run, load_mean, trained_size
        from figureground.training.export import export_litert, export_weights, read_calibration
    given = None if arguments.preset is None else find_preset(arguments.preset)
    if arguments.to == "int8" and not arguments.calibration:
        raise UsageError("int8 needs pictures to calibrate with: --calibration DIR")
    run_folder = first_run(arguments.networks)
    place: Path | None = arguments.output or run_folder
    ending = ENDINGS[arguments.to]
    if place is None:
        raise UsageError("none of these is the folder of a run; say where the file goes: -o FILE")
    if not place.is_dir() and not place.name.endswith(ending):
        raise UsageError(f"a network for --to {arguments.to} ends in {ending}: -o NAME{ending}")
    if not arguments.quiet and sys.stderr.isatty():
        print("exporting, which takes about a minute ...", file=sys.stderr)
    network, preset = load_mean(arguments.networks, preset=given)
    trained = None if run_folder is None else trained_size(str(run_folder))
    size = arguments.size or trained or preset.size
    name = f"{preset.name}{'-int8' if arguments.to == 'int8' else ''}{ending}"
    path = place / name if place.is_dir() else place
    if arguments.to == "keras":
        export_weights(network, path)
        _tell(arguments, path)
        return 0
    squares = [square for part in arguments.calibration for square in read_calibration(part, size)]
    calibration = squares if arguments.to == "int8" else None
    with working():
        difference = export_litert(network, preset, path, size=size, calibration=calibration)
    _tell(arguments, path, difference=difference, size=size)
    return 0


def _tell(arguments: argparse.Namespace, path: Path, **figures: float) -> None:
    """What was written, and how well it agrees with the network."""
    size = path.stat().st_size
    if arguments.json:
        print(json.dumps({"file": str(path), "bytes": size, **figures}))
    elif not arguments.quiet and figures:
        within = f"within {figures['difference']:.1e} of the trained network"
        side = f"{figures['size']} x {figures['size']}"
        print(f"{path}: {side}, {size / 1e6:.1f} MB, {within}")
    elif not arguments.quiet:
        print(path)
