"""Bring other layouts to OUT/images and OUT/masks, which every command understands.

coco         people of an annotation file, polygons or run lengths: FROM is the .json file, or a
             folder of Roboflow's
cvat         CVAT for images 1.1: FROM is annotations.xml or its folder
labelme      a folder of LabelMe's .json files, or one
label-studio an export as JSON or JSON-MIN, polygons and brushes: FROM is the .json file
yolo         YOLO segmentation: FROM holds images and labels, or is data.yaml
via          a project or export of VGG Image Annotator, .json or .csv
supervisely  people of a project: FROM holds meta.json and DATASET/img, DATASET/ann
voc          class person of FROM/SegmentationClass, images from FROM/JPEGImages
rgba         cutouts: transparency becomes the mask, and a background is put behind them
matting      FROM/image and FROM/alpha; or FROM/fg and FROM/alpha, laid over backgrounds

Images are copied as they are, soft mattes stay soft. Images in which somebody has no outline,
but a box only, are left out and told. What is in OUT already is left alone, so the
same command goes on after it was stopped. Files that cannot be converted are named, the others
written; it then ends with 1.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from figureground.cli import in_short
from figureground.cli.progress import Progress
from figureground.counts import counted
from figureground.datasets.convert import convert
from figureground.datasets.items import (
    TOLD,
    Item,
    Wanted,
    find_backdrop,
    leave_out_unoutlined,
)
from figureground.datasets.layouts import LAYOUTS, guess_layout
from figureground.datasets.pairs import some
from figureground.matting.background import parse_color


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this tool takes."""
    parser.add_argument("source", type=Path, metavar="FROM", help="a folder, or an annotation file")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="OUT", help="the new data set's folder"
    )  # fmt: skip
    parser.add_argument(
        "--format", choices=list(LAYOUTS), help="what FROM is (guessed where there is no doubt)"
    )
    parser.add_argument(
        "--class", action="append", default=[], dest="classes", metavar="NAME",
        help="what counts as a person where classes have names (default: people); may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--images", type=Path, metavar="DIR", help="where the images are, if they are elsewhere"
    )
    parser.add_argument(
        "--empty", action="store_true", help="take images without people too, with black masks"
    )
    parser.add_argument(
        "--incomplete", action="store_true",
        help="take images too in which somebody has no outline, but a box only or an empty one; "
        "they count as background there",
    )  # fmt: skip
    parser.add_argument(
        "--backgrounds", type=Path, metavar="DIR", help="images to put behind cutouts"
    )
    parser.add_argument(
        "--color", default="gray", help="what else is behind them (default gray; #00ff00, …)"
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("-q", "--quiet", action="store_true", help="print only what failed")
    output.add_argument("--json", action="store_true", help="print counts and failures as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Convert, and say what became of it."""
    wanted = Wanted(
        classes=tuple(arguments.classes),
        images=arguments.images,
        empty=arguments.empty,
        backdrop=find_backdrop(parse_color(arguments.color), arguments.backgrounds),
    )
    layout = arguments.format or guess_layout(arguments.source)
    items = LAYOUTS[layout].read(arguments.source, wanted)
    left_out: list[Item] = []
    if not arguments.incomplete:
        items, left_out = leave_out_unoutlined(items, of=arguments.source)
    return write_all(items, arguments, label=layout, left_out=left_out)


def write_all(
    items: Sequence[Item],
    arguments: argparse.Namespace,
    *,
    label: str,
    left_out: Sequence[Item] = (),
) -> int:
    """Write a data set to `arguments.output` with progress, and say what became of it.

    left_out: images that are not converted, since somebody in them has no outline.
    """
    progress = Progress(len(items), unit="images", shown=False if arguments.quiet else None)
    written, failures = 0, 0
    failed: dict[str, str] = {}
    for outcome in convert(items, arguments.output):
        written += outcome.written
        if outcome.error:
            failures += 1
            line = in_short(outcome.error)
            before = failed.get(outcome.name)
            failed[outcome.name] = f"{before}; {line}" if before else line
            if not arguments.json:
                progress.clear()
                print(f"failed: {line}", file=sys.stderr)
        progress.advance()
    progress.finish()
    there = len(items) - written - failures
    if arguments.json:
        counts = {"format": label, "written": written, "there_already": there, "failed": failed}
        if left_out:
            counts["left_out"] = {item.name: _why_left_out(item) for item in left_out}
        print(json.dumps(counts, indent=2))
        return 1 if failed else 0
    if left_out:
        print(in_short(_tell_left_out(left_out)), file=sys.stderr)
    if not arguments.quiet:
        print(f"{label}: {written} written, {there} there already, {failures} failed")
    return 1 if failed else 0


def _why_left_out(item: Item) -> str:
    return f"{item.unoutlined} of {item.people} people have no outline{item.told}"


def _tell_left_out(items: Sequence[Item]) -> str:
    named = tuple(f"{item.name[:TOLD]}{item.told[:TOLD]}" for item in items)
    return (
        f"left out: {counted(len(items), 'images')} in which somebody has no outline, but a box only or an "
        f"empty one; --incomplete takes them: {some(named)}"
    )
