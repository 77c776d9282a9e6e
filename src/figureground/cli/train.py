"""Train a network on images with masks.

DIR holds `images/NAME.jpg` and `masks/NAME.png` (0 background, 255 person); a manifest, as
`figureground data split` writes it, lists images and masks. A recipe, a TOML file, says how;
options win over it. The run folder holds the metrics, contact sheets, the best network, the state
to go on from and at the end a report; `figureground export RUN` makes a file of the network.

Stopped by whatever, the same command goes on. Ctrl-C keeps what was learnt up to that step; a power
cut costs ten minutes at most.

Begin with a network that ships, and a hundred images of yours:

    figureground train fine-tune --data people --output runs/mine
"""

import argparse
import json
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from figureground.cli.measurement import add_budget
from figureground.cli.silence import loading
from figureground.cli.train_lines import Teller
from figureground.models.presets import PRESETS
from figureground.resources import limited_to

NOT_SETTINGS = (
    "verb", "run", "recipe", "output", "devices", "workers", "quiet", "json", "set", "max_memory",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument(
        "recipe", nargs="?", metavar="RECIPE",
        help="how to train: fine-tune, lite, tutorial (which ship), or a TOML file of yours",
    )  # fmt: skip
    parser.add_argument(
        "--data", action="append", metavar="DIR|MANIFEST[:WEIGHT]",
        help="images and masks; WEIGHT 2 shows each twice an epoch; may be repeated",
    )  # fmt: skip
    parser.add_argument("--val", metavar="DIR|MANIFEST", help="other images to be judged by")
    parser.add_argument(
        "--val-share",
        type=float,
        metavar="SHARE",
        help="without --val: share of the data held back to judge by (default 0.2)",
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="RUN", help="the run folder"
    )
    parser.add_argument("--preset", choices=sorted(PRESETS), help="network (default lite)")
    parser.add_argument(
        "--image-size", type=int, metavar="PIXELS", help="rows and columns it sees (256)"
    )
    parser.add_argument(
        "--epochs", type=int, metavar="N", help="times through the data (default 20)"
    )
    parser.add_argument("--batch-size", type=int, metavar="N", help="images a step (default 8)")
    parser.add_argument(
        "--learning-rate", type=float, metavar="X", help="highest learning rate (default 0.001)"
    )
    parser.add_argument(
        "--warmup", type=float, metavar="N", help="epochs until it is reached (0.5)"
    )
    parser.add_argument(
        "--backbone-weights", metavar="PATH|imagenet|none",
        help="what the encoder starts from (default imagenet)",
    )  # fmt: skip
    parser.add_argument(
        "--init", metavar="PRESET|RUN|FILE", help="start from a shipped network, a run or weights"
    )
    parser.add_argument(
        "--frozen-epochs", type=int, metavar="N",
        help="epochs in which only what follows the encoder is trained: 2.5 times cheaper (0)",
    )  # fmt: skip
    parser.add_argument(
        "--edge-weight", type=float, metavar="X", help="how much more edges count (0; 4 is usual)"
    )
    parser.add_argument(
        "--teacher", dest="teachers", action="append", metavar="PRESET|RUN|FILE",
        help="learn half from the masks, half from what this network makes of the images; "
        "may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--natural", type=float, metavar="SHARE",
        help="share of samples framed as in use, half of them not augmented: for the last epochs",
    )  # fmt: skip
    parser.add_argument(
        "--backgrounds", metavar="DIR", help="images without people, for the next two"
    )
    parser.add_argument(
        "--background-replacement", type=float, metavar="SHARE",
        help="share of samples whose people are put before one of --backgrounds",
    )  # fmt: skip
    parser.add_argument(
        "--negatives", type=float, metavar="SHARE",
        help="share of samples that are one of --backgrounds, without anybody",
    )  # fmt: skip
    parser.add_argument(
        "--copy-paste", type=float, metavar="SHARE",
        help="share of samples that get another image's people beside theirs",
    )  # fmt: skip
    parser.add_argument("--cache", metavar="DIR", help="keep decoded images there for other runs")
    _add_shares(parser)
    parser.add_argument("--seed", type=int, metavar="N", help="of everything random (default 42)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE",
        help="any setting of a recipe, as losses.dice=0.5; may be repeated",
    )  # fmt: skip
    add_budget(parser)
    output = parser.add_mutually_exclusive_group()
    output.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")
    output.add_argument("--json", action="store_true", help="print a line of JSON an event")


def _add_shares(parser: argparse.ArgumentParser) -> None:
    shares = parser.add_mutually_exclusive_group()
    shares.add_argument(
        "--devices", metavar="all|N",
        help="share each batch among all graphics cards of this machine, or N (default 1)",
    )  # fmt: skip
    shares.add_argument(
        "--workers", action="store_true",
        help="share each batch with the other machines in TF_CONFIG, where the same command runs",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Train, or go on."""
    with loading("training a network", started=not arguments.workers):
        from figureground.training.recipe_file import make_recipe
        from figureground.training.train import how_to_go_on, train
        from figureground.training.workers import WorkerLostError
    given = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in vars(arguments).items()
        if value is not None and name not in NOT_SETTINGS
    }
    recipe = make_recipe(arguments.recipe, given, arguments.set)
    teller = Teller()
    tell = _tell_json if arguments.json else _say_nothing if arguments.quiet else teller
    try:
        with closing(teller), limited_to(arguments.max_memory):
            devices, workers = arguments.devices, arguments.workers
            train(recipe, arguments.output, devices=devices, workers=workers, tell=tell)
    except WorkerLostError as error:
        print(f"figureground: {error}; this one waits for it", file=sys.stderr, flush=True)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    except KeyboardInterrupt:
        again = "the same command goes on, once all workers give it"
        how = again if arguments.workers else how_to_go_on(arguments.output)
        print(f"figureground: stopped; {how}", file=sys.stderr)
        return 130
    return 0


def _tell_json(event: dict[str, Any]) -> None:
    if event["event"] != "progress":
        print(json.dumps(event), flush=True)


def _say_nothing(event: dict[str, Any]) -> None:
    """For --quiet: errors are told all the same."""
