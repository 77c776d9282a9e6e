"""Look after the images and masks that networks learn from and are measured on.

A data set is a folder that holds images and, for each, a mask of the same name:

    people/images/anna.jpg    the image
    people/masks/anna.png     white where the person is, black elsewhere, grey where it is both

or a manifest, a CSV file with the columns image and mask (or a .jsonl file, an object a line with
these keys), with paths relative to it. Every command that takes the one takes the other.
"""

import argparse
from importlib import import_module

from figureground.cli.measurement import add_budget
from figureground.resources import limited_to

TOOLS = {
    "check": "find what is missing, broken, odd, or there twice",
    "convert": "bring COCO, CVAT, LabelMe, YOLO, cutouts and others to images/ and masks/",
    "polish": "give coarse masks the edges that a network sees",
    "plain": "draw images of nothing, so that a network does not see people in walls",
    "split": "part a data set into one to train on and one to be judged by",
    "pack": "bring a data set into few large files, for disks far away",
    "preview": "see what a network will see in training, before and after augmentation",
}

UNREAD = ("plain",)  # tools that read no images


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the tools and what each takes."""
    parser.epilog = "`figureground data TOOL --help` explains each."
    tools = parser.add_subparsers(dest="tool", metavar="TOOL", required=True)
    for name, summary in TOOLS.items():
        module = import_module(f"figureground.cli.data_{name}")
        tool = tools.add_parser(name, help=summary, description=module.__doc__, allow_abbrev=False)
        tool.formatter_class = argparse.RawDescriptionHelpFormatter
        module.add_arguments(tool)
        if name not in UNREAD:
            add_budget(tool)
        tool.set_defaults(use=module.run)


def run(arguments: argparse.Namespace) -> int:
    """Use the tool that was asked for."""
    with limited_to(getattr(arguments, "max_memory", None)):
        return int(arguments.use(arguments))
