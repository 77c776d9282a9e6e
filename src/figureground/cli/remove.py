"""Take the background away from pictures.

  figureground remove photo.jpg                    writes photo.cutout.png beside it
  figureground remove photo.jpg -o person.png      writes person.png
  figureground remove holiday/ -o cutouts/         all pictures of a folder, its sub-folders too
  figureground remove photo.jpg --background '#00ff00' -o green.jpg

Pictures stay as they are: results get names of their own. What cannot be read or written is said
at the end, and stops nothing else.
"""

import argparse
import sys
from pathlib import Path

from figureground.engines.litert import cores
from figureground.errors import FiguregroundError, PictureError
from figureground.jobs.many import Result, remove_many
from figureground.jobs.outputs import (
    OUTPUTS,
    Look,
    is_picture_name,
    parse_kinds,
    read_background,
    write_outputs,
)
from figureground.jobs.remover import Remover
from figureground.media.encode import check_format
from figureground.media.paths import Task, check_targets, find_pictures, plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument("inputs", nargs="+", type=Path, metavar="PICTURE", help="files and folders")
    parser.add_argument(
        "-o", "--out", type=Path, metavar="PATH", help="a file for one result, a folder for many"
    )
    parser.add_argument(
        "--output", metavar="KINDS",
        help=f"what to write, one or several of {','.join(OUTPUTS)} "
        "(default cutout; composite where there is a background)",
    )  # fmt: skip
    parser.add_argument(
        "--background", metavar="COLOUR|PICTURE",
        help="what to put behind the person, '#00ff00', white, or a picture that is made to cover",
    )  # fmt: skip
    parser.add_argument(
        "--model", default="lite", metavar="NAME|FILE", help="network to use (default lite)"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")


def run(arguments: argparse.Namespace) -> int:
    """Plan, work, report."""
    look = Look()
    if arguments.background is not None:
        look = Look(background=read_background(arguments.background))
    tasks = plan_tasks(arguments)
    workers = min(len(tasks), cores())
    threads = max(1, cores() // workers)
    removers = [Remover(arguments.model, threads=threads) for _ in range(workers)]
    failures = 0
    for result in remove_many(
        tasks, removers, lambda cutout, task: write_outputs(cutout, task, look)
    ):
        failures += result.error is not None
        report(result, quiet=arguments.quiet)
    if failures and len(tasks) > 1:
        print(f"figureground: {failures} of {len(tasks)} pictures failed", file=sys.stderr)
    return 1 if failures else 0


def report(result: Result, *, quiet: bool) -> None:
    """Say what became of one picture."""
    if result.error is not None:
        error = result.error
        known = isinstance(error, FiguregroundError)
        what = str(error) if known else f"{result.task.source}: {type(error).__name__}: {error}"
        print(f"figureground: {what}", file=sys.stderr)
    elif not quiet:
        for path in result.task.targets.values():
            print(path)


def plan_tasks(arguments: argparse.Namespace) -> list[Task]:
    """What to do, from what was said. Raises PictureError before anything is begun."""
    default = "cutout" if arguments.background is None else "composite"
    kinds = parse_kinds(arguments.output or default)
    suffixes = {kind: ".png" for kind in kinds}
    pictures = find_pictures(arguments.inputs, kinds=OUTPUTS)
    if arguments.out is None or not is_picture_name(arguments.out):
        return plan(pictures, out=arguments.out, suffixes=suffixes)
    if len(pictures) * len(kinds) > 1:
        raise PictureError(
            f"{len(pictures) * len(kinds)} results do not fit into the one file "
            f"{str(arguments.out)!r}; give a folder, without an ending"
        )
    check_format(arguments.out, alpha=kinds[0] == "cutout")
    tasks = [Task(source=pictures[0].path, targets={kinds[0]: arguments.out})]
    check_targets(tasks)
    return tasks
