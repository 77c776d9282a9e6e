"""Take the background away from pictures and videos.

  figureground remove photo.jpg                    writes photo.cutout.png beside it
  figureground remove photo.jpg -o person.png      writes person.png
  figureground remove holiday/ -o cutouts/         all pictures of a folder, its sub-folders too
  figureground remove photo.jpg --background '#00ff00' -o green.jpg
  figureground remove clip.mp4 -o clip.webm        a video with transparency and its sound
  figureground remove - -o - < photo.jpg > person.png

Pictures stay as they are: results get names of their own. A picture that cannot be read or written
is said, and stops no other. Stopped in the middle, the same command does only the rest: a journal
among the results knows what is done. Exit code: 0 all done, 1 some failed, 2 misuse, 130 Ctrl-C.
"""

import argparse
import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from figureground import __version__
from figureground.cli import batch
from figureground.cli.remove_options import add_arguments
from figureground.engines.litert import cores
from figureground.errors import PictureError
from figureground.jobs import journal
from figureground.jobs.backdrop import read_background
from figureground.jobs.look import Look
from figureground.jobs.many import Write
from figureground.jobs.outputs import (
    OUTPUTS,
    TRANSPARENT,
    encode_outputs,
    is_picture_name,
    parse_kinds,
    write_outputs,
)
from figureground.jobs.remover import Cutout, Remover
from figureground.media.encode import Encoding, check_format
from figureground.media.paths import VIDEOS, Task, check_targets, find_pictures, plan, read_list
from figureground.models.shipped import find_model

__all__ = ["add_arguments", "run"]

PIPE = Path("-")
# What a picture's results depend on, and so what the journal goes by.
SETTINGS = ("output", "format", "background", "model", "feather", "grow", "threshold", "min_area",
            "largest", "crop", "canvas", "size", "aspect", "background_fit",
            "flip_background", "shadow", "quality", "lossless", "strip", "no_steady")  # fmt: skip


def look_from(arguments: argparse.Namespace) -> Look:
    """What results shall look like. Raises FiguregroundError where that makes no sense."""
    fit, flip = arguments.background_fit, arguments.flip_background
    background = read_background(arguments.background or "white", fit=fit, flip=flip)
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
        aspect=arguments.aspect,
        size=arguments.size,
    )


def encoding_from(arguments: argparse.Namespace) -> Encoding:
    """How files are written. Raises PictureError where that makes no sense."""
    return Encoding(
        quality=arguments.quality, lossless=arguments.lossless, metadata=not arguments.strip
    )


def run(arguments: argparse.Namespace) -> int:
    """Plan, work, report: what is elsewhere; or videos first, then pictures."""
    if any(isinstance(place, str) for place in (*arguments.inputs, arguments.out)):
        from figureground.cli.remote import remove_remote  # only who asks for it pays for it

        return remove_remote(arguments)
    if not any(path.suffix.lower() in VIDEOS for path in arguments.inputs):
        return remove_pictures(arguments)
    from figureground.cli.clips import take_clips  # PyAV takes a while to load

    code = take_clips(arguments)
    if arguments.inputs or arguments.list:
        code = max(code, remove_pictures(arguments))
    return code


def remove_pictures(arguments: argparse.Namespace) -> int:
    """Plan, work, report."""
    look, encoding = look_from(arguments), encoding_from(arguments)
    if PIPE in (*arguments.inputs, arguments.out):
        return run_pipe(arguments, look, encoding)
    tasks = [] if arguments.watch else plan_tasks(arguments)
    if arguments.dry_run:
        for target in (target for task in tasks for target in task.targets.values()):
            print(target)
        return 0
    job = batch_from(
        arguments,
        load_removers(arguments, cores() if arguments.watch else len(tasks)),
        lambda cutout, task: write_outputs(cutout, task, look, encoding),
    )
    if arguments.watch:
        if arguments.out is None:
            raise PictureError("--watch needs a folder for the results: -o FOLDER")
        watched = open_journal(arguments, arguments.out)
        watched.begin()
        batch.watch(lambda: plan_tasks(arguments), replace(job, journal=watched))
    if len(tasks) > 1:
        folders = {target.parent.resolve() for task in tasks for target in task.targets.values()}
        job = replace(job, journal=open_journal(arguments, Path(os.path.commonpath(folders))))
    return batch.run_batch(tasks, job)


def batch_from(arguments: argparse.Namespace, removers: list[Remover], write: Write) -> batch.Batch:
    """How the job is run, as was asked."""
    return batch.Batch(
        removers=removers,
        write=write,
        overwrite=arguments.overwrite,
        skip_existing=arguments.skip_existing,
        fail_fast=arguments.fail_fast,
        on_empty=arguments.on_empty,
        quiet=arguments.quiet,
        lines=arguments.json,
    )


def load_removers(
    arguments: argparse.Namespace, tasks: int, kind: Callable[..., Remover] = Remover
) -> list[Remover]:
    """A network for each picture that is worked on at once; cores are shared between them."""
    workers = max(1, min(tasks, cores()))
    threads = max(1, cores() // workers)
    return [
        kind(
            arguments.model,
            threads=threads,
            max_pixels=arguments.max_pixels,
            still=not arguments.no_steady,
        )
        for _ in range(workers)
    ]


def open_journal(arguments: argparse.Namespace, folder: Path) -> journal.Journal:
    """The journal of a folder of results, for results that look as is asked now."""
    return journal.Journal(folder / journal.NAME, settings=settings_of(arguments))


def settings_of(arguments: argparse.Namespace) -> str:
    """What decides how results look, for the journal."""
    asked = {name: getattr(arguments, name) for name in SETTINGS}
    files = [
        find_model(arguments.model),
        *([Path(asked["background"])] if asked["background"] else []),
    ]
    text = repr((__version__, asked, [journal.stamp(path) for path in files]))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def run_pipe(arguments: argparse.Namespace, look: Look, encoding: Encoding) -> int:
    """One picture from standard input, or to standard output, or both."""
    kinds = wanted_kinds(arguments)
    if len(arguments.inputs) != 1 or len(kinds) != 1 or arguments.list or arguments.out is None:
        raise PictureError("a pipe takes one picture, one --output and -o: remove - -o -")
    source = sys.stdin.buffer.read() if arguments.inputs[0] == PIPE else arguments.inputs[0]
    to_pipe = arguments.out == PIPE
    target = Path(f"result.{arguments.format}") if to_pipe else arguments.out
    check_format(target, alpha=kinds[0] in TRANSPARENT)
    task = Task(source=arguments.inputs[0], targets={kinds[0]: target})

    def write(cutout: Cutout, task: Task) -> None:
        if to_pipe:
            for _, data in encode_outputs(cutout, task.targets, look, encoding):
                sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            write_outputs(cutout, task, look, encoding)

    (remover,) = load_removers(arguments, 1)
    batch.on_empty(arguments.on_empty, write)(remover.remove(source), task)
    return 0


def wanted_kinds(arguments: argparse.Namespace) -> tuple[str, ...]:
    """The kinds of output that are asked for."""
    default = "cutout" if arguments.background is None else "composite"
    return parse_kinds(arguments.output or default)


def plan_tasks(arguments: argparse.Namespace) -> list[Task]:
    """What to do, from what was said. Raises PictureError before anything is begun."""
    kinds = wanted_kinds(arguments)
    suffixes = {kind: f".{arguments.format}" for kind in kinds}
    listed = [] if arguments.list is None else read_list(arguments.list)
    if not arguments.inputs and not listed:
        raise PictureError("give a picture or a folder, or a --list of them")
    for kind in kinds:
        check_format(Path(f"result.{arguments.format}"), alpha=kind in TRANSPARENT)
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
