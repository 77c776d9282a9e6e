"""Make a trained network into one file that `figureground remove --model FILE` can use."""

import argparse
from pathlib import Path

from figureground.errors import ExtraError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument("run_folder", metavar="RUN", type=Path, help="folder of a training run")
    parser.add_argument(
        "--to", choices=["litert", "keras"], default="litert",
        help="litert: the network for `remove`; keras: weights for `train --init`",
    )  # fmt: skip
    parser.add_argument(
        "--size", type=int, help="rows and columns the network shall see (default: its preset's)"
    )
    parser.add_argument("-o", "--out", type=Path, help="file to write (default: in RUN)")


def run(arguments: argparse.Namespace) -> int:
    """Export, and say where to and how well the file agrees with the network."""
    try:
        from figureground.training.export import export_litert, export_weights, load_run
    except ImportError as error:
        raise ExtraError("train", "exporting a network") from error
    network, preset = load_run(arguments.run_folder)
    if arguments.to == "keras":
        path = arguments.out or arguments.run_folder / f"{preset.name}.weights.h5"
        export_weights(network, path)
        print(path)
        return 0
    path = arguments.out or arguments.run_folder / f"{preset.name}.tflite"
    difference = export_litert(network, preset, path, size=arguments.size or preset.size)
    megabytes = path.stat().st_size / 1e6
    print(f"{path}: {megabytes:.1f} MB, within {difference:.1e} of the trained network")
    return 0
