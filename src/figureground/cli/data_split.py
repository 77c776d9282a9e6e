"""Part a data set into one to train on and one to be judged by.

The same images and seed give the same split, on every machine. Images that are nearly the same
stay together, and with --group those whose names say so: --group '^[^_]+' keeps all of anna_1,
anna_2, … on one side.

OUT/train.csv and OUT/val.csv list the images where they are; every command takes such a file for
a folder. With --copy or --link, OUT/train and OUT/val are folders of images and masks.
"""

import argparse
import json
from pathlib import Path

from figureground.cli.measurement import seed, share
from figureground.cli.progress import Progress
from figureground.counts import counted
from figureground.datasets.check import inspect_all
from figureground.datasets.manifest import write_manifest
from figureground.datasets.near_duplicates import find_near_duplicates
from figureground.datasets.pairs import find_pairs
from figureground.datasets.split import lay_out, split_pairs
from figureground.errors import DataError

PARTS = ("train", "val")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this tool takes."""
    parser.add_argument("data", type=Path, metavar="DIR|MANIFEST", help="the data set to part")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="folder for the two parts"
    )  # fmt: skip
    parser.add_argument(
        "--share", type=share, default=0.2, help="of images to be judged by (default 0.2)"
    )
    parser.add_argument("--seed", type=seed, default=42, help="another one parts anew (default 42)")
    parser.add_argument(
        "--group", metavar="REGEX",
        help="keep names together that share this match, or its first (group)",
    )  # fmt: skip
    files = parser.add_mutually_exclusive_group()
    files.add_argument("--copy", action="store_true", help="copy the files to OUT/train, OUT/val")
    files.add_argument("--link", action="store_true", help="make symbolic links there")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("-q", "--quiet", action="store_true", help="print nothing")
    output.add_argument("--json", action="store_true", help="print JSON in place of a line")


def run(arguments: argparse.Namespace) -> int:
    """Split, and say what went where."""
    pairs = find_pairs(arguments.data)
    progress = Progress(len(pairs), unit="images", shown=False if arguments.quiet else None)
    prints = []
    for one in inspect_all(pairs, masks=False):
        if one.print is None:
            raise DataError(f"{one.findings[0].detail}; `figureground data check` finds all such")
        prints.append(one.print)
        progress.advance()
    progress.finish()
    parts = split_pairs(
        pairs, find_near_duplicates(prints),
        share=arguments.share, seed=arguments.seed, group=arguments.group,
    )  # fmt: skip
    places = {arguments.output / name: part for name, part in zip(PARTS, parts, strict=True)}
    if arguments.copy or arguments.link:
        lay_out(places, link=arguments.link)
    else:
        places = {place.with_suffix(".csv"): part for place, part in places.items()}
        for place, part in places.items():
            write_manifest(((pair.image, pair.mask) for pair in part), place)
    written = {
        place.stem: {"place": str(place), "pairs": len(part)} for place, part in places.items()
    }
    if arguments.json:
        print(json.dumps(written))
    elif not arguments.quiet:
        print(
            "; ".join(f"{place}: {counted(len(part), 'pairs')}" for place, part in places.items())
        )
    return 0
