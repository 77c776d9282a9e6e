"""Give coarse masks the edges that a network sees: a new data set in OUT.

Masks of small images are coarse, and many cut across hair. Where the network's matte agrees with
a mask on nearly all of the person, it takes the mask's place along its edge, and only there: who
counts as a person stays what the mask says. All other masks are copied. With --inwards all outlines
are then drawn in by a part of a pixel: many masks lie a little outside of what they outline.

Look at a few before training on them: `figureground data check OUT --sheet sheet.png`. What is in
OUT already is left alone, so the same command goes on after it was stopped.
"""

import argparse
from pathlib import Path

from figureground.cli.data_convert import write_all
from figureground.datasets.mask_refinement import refined_pairs
from figureground.engines import open_engine
from figureground.models.shipped import MODEL, find_model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this tool takes."""
    parser.add_argument("data", type=Path, metavar="DIR|MANIFEST", help="the data set")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="the new data set's folder"
    )  # fmt: skip
    parser.add_argument(
        "--model", default=MODEL, metavar="NAME|FILE", help=f"the network (default {MODEL})"
    )
    parser.add_argument(
        "--inwards", type=_part, default=0.0, metavar="PIXELS",
        help="draw every outline in by 0 to 1 pixels (default 0)",
    )  # fmt: skip
    output = parser.add_mutually_exclusive_group()
    output.add_argument("-q", "--quiet", action="store_true", help="print only what failed")
    output.add_argument("--json", action="store_true", help="print counts and failures as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Polish, and say what became of it."""
    engine = open_engine(find_model(arguments.model))
    items = refined_pairs(arguments.data, engine, inwards=arguments.inwards)
    return write_all(items, arguments, label="polished")


def _part(text: str) -> float:
    try:
        pixels = float(text)
    except ValueError:
        pixels = -1.0
    if not 0 <= pixels <= 1:
        raise argparse.ArgumentTypeError(f"between 0 and 1 pixels, got {text!r}")
    return pixels
