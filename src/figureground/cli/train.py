"""Train a network on pictures with masks.

DIR holds `images/NAME.jpg` and `masks/NAME.png` (0 background, 255 person); a manifest, as
`figureground data split` writes it, lists pictures and masks. A recipe, a TOML file, says how;
options win over it. Stopped at any moment, the same command goes on from the last finished epoch.
The run folder holds the metrics, contact sheets, the best network, the state to go on from and at
the end a report; `figureground export RUN` makes a file of the network.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from figureground.errors import ExtraError
from figureground.models.presets import PRESETS

NOT_SETTINGS = ("verb", "run", "recipe", "out", "quiet", "json", "set")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument(
        "recipe", nargs="?", metavar="RECIPE",
        help="how to train: fine-tune, lite, seed (which ship), or a TOML file of yours",
    )  # fmt: skip
    parser.add_argument(
        "--data", action="append", metavar="DIR|MANIFEST[:WEIGHT]",
        help="pictures and masks; WEIGHT 2 shows each twice an epoch; may be repeated",
    )  # fmt: skip
    parser.add_argument("--val", metavar="DIR|MANIFEST", help="pictures and masks to be judged by")
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
    parser.add_argument(
        "--negatives", type=float, metavar="SHARE", help="share of samples that are one of them"
    )
    parser.add_argument("--cache", metavar="DIR", help="keep decoded pictures there for other runs")
    parser.add_argument("--seed", type=int, help="of everything random (default 42)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE",
        help="any setting of a recipe, as losses.dice=0.5; may be repeated",
    )  # fmt: skip
    output = parser.add_mutually_exclusive_group()
    output.add_argument("-q", "--quiet", action="store_true", help="print nothing")
    output.add_argument("--json", action="store_true", help="print a line of JSON for each event")


def run(arguments: argparse.Namespace) -> int:
    """Train, or go on."""
    try:
        from figureground.training.recipe_file import make_recipe
        from figureground.training.train import how_to_go_on, train
    except ImportError as error:
        raise ExtraError("train", "training a network") from error
    given = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in vars(arguments).items()
        if value is not None and name not in NOT_SETTINGS
    }
    recipe = make_recipe(arguments.recipe, given, arguments.set)
    verbose = 0 if arguments.quiet or arguments.json else 1
    tell = _tell_json if arguments.json else _tell_quietly if arguments.quiet else _tell
    try:
        train(recipe, arguments.out, tell=tell, verbose=verbose)
    except KeyboardInterrupt:
        print(f"figureground: stopped; {how_to_go_on(arguments.out)}", file=sys.stderr)
        return 130
    return 0


def _tell_json(event: dict[str, Any]) -> None:
    print(json.dumps(event), flush=True)


def _tell_quietly(event: dict[str, Any]) -> None:
    """Say nothing."""


def _tell(event: dict[str, Any]) -> None:
    """What a progress bar does not say."""
    if event["event"] == "unreadable":
        print(f"left out: {event['reason']}", file=sys.stderr)
    if event["event"] == "start" and event["unreadable"]:
        print(f"left out {event['unreadable']} pictures that cannot be read", file=sys.stderr)
    if event["event"] == "end":
        print(f"best epoch {event['best_epoch']}: IoU {event['val_iou']:.3f}; {event['report']}")
