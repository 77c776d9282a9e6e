"""Take the background away from pictures and videos.

  figureground remove photo.jpg                    writes photo.cutout.png beside it
  figureground remove photo.jpg -o person.png      writes person.png
  figureground remove holiday/ -o cutouts/         all pictures of a folder, its sub-folders too
  figureground remove photo.jpg --background '#00ff00' -o green.jpg
  figureground remove clip.mp4 -o clip.webm        a video with transparency and its sound

Pictures stay as they are: results get names of their own. What cannot be read or written is said
at the end, and stops nothing else.
"""

import argparse
import sys
from pathlib import Path

from figureground.arrays import Size
from figureground.cli import clip_options
from figureground.engines.litert import cores
from figureground.errors import FiguregroundError, PictureError
from figureground.jobs.look import WHITE, Look, read_background
from figureground.jobs.many import Result, remove_many
from figureground.jobs.outputs import (
    OUTPUTS,
    TRANSPARENT,
    is_picture_name,
    parse_kinds,
    write_outputs,
)
from figureground.jobs.remover import Remover
from figureground.media.encode import Encoding, check_format
from figureground.media.paths import Task, check_targets, find_pictures, plan, read_list
from figureground.media.sources import MAX_PIXELS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what this verb takes."""
    parser.add_argument(
        "inputs", nargs="*", type=Path, metavar="PICTURE", help="files, folders, '**/*.jpg'"
    )
    parser.add_argument(
        "--list", type=Path, metavar="FILE", help="a text file of paths, one a line"
    )
    parser.add_argument(
        "-o", "--out", type=Path, metavar="PATH", help="a file for one result, a folder for many"
    )
    parser.add_argument(
        "--output", metavar="KINDS",
        help=f"what to write, one or several of {','.join(OUTPUTS)} "
        "(default cutout; composite where there is a background)",
    )  # fmt: skip
    parser.add_argument(
        "--background", metavar="WHAT",
        help="what to put behind the person: '#00ff00', white, gradient:white,skyblue, blur:20 "
        "(its own, blurred by so many pixels), or a picture that is made to cover",
    )  # fmt: skip
    parser.add_argument(
        "--model", default="lite", metavar="NAME|FILE", help="network to use (default lite)"
    )
    edge = parser.add_argument_group("the matte", "before anything is made of it")
    edge.add_argument("--feather", type=float, default=0, metavar="PIXELS", help="soften its edge")
    edge.add_argument(
        "--grow", type=int, default=0, metavar="PIXELS", help="widen it; narrow it if negative"
    )
    edge.add_argument("--threshold", type=float, metavar="LEVEL", help="make it hard, at 0.5 say")
    edge.add_argument(
        "--min-area", type=int, default=0, metavar="PIXELS", help="drop what is smaller"
    )
    edge.add_argument("--largest", action="store_true", help="keep only the largest person")
    frame = parser.add_argument_group("the frame")
    frame.add_argument(
        "--crop", type=float, nargs="?", const=0.05, metavar="MARGIN",
        help="to the person, with a margin as a share of the person's size (default 0.05)",
    )  # fmt: skip
    frame.add_argument(
        "--canvas", type=canvas_size, metavar="WIDTHxHEIGHT", help="person centred, scaled to fit"
    )
    frame.add_argument("--shadow", action="store_true", help="a soft shadow behind the person")
    files = parser.add_argument_group("the files")
    files.add_argument("--quality", type=int, help="of JPEG, WebP and AVIF, 0 to 100")
    files.add_argument("--lossless", action="store_true", help="WebP without any loss")
    files.add_argument("--strip", action="store_true", help="leave EXIF out (it is kept)")
    files.add_argument(
        "--max-pixels", type=int, default=MAX_PIXELS, metavar="N",
        help=f"refuse larger pictures (default {MAX_PIXELS})",
    )  # fmt: skip
    clip_options.add_arguments(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="print nothing but errors")


def canvas_size(text: str) -> Size:
    """`800x600` as rows and columns."""
    width, _, height = text.lower().partition("x")
    return int(height), int(width)  # argparse turns a ValueError into a line about usage


def look_from(arguments: argparse.Namespace) -> Look:
    """What results shall look like. Raises FiguregroundError where that makes no sense."""
    background = WHITE if arguments.background is None else read_background(arguments.background)
    return Look(
        background=background,
        feather=arguments.feather,
        grow=arguments.grow,
        threshold=arguments.threshold,
        min_area=arguments.min_area,
        largest=arguments.largest,
        shadow=arguments.shadow,
        crop=arguments.crop,
        canvas=arguments.canvas,
    )


def run(arguments: argparse.Namespace) -> int:
    """Plan, work, report."""
    clips = clip_options.take_clips(arguments)
    if clips is not None and not (arguments.inputs or arguments.list):
        return clips
    look = look_from(arguments)
    tasks = plan_tasks(arguments)
    workers = min(len(tasks), cores())
    threads = max(1, cores() // workers)
    removers = [
        Remover(arguments.model, threads=threads, max_pixels=arguments.max_pixels)
        for _ in range(workers)
    ]
    encoding = Encoding(
        quality=arguments.quality, lossless=arguments.lossless, metadata=not arguments.strip
    )
    failures = 0
    for result in remove_many(
        tasks, removers, lambda cutout, task: write_outputs(cutout, task, look, encoding)
    ):
        failures += result.error is not None
        report(result, quiet=arguments.quiet)
    if failures and len(tasks) > 1:
        print(f"figureground: {failures} of {len(tasks)} pictures failed", file=sys.stderr)
    return 1 if failures or clips else 0


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
    listed = [] if arguments.list is None else read_list(arguments.list)
    if not arguments.inputs and not listed:
        raise PictureError("give a picture or a folder, or a --list of them")
    pictures = find_pictures([*arguments.inputs, *listed], kinds=OUTPUTS)
    if arguments.out is None or not is_picture_name(arguments.out):
        return plan(pictures, out=arguments.out, suffixes=suffixes)
    if len(pictures) * len(kinds) > 1:
        raise PictureError(
            f"{len(pictures) * len(kinds)} results do not fit into the one file "
            f"{str(arguments.out)!r}; give a folder, without an ending"
        )
    check_format(arguments.out, alpha=kinds[0] in TRANSPARENT)
    tasks = [Task(source=pictures[0].path, targets={kinds[0]: arguments.out})]
    check_targets(tasks)
    return tasks
