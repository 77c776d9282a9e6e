"""Draw images of nothing, with black masks: a new data set in OUT.

Plain walls, gradients, light on a wall, what is out of focus, a wall and a floor, tiles; some with
grain. A network that has never seen them takes them for people: give it some beside the people,
as in `figureground train --data people --data OUT:0.5`.

The images are 240 to 640 pixels wide and high, JPEG. The same command draws the same ones, and
more of them with a larger --count; what is in OUT already is left alone.
"""

import argparse
from pathlib import Path

from figureground.cli.data_convert import write_all
from figureground.cli.measurement import count, seed
from figureground.datasets.synthetic_negatives import plain


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this tool takes."""
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="the new data set's folder"
    )  # fmt: skip
    parser.add_argument(
        "--count", type=count, default=400, metavar="N", help="how many (default 400)"
    )
    parser.add_argument(
        "--seed", type=seed, default=42, help="another one draws others (default 42)"
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("-q", "--quiet", action="store_true", help="print only what failed")
    output.add_argument("--json", action="store_true", help="print counts and failures as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Draw, and say what became of it."""
    return write_all(plain(arguments.count, arguments.seed), arguments, label="plain")
