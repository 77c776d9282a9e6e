"""Make a trained network into one file that `figureground remove --model FILE` can use."""

import argparse
from pathlib import Path

from figureground.errors import ExtraError, ModelError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument("run_folder", metavar="RUN", type=Path, help="folder of a training run")
    parser.add_argument(
        "--to", choices=["litert", "int8", "keras"], default="litert",
        help="litert: the network for `remove`; int8: the same, smaller and faster, a little "
        "coarser; keras: weights for `train --init`",
    )  # fmt: skip
    parser.add_argument(
        "--calibration", type=Path, action="append", default=[], metavar="DIR",
        help="for int8: pictures to take the ranges of values from, 100 of each folder",
    )  # fmt: skip
    parser.add_argument(
        "--size", type=int, help="rows and columns the network shall see (default: its preset's)"
    )
    parser.add_argument("-o", "--out", type=Path, help="file to write (default: in RUN)")


def run(arguments: argparse.Namespace) -> int:
    """Export, and say where to and how well the file agrees with the network."""
    try:
        from figureground.training.export import (
            export_litert,
            export_weights,
            load_run,
            read_calibration,
        )
    except ImportError as error:
        raise ExtraError("train", "exporting a network") from error
    network, preset = load_run(arguments.run_folder)
    if arguments.to == "keras":
        path = arguments.out or arguments.run_folder / f"{preset.name}.weights.h5"
        export_weights(network, path)
        print(path)
        return 0
    size, calibration = arguments.size or preset.size, None
    name = f"{preset.name}.tflite"
    if arguments.to == "int8":
        name = f"{preset.name}-int8.tflite"
        if not arguments.calibration:
            raise ModelError("int8 needs pictures to calibrate with: --calibration DIR")
        folders = arguments.calibration
        calibration = [square for folder in folders for square in read_calibration(folder, size)]
    path = arguments.out or arguments.run_folder / name
    difference = export_litert(network, preset, path, size=size, calibration=calibration)
    megabytes = path.stat().st_size / 1e6
    print(f"{path}: {megabytes:.1f} MB, within {difference:.1e} of the trained network")
    return 0
