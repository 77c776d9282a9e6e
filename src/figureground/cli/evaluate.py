"""Measure a network on pictures with masks.

DIR holds `images/NAME.jpg` and `masks/NAME.png`. Printed are means with 95 % confidence intervals:
IoU, boundary IoU (Cheng et al. 2021, band of 1 % of the diagonal) and Dice at 0.5, the mean
absolute error of the soft matte, and the share of pictures below 0.8 and above 0.95 IoU.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from figureground.datasets.find import find_pairs
from figureground.evaluation.evaluate import evaluate, summarise, write_csv
from figureground.evaluation.metrics import BAND
from figureground.jobs.remover import Remover


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument(
        "--model", default="lite", metavar="NAME|FILE", help="network to measure (default lite)"
    )
    parser.add_argument(
        "--data", action="append", required=True, type=Path, metavar="DIR", help="may be repeated"
    )
    parser.add_argument(
        "--band", type=float, default=BAND, help="boundary's width over the diagonal (default 0.01)"
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write one line a picture")
    parser.add_argument("--json", action="store_true", help="print JSON in place of a table")


def run(arguments: argparse.Namespace) -> int:
    """Measure each folder and print it."""
    remover = Remover(arguments.model)
    everything = []
    report = {}
    for folder in arguments.data:
        rows = list(evaluate(remover.alpha, find_pairs(folder), band=arguments.band))
        everything += rows
        means = summarise(rows)
        report[str(folder)] = {name: asdict(mean) for name, mean in means.items()}
        if not arguments.json:
            print(f"{folder}: {len(rows)} pictures")
            for name, mean in means.items():
                print(f"  {name:13} {mean.value:.4f}  ({mean.low:.4f} to {mean.high:.4f})")
    if arguments.json:
        print(json.dumps(report, indent=2))
    if arguments.csv is not None:
        write_csv(everything, arguments.csv)
    return 0
