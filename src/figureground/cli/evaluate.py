"""Measure a network on images with masks.

DIR holds `images/NAME.jpg` and `masks/NAME.png`; a manifest lists images and masks. Printed are
means with 95 % confidence intervals of overlaps (IoU, boundary IoU, Dice, precision, recall), of
errors of the soft matte (MAE, MSE, SAD, gradient, connectivity), of S-measure and weighted
F-measure, and the share of images below 0.8 and above 0.95 IoU. All is measured at a long side
of at most 512 pixels. What cannot be read is named and left out; the exit code is then 1.
"""

import argparse
from pathlib import Path

from figureground.cli.measurement import (
    add_measuring,
    find_all,
    measure,
    only_measured,
    open_networks,
    print_json,
    print_means,
    write_report,
)
from figureground.counts import counted
from figureground.evaluation.evaluate import summarise, write_csv
from figureground.evaluation.report import Result
from figureground.models.shipped import MODEL
from figureground.resources import limited_to


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument(
        "--model", metavar="NAME|FILE|RUN",
        help="network to measure: a preset that ships, a .tflite, .onnx, .keras or .h5 file, a "
        f"SavedModel, or the folder of a training run (default {MODEL})",
    )  # fmt: skip
    parser.add_argument(
        "--color", choices=("bgr", "rgb"),
        help="order of channels that a file of the Keras tutorial takes (default bgr)",
    )  # fmt: skip
    add_measuring(parser)
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write one line an image")


def run(arguments: argparse.Namespace) -> int:
    """Measure each folder and print it; 1 where some images could not be measured."""
    with limited_to(arguments.max_memory):
        return _evaluate(arguments)


def _evaluate(arguments: argparse.Namespace) -> int:
    data = find_all(arguments.data)
    networks = open_networks(arguments.model, color=arguments.color)
    measured = measure(networks, data, band=arguments.band, quiet=arguments.quiet)
    means = {folder: summarise(rows) for folder, rows in measured.items()}
    if arguments.json:
        print_json(means)
    else:
        for folder, rows in measured.items():
            print_means(f"{folder}: {counted(len(rows), 'images')}", means[folder])
    everything = [row for rows in measured.values() for row in rows]
    if arguments.csv is not None:
        write_csv(everything, arguments.csv)
    if arguments.report is not None:
        name = arguments.model or MODEL
        result = Result(name=name, rows=everything, alpha_of=networks[0])
        title = f"How good is {name}?"
        shown = only_measured(data, measured)
        write_report(arguments, [result], shown, title=title, parts=measured)
    return int(len(everything) < sum(map(len, data.values())))
