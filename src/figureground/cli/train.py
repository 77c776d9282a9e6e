"""Train a network on pictures with masks.

DIR holds `images/NAME.jpg` and `masks/NAME.png` (0 background, 255 person). Stopped at any moment,
the same command goes on from the last finished epoch. The run folder holds metrics.csv, the best
network and the state to go on from; `figureground export RUN` makes a file of it.
"""

import argparse
from pathlib import Path

from figureground.errors import ExtraError, RecipeError
from figureground.models.presets import PRESETS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument(
        "--data", action="append", required=True, metavar="DIR[:WEIGHT]",
        help="pictures and masks; WEIGHT 2 shows each twice an epoch; may be repeated",
    )  # fmt: skip
    parser.add_argument("--val", metavar="DIR", help="pictures and masks to be judged by")
    parser.add_argument(
        "--val-share", type=float, help="else: share of the data held back (default 0.2)"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="the run folder")
    parser.add_argument("--preset", choices=sorted(PRESETS), help="network (default lite)")
    parser.add_argument("--size", type=int, help="rows and columns it sees (default 256)")
    parser.add_argument("--epochs", type=int, help="times through the data (default 20)")
    parser.add_argument("--batch", type=int, help="samples a step (default 8)")
    parser.add_argument("--rate", type=float, help="highest learning rate (default 0.001)")
    parser.add_argument("--warmup", type=float, help="epochs until the rate is reached (0.5)")
    parser.add_argument(
        "--backbone-weights", metavar="PATH|imagenet|none",
        help="what the encoder starts from (default imagenet)",
    )  # fmt: skip
    parser.add_argument(
        "--init", metavar="PRESET|RUN|FILE", help="start from a shipped network, a run or weights"
    )
    parser.add_argument(
        "--frozen-encoder", action="store_true", default=None,
        help="train only what follows the encoder: 2.5 times cheaper",
    )  # fmt: skip
    parser.add_argument("--edge", type=float, help="how much more edges weigh in the loss (0)")
    parser.add_argument("--backgrounds", metavar="DIR", help="pictures without people, see next")
    parser.add_argument(
        "--recomposed", type=float, metavar="SHARE", help="share of samples put before one of them"
    )
    parser.add_argument(
        "--paste", type=float, metavar="SHARE", help="share of samples that get another's people"
    )
    parser.add_argument("--seed", type=int, help="of everything random (default 42)")
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing")


def run(arguments: argparse.Namespace) -> int:
    """Train, or go on."""
    try:
        from figureground.training.recipe import Recipe
        from figureground.training.train import train
    except ImportError as error:
        raise ExtraError("train", "training a network") from error
    given = {
        name: value
        for name, value in vars(arguments).items()
        if value is not None and name not in ("verb", "run", "out", "quiet", "data")
    }
    recipe = Recipe(data=tuple(arguments.data), **given)
    try:
        train(recipe, arguments.out, verbose=0 if arguments.quiet else 1)
    except KeyboardInterrupt as error:
        raise RecipeError("stopped; the same command goes on from the last epoch") from error
    return 0
