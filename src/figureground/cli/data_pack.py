"""Pack data sets into shards: few large files in place of many small ones, for disks far away.

OUT, a folder or a URL such as s3://shop/people, gets shard-000000.tar and so on, in the layout of
WebDataset: NAME.jpg and NAME.png (the mask) one behind the other, in random order; and
manifest.json with the hash of each. `figureground train --data OUT --val DIR` learns from it.

JPEG files stay as they are, other images become JPEG of quality 95. What cannot be read is named
and left out.
"""

import argparse
import json
import sys
from pathlib import Path

from figureground.cli.measurement import count, seed
from figureground.cli.progress import Progress
from figureground.counts import counted
from figureground.datasets.pack import pack
from figureground.datasets.pairs import find_pairs
from figureground.media.remote import spell

MEGABYTE = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this tool takes."""
    parser.add_argument(
        "data", type=Path, nargs="+", metavar="DIR|MANIFEST", help="data sets, packed as one"
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="folder or URL for them"
    )
    parser.add_argument(
        "--shard-size", type=count, default=64, metavar="MB", help="of a shard, about (default 64)"
    )
    parser.add_argument("--seed", type=seed, default=42, help="of the order (default 42)")
    output = parser.add_mutually_exclusive_group()
    output.add_argument("-q", "--quiet", action="store_true", help="print only what is left out")
    output.add_argument("--json", action="store_true", help="print JSON in place of a line")


def run(arguments: argparse.Namespace) -> int:
    """Pack, and say what became of it."""
    pairs = [pair for place in arguments.data for pair in find_pairs(place)]
    progress = Progress(len(pairs), unit="images", shown=False if arguments.quiet else None)
    packed = pack(
        pairs,
        arguments.output,
        shard_bytes=arguments.shard_size * MEGABYTE,
        seed=arguments.seed,
        progress=progress.reach,
    )
    progress.finish()
    for reason in packed.left_out.values():
        print(f"left out: {reason}", file=sys.stderr)
    size = sum(shard.size for shard in packed.shards.shards)
    place, shards = spell(arguments.output), len(packed.shards.shards)
    if arguments.json:
        counts = {"pairs": packed.shards.pairs, "shards": shards, "bytes": size}
        print(json.dumps({"place": place, **counts, "left_out": list(packed.left_out)}))
    elif not arguments.quiet:
        print(
            f"{place}: {counted(packed.shards.pairs, 'pairs')} in {counted(shards, 'shards')}, "
            f"{size / MEGABYTE:.3g} MB"
        )
    return 0
